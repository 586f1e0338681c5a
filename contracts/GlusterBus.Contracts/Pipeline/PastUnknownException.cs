using GlusterBus.Contracts.Messages;

namespace GlusterBus.Contracts.Pipeline;

/// <summary>A past state was asked for from before the record begins.</summary>
/// <param name="knownSince">From when on the past is known.</param>
public sealed class PastUnknownException(DateTimeOffset knownSince)
    : Exception($"what was before {TransitionJson.Time(knownSince)} is not known here: the record begins there")
{
    /// <summary>From when on the past is known.</summary>
    public DateTimeOffset KnownSince => knownSince;
}
