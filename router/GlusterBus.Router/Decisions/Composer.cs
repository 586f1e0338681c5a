using System.Collections.Immutable;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Router.Decisions;

/// <summary>Writes what was decided: the entry as it is from now on, and the transition that tells of it.</summary>
internal static class Composer
{
    /// <summary>Applies the case to its entry and returns the transition. A quiet one keeps the sequence, so that receivers see no gap.</summary>
    public static Transition Apply(Case c, bool isAnnounced, string cluster)
    {
        Observation o = c.Observation;
        StateEntry before = c.Entry;
        bool changesState = c.ChangesState;
        bool isOverdue = !changesState && o.State is not null && o.Occurrence is null && !c.HasChanged;
        TransitionReason reason = ReasonOf(c, changesState || isOverdue);
        c.Witnessed();
        string? next = o.Occurrence is null ? o.State ?? before.State : before.State;
        Severity severity = o.Occurrence is not null ? o.OccurrenceSeverity
            : changesState || isOverdue ? c.Kind.SeverityOf(next) : Severity.Info;
        bool isBad = severity is Severity.Unknown or >= Severity.Warning;
        c.Entry = c.Entry with
        {
            State = next,
            Since = changesState ? o.ObservedAt : before.Since == default ? o.ObservedAt : before.Since,
            ChangedAt = o.ObservedAt,
            By = c.Observer,
            Settled = changesState || isOverdue ? c.When : before.Settled,
            Sequence = isAnnounced ? Math.Max(before.Sequence, c.State.SequenceBase) + 1 : before.Sequence,
            AnnouncedBad = (isAnnounced || c.WasAnnounced) && (changesState || isOverdue) ? isBad : before.AnnouncedBad,
            Explained = before.Explained || (o.Occurrence is not null && c.Kind.AttributesAreNews),
            Held = changesState ? null : before.Held,
            Occurrences = o.Occurrence is null ? before.Occurrences : Remember(before.Occurrences, new RecentOccurrence(Digest.Of(o), o.ObservedAt, o.Node)),
        };
        return Compose(c, cluster, reason, severity, o.Occurrence ?? (changesState || isOverdue ? next! : ChangeName(c)), before.State, next);
    }

    /// <summary>A quiet record of attributes that describe.</summary>
    public static Transition Describe(Case c, string cluster) =>
        Compose(c, cluster, TransitionReason.AttributesChanged, Severity.Info, "described", c.Entry.State, c.Entry.State);

    /// <summary>A quiet record of a state that is seen again, and is what it was.</summary>
    public static Transition Unveil(Case c, string cluster) =>
        Compose(c, cluster, c.Snapshot is null ? TransitionReason.StateChanged : TransitionReason.Reconciled, c.Entry.Severity, c.Entry.State!, StateEntry.Unseen, c.Entry.State);

    /// <summary>A quiet record that nobody who is heard looks at an entity any more.</summary>
    /// <param name="silence">The transition that tells who fell silent last.</param>
    public static Transition Veil(StateEntry veiled, Transition silence) => new()
    {
        Cluster = silence.Cluster,
        Entity = veiled.Entity,
        Sequence = veiled.Sequence,
        Change = StateEntry.Unseen,
        Previous = veiled.Veil!.State,
        Current = StateEntry.Unseen,
        Severity = veiled.Severity,
        Reason = TransitionReason.StateChanged,
        Cause = silence.Id,
        Attributes = veiled.Attributes,
        Evidence = silence.Evidence,
        Observers = silence.Observers,
        Time = silence.Time,
        RecordedAt = silence.RecordedAt,
    };

    private static Transition Compose(Case c, string cluster, TransitionReason reason, Severity severity, string change, string? previous, string? next) => new()
    {
        Cluster = cluster,
        Entity = c.Entry.Entity,
        Sequence = c.Entry.Sequence,
        Change = change,
        Occurrence = c.Observation.Occurrence,
        Previous = previous,
        Current = next,
        Severity = severity,
        Reason = reason,
        Changed = c.Changed,
        Attributes = c.Entry.Attributes,
        Evidence = c.Observation.Evidence is { } evidence ? [evidence] : [],
        Observers = [c.Observer],
        Actor = c.Observation.Actor,
        Time = c.Observation.ObservedAt,
        RecordedAt = c.Now,
        Trusted = c.Observation.Trusted,
        TraceParent = c.TraceParent,
    };

    private static TransitionReason ReasonOf(Case c, bool isState) => c switch
    {
        { Observation.Occurrence: not null } => TransitionReason.Occurred,
        { IsGone: true } => TransitionReason.Gone,
        { IsReleased: true } => TransitionReason.HoldElapsed,
        { Snapshot.IsFirst: true } => TransitionReason.FoundAtStart,
        { Snapshot: not null } => TransitionReason.Reconciled,
        _ when !isState => TransitionReason.AttributesChanged,
        _ when c.Entry.AnnouncedBad && c.Kind.SeverityOf(c.Observation.State) < Severity.Unknown => TransitionReason.Recovered,
        _ => TransitionReason.StateChanged,
    };

    /// <summary>An attribute change found by comparison gets the name that its report would have had.</summary>
    private static string ChangeName(Case c)
    {
        if (c.Observation.Change is { } named)
        {
            return named;
        }

        bool areOptions = c.Changed.Keys.All(name => name.StartsWith("options.", StringComparison.Ordinal));
        return areOptions && c.Changed.Values.All(change => change.To is not null) ? "option-set"
            : areOptions && c.Changed.Values.All(change => change.To is null) ? "option-reset"
            : "changed";
    }

    private static ImmutableArray<RecentOccurrence> Remember(ImmutableArray<RecentOccurrence> recent, RecentOccurrence occurrence) =>
        (recent.Length < StateEntry.MaximumOccurrences ? recent : recent.RemoveAt(0)).Add(occurrence);
}
