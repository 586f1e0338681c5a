using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Router.Decisions;

/// <summary>One observation on its way through the stages. A stage reads it, may refine <see cref="Entry"/>, and rules.</summary>
internal sealed class Case
{
    private SortedDictionary<string, AttributeChange>? _changed;

    public required Observation Observation { get; set; }

    public required WorkingState State { get; init; }

    public required RouterOptions Options { get; init; }

    /// <summary>The router's clock at the decision.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Set when the observation is part of a complete look.</summary>
    public Snapshot? Snapshot { get; init; }

    /// <summary>True when the snapshot's stream was never heard before: what it says is the baseline, and no news where healthy.</summary>
    public bool IsBaseline { get; init; }

    /// <summary>True when the case is a held claim whose time has come.</summary>
    public bool IsReleased { get; init; }

    /// <summary>True when the claim is "missing from a complete snapshot".</summary>
    public bool IsGone { get; init; }

    /// <summary>True when the router itself tells it, by its own clock: never late.</summary>
    public bool IsOwn { get; init; }

    /// <summary>True when it follows from the end of what the entity is a part of.</summary>
    public bool IsPart { get; init; }

    /// <summary>True for the first look of a collector that has told all this before, to a state table that was lost: what the entity is, healthy or not,
    /// the world knows already.</summary>
    public bool IsRetold { get; init; }

    /// <summary>The trace that the observation came with; null when none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>True when the world was told of the state by way of a state table that was lost.</summary>
    public bool WasAnnounced { get; set; }

    /// <summary>The entry as it will be; starts as the known one, or as a blank one.</summary>
    public StateEntry Entry { get; set; } = null!;

    /// <summary>The entry before the case; null when the entity is new.</summary>
    public StateEntry? Before { get; set; }

    /// <summary>True when the entry's change must be stored even if nothing is announced.</summary>
    public bool IsDurable { get; set; }

    /// <summary>The attributes whose change is to be announced.</summary>
    public SortedDictionary<string, AttributeChange> Changed => _changed ??= new(StringComparer.Ordinal);

    /// <summary>True when there is something in <see cref="Changed"/>. Most cases change nothing, and need no collection to say so.</summary>
    public bool HasChanged => _changed is { Count: > 0 };

    /// <summary>Set by the first stage.</summary>
    public EntityKind Kind { get; set; } = null!;

    /// <summary>When the claim says that it happened.</summary>
    public Moment When => new(Observation.ObservedAt, Observation.Node);

    public string Observer => $"{Observation.Node}/{Observation.Source}";

    /// <summary>True when the claim's state differs from the known one.</summary>
    public bool ChangesState => Observation.State is { } state && state != Entry.State;

    /// <summary>True when it is known that the claim is about an earlier moment.</summary>
    public bool IsBefore(Moment other) => State.Clocks.IsBefore(When, other);

    /// <summary>A moment of another node's by the clock of the one that claims.</summary>
    public DateTimeOffset ByOwnClock(Moment moment) => State.Clocks.Translate(moment, Observation.Node);

    /// <summary>Notes that the observing node told something of the entity at that instant.</summary>
    public void Witnessed()
    {
        (string node, DateTimeOffset at) = (Observation.Node, Observation.ObservedAt);
        ulong? opinion = Snapshot is not null && Observation.State is not null ? Digest.Of(Observation) : null;
        Witness? before = Entry.Witnesses.GetValueOrDefault(node);
        Witness after = before?.Again(opinion, at) ?? new Witness(at, opinion ?? 0, opinion is null ? default : at);
        if (after != before)
        {
            Entry = Entry with { Witnesses = Entry.Witnesses.SetItem(node, after) };
            IsDurable |= after.HasOpinion;
        }
    }
}

/// <summary>A stage: <see cref="Suppression.None"/> lets the case go on, anything else ends it.</summary>
internal delegate Suppression Stage(Case @case);
