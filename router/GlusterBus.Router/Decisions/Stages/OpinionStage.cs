namespace GlusterBus.Router.Decisions.Stages;

/// <summary>Settles what several nodes' snapshots say of the same thing: a changed opinion is news; one that merely repeats its dissent counts
/// only together with more than half of the nodes that have an opinion, each formed after the last change.</summary>
/// <remarks>Without it a node with a stale store would turn a volume's state back and forth at every look. The votes of a later
/// stage weigh live reports; this one only keeps snapshots from quarrelling. A silent collector has no vote.</remarks>
internal static class OpinionStage
{
    public static Suppression Judge(Case c)
    {
        if (c.Snapshot is null || c.Before is null || c.IsGone || c.Observation.State is null)
        {
            return Suppression.None;
        }

        bool isDissent = c.ChangesState || c.HasChanged;
        if (isDissent && IsTooCloseToCall(c))
        {
            return Suppression.Late;
        }

        ulong opinion = Digest.Of(c.Observation);
        Witness? own = c.Entry.Witnesses.GetValueOrDefault(c.Observation.Node);
        bool isNews = own is not { HasOpinion: true } || own.Opinion != opinion;
        if (isNews || !isDissent)
        {
            return Suppression.None;
        }

        Moment changed = c.Entry.Changed;
        List<KeyValuePair<string, Witness>> others = [.. c.Entry.Witnesses.Where(w => w.Key != c.Observation.Node && w.Value.HasOpinion && !c.State.IsSilent(w.Key))];
        int holders = 1 + others.Count;
        int agreeing = 1 + others.Count(w => w.Value.Opinion == opinion && w.Value.OpinionAt > c.State.Clocks.Translate(changed, w.Key));
        if (agreeing * 2 > holders)
        {
            return Suppression.None;
        }

        c.Changed.Clear();
        c.Entry = c.Before;
        c.IsDurable = false;
        c.Witnessed();
        return Suppression.Outvoted;
    }

    /// <summary>A look that began about when another node's change happened may have missed it; the node's next look decides.</summary>
    private static bool IsTooCloseToCall(Case c) =>
        !c.Entry.IsByNode(c.Observation.Node) && c.Observation.ObservedAt <= c.ByOwnClock(c.Entry.Changed) + Absence.Margin;
}
