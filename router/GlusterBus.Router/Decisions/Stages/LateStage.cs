namespace GlusterBus.Router.Decisions.Stages;

/// <summary>A claim about an instant before the last one that the same node told of is late: Gluster holds repeated log lines back
/// for up to 120 s. Clocks of different nodes are never compared.</summary>
internal static class LateStage
{
    public static Suppression Judge(Case c)
    {
        bool isOld = c.Entry.Witnesses.TryGetValue(c.Observation.Node, out Witness witness) && c.Observation.ObservedAt < witness.SeenAt;
        return isOld && !c.IsReleased && c.Observation.Occurrence is null && (c.Observation.State is null || c.ChangesState)
            ? Suppression.Late
            : Suppression.None;
    }
}
