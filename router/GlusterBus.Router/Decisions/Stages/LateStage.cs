namespace GlusterBus.Router.Decisions.Stages;

/// <summary>A claim about an instant before the last one that the same node told of is late: Gluster holds repeated log lines back
/// for up to 120 s. Clocks of different nodes are never compared.</summary>
internal static class LateStage
{
    public static Suppression Judge(Case c)
    {
        bool isOld = c.Entry.Witnesses.TryGetValue(c.Observation.Node, out Witness witness) && c.Observation.ObservedAt < witness.SeenAt;
        if (!isOld || c.IsReleased || c.Observation.Occurrence is not null)
        {
            return Suppression.None;
        }

        // An old look at a volume may lack an option that was set since, though the volume's state is the same.
        bool mayTakeBack = c.Observation.State is null || c.ChangesState || c.Kind.AttributesAreNews;
        return mayTakeBack ? Suppression.Late : Suppression.None;
    }
}
