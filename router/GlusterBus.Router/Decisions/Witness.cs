using System.Text.Json.Serialization;

namespace GlusterBus.Router.Decisions;

/// <summary>What one node has said of an entity.</summary>
/// <remarks>Its times move where they stand, before any commit: that the same was told again is no change, is never stored for itself, and comes far more often
/// than changes do. A new entry for each would be most of what a busy router's memory has to be cleaned of. Who loses the table throws all of it away.</remarks>
/// <param name="seenAt"><inheritdoc cref="SeenAt" path="/summary"/></param>
/// <param name="opinion"><inheritdoc cref="Opinion" path="/summary"/></param>
/// <param name="opinionAt"><inheritdoc cref="OpinionAt" path="/summary"/></param>
public sealed class Witness(DateTimeOffset seenAt, ulong opinion, DateTimeOffset opinionAt)
{
    /// <summary>The newest instant, by the node's own clock, for which it told something. What it says of earlier instants is late.</summary>
    public DateTimeOffset SeenAt { get; private set; } = seenAt;

    /// <summary>A hash of what its last snapshot said; meaningless while <see cref="OpinionAt"/> is unset.</summary>
    public ulong Opinion { get; } = opinion;

    /// <summary>When that look began; unset when no snapshot of the node told a state of the entity.</summary>
    public DateTimeOffset OpinionAt { get; private set; } = opinionAt;

    [JsonIgnore]
    public bool HasOpinion => OpinionAt != default;

    /// <summary>The node tells of it again.</summary>
    /// <param name="opinion">A hash of what its snapshot says; null when it is no snapshot or tells no state.</param>
    /// <param name="at">When, by its own clock.</param>
    /// <returns>Itself where its opinion stays; else the one that replaces it.</returns>
    public Witness Again(ulong? opinion, DateTimeOffset at)
    {
        DateTimeOffset seenAt = at > SeenAt ? at : SeenAt;
        if (opinion is { } said && (!HasOpinion || said != Opinion))
        {
            return new Witness(seenAt, said, at);
        }

        SeenAt = seenAt;
        OpinionAt = opinion is null ? OpinionAt : at;
        return this;
    }
}
