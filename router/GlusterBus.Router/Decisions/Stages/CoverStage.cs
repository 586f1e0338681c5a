using GlusterBus.Contracts.Entities;

namespace GlusterBus.Router.Decisions.Stages;

/// <summary>A claim of health that can't end some troubles does not end one that waits for its hold time either; and where a worse trouble came on top of
/// one that it can't end, it uncovers that one. So the return of a replica set's first brick ends "down" and leaves "no-quorum", which was before it.</summary>
internal static class CoverStage
{
    public static Suppression Judge(Case c)
    {
        if (c.Observation.State is not { } state || c.Observation.Unless.Count == 0 || c.Kind.SeverityOf(state) >= Severity.Warning)
        {
            return Suppression.None;
        }

        if (c.Entry.Held is { } held && c.Observation.Unless.Contains(held.Claim.State!))
        {
            return Suppression.CannotEnd;
        }

        if (c.Entry.Covered is { } covered && c.Observation.Unless.Contains(covered))
        {
            c.Observation = c.Observation with { State = covered, Unless = [] };
        }

        return Suppression.None;
    }
}
