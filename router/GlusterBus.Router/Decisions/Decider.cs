using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Decisions.Stages;

namespace GlusterBus.Router.Decisions;

/// <summary>What became of one observation.</summary>
/// <param name="Observation">As it came, or as it was resolved.</param>
/// <param name="Suppression">Why nothing was announced; <see cref="Suppression.None"/> when something was.</param>
/// <param name="Transition">What was announced.</param>
public readonly record struct Outcome(Observation Observation, Suppression Suppression, Transition? Transition);

/// <summary>A transition to be stored; only an announced one is delivered.</summary>
/// <param name="Transition">The change.</param>
/// <param name="IsAnnounced">False for a quiet change, stored so that <c>state --at</c> tells the truth.</param>
public sealed record RecordedTransition(Transition Transition, bool IsAnnounced);

/// <summary>Decides what changed: a pure function of the state, the observations and the time.</summary>
/// <remarks>The stages run in this order, each in a file of its own. Fusion (one fact from many reports) has its place before
/// <see cref="LateStage"/>, votes before <see cref="RepeatStage"/>, inhibition by cause after <see cref="ExpectationStage"/>, flapping last.</remarks>
internal sealed partial class Decider(RouterOptions options)
{
    private static readonly Stage[] Stages =
    [
        ResolveStage.Judge,
        TrustStage.Judge,
        LateStage.Judge,
        VeilStage.Judge,
        AttributeStage.Judge,
        OpinionStage.Judge,
        CoverStage.Judge,
        RepeatStage.Judge,
        UnlessStage.Judge,
        HoldStage.Judge,
        ExpectationStage.Judge,
    ];

    /// <summary>Applies a batch to the working state, adding what is to be stored to <paramref name="recorded"/>.</summary>
    public IReadOnlyList<Outcome> Decide(WorkingState state, ObservationBatch batch, DateTimeOffset now, List<RecordedTransition> recorded)
    {
        AppliedSequence? last = state.LastOf(batch.Stream);
        bool isRetold = IsRetold(state, batch.Snapshot);
        bool isBaseline = batch.Snapshot is not null && (last is null || isRetold);
        NoteHeard(state, batch, now);
        var outcomes = new List<Outcome>(batch.Observations.Count);
        foreach (Observation observation in InOrder(batch))
        {
            if (last is { } applied && (batch.Epoch < applied.Epoch || (batch.Epoch == applied.Epoch && observation.Sequence <= applied.Sequence)))
            {
                outcomes.Add(new Outcome(observation, Suppression.AlreadyApplied, null));
                continue;
            }

            state.Advance(batch.Stream, new AppliedSequence(batch.Epoch, observation.Sequence));
            outcomes.Add(Run(new Case
            {
                Observation = observation,
                State = state,
                Options = options,
                Now = now,
                Snapshot = batch.Snapshot,
                IsBaseline = isBaseline,
                IsRetold = isRetold,
                TraceParent = batch.TraceParent,
            }, recorded));
            outcomes.AddRange(EndParts(state, outcomes[^1], now, recorded));
        }

        if (batch.Snapshot is { } snapshot)
        {
            if (batch.Observations.Count == 0 || outcomes[^1].Suppression != Suppression.AlreadyApplied)
            {
                state.Watch.Looked(snapshot.Witness);
            }

            IReadOnlyList<Observation> gone = Absence.Find(state, snapshot, batch.Observations);
            foreach (Observation observation in gone)
            {
                outcomes.Add(Run(new Case
                {
                    Observation = observation,
                    State = state,
                    Options = options,
                    Now = now,
                    Snapshot = snapshot,
                    IsGone = true,
                    TraceParent = batch.TraceParent,
                }, recorded));
                outcomes.AddRange(EndParts(state, outcomes[^1], now, recorded));
            }
        }

        return outcomes;
    }

    /// <summary>Announces the held claims that have fallen due.</summary>
    public IReadOnlyList<Outcome> Release(WorkingState state, IReadOnlyList<StateEntry> due, DateTimeOffset now, List<RecordedTransition> recorded)
    {
        var outcomes = new List<Outcome>(due.Count);
        foreach (StateEntry entry in due)
        {
            StateEntry present = state.Find(entry.Entity)!;
            if (present.Held is not { } held || held.Due > now)
            {
                continue;
            }

            state.Put(present with { Held = null }, durable: true);
            outcomes.Add(Run(new Case { Observation = held.Claim, State = state, Options = options, Now = now, IsReleased = true, TraceParent = held.TraceParent }, recorded));
        }

        return outcomes;
    }

    /// <summary>A look shows one instant: its volumes come first, so that what their parts do can be judged by them.</summary>
    private static IEnumerable<Observation> InOrder(ObservationBatch batch) =>
        batch.Snapshot is null ? batch.Observations : batch.Observations.OrderBy(observation => observation.Entity.IsWithin("volume/") ? 0 : 1);

    private Outcome Run(Case c, List<RecordedTransition> recorded)
    {
        Suppression ruling = Suppression.None;
        foreach (Stage stage in Stages)
        {
            ruling = stage(c);
            if (ruling != Suppression.None)
            {
                break;
            }
        }

        switch (ruling)
        {
            case Suppression.SameSource or Suppression.OtherSource or Suppression.OtherNode when ReferenceEquals(c.Entry, c.Before):
                // By far the most frequent: it was told again, and that is all.
                return new Outcome(c.Observation, ruling, null);

            case Suppression.None or Suppression.Expected:
                bool isAnnounced = ruling == Suppression.None;
                Transition transition = Composer.Apply(c, isAnnounced, options.Cluster);
                recorded.Add(new RecordedTransition(transition, isAnnounced));
                c.State.Put(c.Entry, durable: true);
                return new Outcome(c.Observation, ruling, isAnnounced ? transition : null);

            case Suppression.Held when c.Before?.Veil is not null:
                // The claim waits, so nobody has said yet what the entity is: the veil stays.
                c.State.Put(c.Entry with { State = c.Before.State, Since = c.Before.Since, Veil = c.Before.Veil }, c.IsDurable);
                return new Outcome(c.Observation, ruling, null);

            case Suppression.SameSource or Suppression.OtherSource or Suppression.OtherNode or Suppression.HoldCancelled or Suppression.Enrichment
                when c.Before?.Veil is not null && c.Entry.Veil is null:
                c.State.Put(c.Entry, durable: true);
                recorded.Add(new RecordedTransition(Composer.Unveil(c, options.Cluster), IsAnnounced: false));
                return new Outcome(c.Observation, ruling, null);

            case Suppression.Enrichment:
                c.State.Put(c.Entry, c.IsDurable);
                recorded.Add(new RecordedTransition(Composer.Describe(c, options.Cluster), IsAnnounced: false));
                return new Outcome(c.Observation, ruling, null);

            case Suppression.SameSource or Suppression.OtherSource or Suppression.OtherNode or Suppression.Held or Suppression.HoldCancelled or Suppression.Outvoted:
                c.State.Put(c.Entry, c.IsDurable);
                return new Outcome(c.Observation, ruling, null);

            default:
                return new Outcome(c.Observation, ruling, null);
        }
    }
}
