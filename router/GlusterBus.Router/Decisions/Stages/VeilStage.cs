namespace GlusterBus.Router.Decisions.Stages;

/// <summary>Lifts the veil from an entity of which somebody tells a state again: it is judged against what was known before, so that a collector that
/// comes back makes no storm.</summary>
internal static class VeilStage
{
    public static Suppression Judge(Case c)
    {
        if (c.Entry.Veil is { } veil && c.Observation.State is not null && c.Observation.Occurrence is null)
        {
            c.Entry = c.Entry with { State = veil.State, Since = veil.Since, Veil = null };
        }

        return Suppression.None;
    }
}
