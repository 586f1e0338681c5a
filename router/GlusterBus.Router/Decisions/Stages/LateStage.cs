namespace GlusterBus.Router.Decisions.Stages;

/// <summary>A claim about an instant before the last one that the same node told of is late: Gluster holds repeated log lines back
/// for up to 120 s. A claim about an instant before another node's change is late, too, where both clocks are known: a spool that is emptied after an
/// outage tells of the past. Clocks that are not known are never compared.</summary>
internal static class LateStage
{
    public static Suppression Judge(Case c)
    {
        if (c.IsReleased || c.IsOwn || c.Observation.Occurrence is not null)
        {
            return Suppression.None;
        }

        // An old look at a volume may lack an option that was set since, though the volume's state is the same.
        bool mayTakeBack = c.Observation.State is null || c.ChangesState || c.Kind.AttributesAreNews;
        if (mayTakeBack && c.Entry.Witnesses.TryGetValue(c.Observation.Node, out Witness? witness) && c.Observation.ObservedAt < witness.SeenAt)
        {
            return AttributeStage.IsReportOfDescribed(c, witness.SeenAt) ? Suppression.None : Suppression.Late;
        }

        return c.ChangesState && c.Entry.Settled.Node != c.Observation.Node && c.IsBefore(c.Entry.Settled) ? Suppression.Late : Suppression.None;
    }
}
