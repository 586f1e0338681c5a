namespace GlusterBus.Router.Decisions;

/// <summary>Why an observation led to no announced transition. A closed set: it labels the counters.</summary>
public enum Suppression
{
    /// <summary>It was announced.</summary>
    None = 0,

    /// <summary>The stream's sequence says that it was applied before a crash or reconnect.</summary>
    AlreadyApplied,

    /// <summary>The same source of the same node said so before.</summary>
    SameSource,

    /// <summary>Another source of the same node said so before.</summary>
    OtherSource,

    /// <summary>Another node said so before.</summary>
    OtherNode,

    /// <summary>It is older than what is known already.</summary>
    Late,

    /// <summary>A sign that only a look at the cluster can confirm.</summary>
    Hint,

    /// <summary>The present state can't be ended by this kind of claim.</summary>
    CannotEnd,

    /// <summary>A sender outside the cluster tried to clear a state or to change attributes.</summary>
    Untrusted,

    /// <summary>It waits for its hold time to pass.</summary>
    Held,

    /// <summary>The bad state was over before its hold time had passed.</summary>
    HoldCancelled,

    /// <summary>It is what the volume's own state leads one to expect, or health that nobody doubted.</summary>
    Expected,

    /// <summary>It tells more about something known, and changes nothing.</summary>
    Enrichment,

    /// <summary>One node repeats its dissent; the others are of another opinion.</summary>
    Outvoted,

    /// <summary>No such kind, or no such state of the kind.</summary>
    Invalid,
}

/// <summary>The names of <see cref="Suppression"/> for labels and people.</summary>
public static class Suppressions
{
    private static readonly string[] Names =
    [
        "published", "already-applied", "same-source", "other-source", "other-node", "late", "hint", "cannot-end", "untrusted", "held",
        "hold-cancelled", "expected", "enrichment", "outvoted", "invalid",
    ];

    public static IReadOnlyList<Suppression> All { get; } = Enum.GetValues<Suppression>();

    public static string Name(this Suppression suppression) => Names[(int)suppression];
}
