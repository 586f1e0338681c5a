namespace GlusterBus.Router.Decisions.Stages;

/// <summary>Some claims can't end some states: a peer's connection does not make it accepted again.</summary>
internal static class UnlessStage
{
    public static Suppression Judge(Case c) =>
        c.ChangesState && c.Entry.State is { } state && c.Observation.Unless.Contains(state) ? Suppression.CannotEnd : Suppression.None;
}
