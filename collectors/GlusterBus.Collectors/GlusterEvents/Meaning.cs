using System.Diagnostics.CodeAnalysis;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.GlusterEvents;

/// <summary>What an event says.</summary>
/// <param name="Observations">The facts and hints in it.</param>
/// <param name="Reconcile">Set when a fresh look at the cluster should confirm or complete it, with how long to wait before.</param>
public sealed record Meaning(IReadOnlyList<Observation> Observations, TimeSpan? Reconcile = null)
{
    /// <summary>How long a look waits that only adds details: long enough that one look serves all the datagrams of one command.</summary>
    internal static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(500);

    /// <summary>Nothing stays nothing, so that a subject's table can end with null.</summary>
    [return: NotNullIfNotNull(nameof(observation))]
    public static implicit operator Meaning?(Observation? observation) => observation is null ? null : new([observation]);

    internal static Meaning Of(params Observation[] observations) => new(observations);

    /// <summary>The fact stands, but details are wanted.</summary>
    internal Meaning Enriched() => this with { Reconcile = Soon };

    /// <summary>Nothing is certain before a look.</summary>
    internal Meaning Confirmed() => this with { Reconcile = TimeSpan.Zero };
}
