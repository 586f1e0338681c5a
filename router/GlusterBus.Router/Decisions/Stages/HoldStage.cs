using GlusterBus.Contracts.Entities;

namespace GlusterBus.Router.Decisions.Stages;

/// <summary>Lets a bad state of kinds with a hold time wait: what recovers within it is never announced. A worse state takes the place of the
/// waiting one but not its time.</summary>
internal static class HoldStage
{
    public static Suppression Judge(Case c)
    {
        if (c.IsReleased || c.Kind.Hold == TimeSpan.Zero || c.Observation.State is not { } state || c.Observation.Occurrence is not null)
        {
            return Suppression.None;
        }

        bool isBad = c.Kind.SeverityOf(state) >= Severity.Warning;
        bool wasBad = c.Entry.State is not null && c.Entry.Severity >= Severity.Warning;
        if (!isBad || wasBad || c.IsBaseline)
        {
            c.Entry = c.Entry with { Held = null };
            return Suppression.None;
        }

        bool isWorse = c.Entry.Held is not { } held || c.Kind.SeverityOf(state) > c.Kind.SeverityOf(held.Claim.State);
        if (isWorse)
        {
            c.Entry = c.Entry with { Held = new HeldClaim(c.Observation, c.Entry.Held?.Due ?? c.Now + c.Kind.Hold) };
            c.IsDurable = true;
        }

        c.Witnessed();
        return Suppression.Held;
    }
}
