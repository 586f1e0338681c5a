using GlusterBus.Contracts.Entities;

namespace GlusterBus.Router.Decisions.Stages;

/// <summary>Lets a bad state of kinds with a hold time wait: what recovers within it is never announced. Another bad state takes the place of the
/// waiting one but not its time, since observers that see the parts fail one after the other name every step.</summary>
internal static class HoldStage
{
    public static Suppression Judge(Case c)
    {
        if (c.IsReleased || c.Kind.Hold == TimeSpan.Zero || c.Observation.State is not { } state || c.Observation.Occurrence is not null)
        {
            return Suppression.None;
        }

        if (c.Entry.Held is { } waiting && c.IsBefore(new Moment(waiting.Claim.ObservedAt, waiting.Claim.Node)))
        {
            return Suppression.Late;
        }

        if (c.Kind.SeverityOf(state) < Severity.Warning || c.IsBaseline)
        {
            c.Entry = c.Entry with { Held = null, Covered = null };
            return Suppression.None;
        }

        if (c.Entry.Held?.Claim.State != state)
        {
            string? before = c.Entry.Held?.Claim.State ?? (c.Entry.Severity >= Severity.Warning ? c.Entry.State : null);
            c.Entry = c.Entry with { Held = new HeldClaim(c.Observation, c.Entry.Held?.Due ?? c.Now + c.Kind.Hold) { TraceParent = c.TraceParent }, Covered = before ?? c.Entry.Covered };
            c.IsDurable = true;
        }

        c.Witnessed();
        return Suppression.Held;
    }
}
