using GlusterBus.Contracts.Entities;

namespace GlusterBus.Router.Decisions.Stages;

/// <summary>A sender that could not be proven to belong to the cluster can raise a state but never clear one, and can't rewrite attributes.</summary>
internal static class TrustStage
{
    public static Suppression Judge(Case c)
    {
        if (c.Observation.Trusted)
        {
            if (!c.Entry.Trusted)
            {
                c.Entry = c.Entry with { Trusted = true };
                c.IsDurable = true;
            }

            return Suppression.None;
        }

        if (c.Before is null && c.State.UntrustedEntities >= c.Options.MaximumUntrustedEntities)
        {
            return Suppression.Untrusted;
        }

        if (c.Observation.Occurrence is not null)
        {
            return Suppression.None;
        }

        Severity claimed = c.Kind.SeverityOf(c.Observation.State);
        bool raises = c.Observation.State is not null && claimed >= Severity.Warning && (c.Before?.State is null || claimed > c.Entry.Severity);
        bool repeats = c.Before is not null && c.Observation.State == c.Entry.State;
        return raises || repeats ? Suppression.None : Suppression.Untrusted;
    }
}
