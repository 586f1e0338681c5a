using System.Collections.Immutable;

namespace GlusterBus.Router.Decisions.Stages;

/// <summary>What is known already is no news, whoever says it again: the same source, another source, or another node.</summary>
internal static class RepeatStage
{
    /// <summary>The same occurrence told again within this time is the same one: N nodes, the CLI and a hook tell of one command.</summary>
    public static readonly TimeSpan OccurrenceWindow = TimeSpan.FromSeconds(30);

    public static Suppression Judge(Case c) => c.Observation.Occurrence is null ? JudgeState(c) : JudgeOccurrence(c);

    private static Suppression JudgeState(Case c)
    {
        if (c.ChangesState || c.HasChanged || ExpectationStage.IsOverdue(c))
        {
            return Suppression.None;
        }

        bool tellsMore = c.Before is null || !ReferenceEquals(c.Entry.Attributes, c.Before.Attributes);
        c.Witnessed();
        c.IsDurable |= tellsMore;
        if (c.Before is null)
        {
            c.Entry = c.Entry with { Since = c.Observation.ObservedAt };
        }

        // Health confirmed while a bad state waits for its hold time: the bad state is over.
        if (c.Observation.State is not null && c.Entry.Held is { } held && c.Observation.ObservedAt >= c.ByOwnClock(new Moment(held.Claim.ObservedAt, held.Claim.Node)))
        {
            c.Entry = c.Entry with { Held = null, Covered = null, Settled = c.When };
            c.IsDurable = true;
            return Suppression.HoldCancelled;
        }

        return tellsMore ? Suppression.Enrichment : Relation(c);
    }

    private static Suppression JudgeOccurrence(Case c)
    {
        ulong digest = Digest.Of(c.Observation);
        ImmutableArray<RecentOccurrence> remembered = c.Entry.Occurrences;
        foreach (RecentOccurrence recent in remembered)
        {
            if (recent.Digest == digest && (c.Observation.ObservedAt - c.ByOwnClock(recent.Moment)).Duration() <= OccurrenceWindow)
            {
                return Relation(c);
            }
        }

        // Older than all that is remembered: whether it was told before is forgotten, and telling it now would come too late.
        bool isForgotten = remembered.Length == StateEntry.MaximumOccurrences && remembered.All(recent => c.IsBefore(recent.Moment));
        return isForgotten ? Suppression.Late : Suppression.None;
    }

    private static Suppression Relation(Case c)
    {
        (string node, string source) = (c.Observation.Node, c.Observation.Source);
        return c.Entry.IsBy(node, source) ? Suppression.SameSource : c.Entry.IsByNode(node) ? Suppression.OtherSource : Suppression.OtherNode;
    }
}
