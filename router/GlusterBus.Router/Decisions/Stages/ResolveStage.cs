using GlusterBus.Contracts.Entities;

namespace GlusterBus.Router.Decisions.Stages;

/// <summary>Finds the entity's entry, and the volume of a brick that its reporter named by host and path alone.</summary>
internal static class ResolveStage
{
    private const string Unresolved = "brick/" + EntityId.AnyVolume + "/";

    public static Suppression Judge(Case c)
    {
        EntityId entity = c.Observation.Entity;
        if (entity.IsWithin(Unresolved) && c.State.BrickAt(entity.Value[Unresolved.Length..]) is { } brick)
        {
            c.Observation = c.Observation with { Entity = brick };
        }

        if (EntityKinds.Of(c.Observation.Entity) is not { } kind
            || (c.Observation.State is { } state && !kind.States.ContainsKey(state))
            || (c.Observation.State is null && c.Observation.Occurrence is null && c.Observation.Attributes.Count == 0))
        {
            return Suppression.Invalid;
        }

        c.Before = c.State.Find(c.Observation.Entity);
        c.Entry = c.Before ?? new StateEntry { Entity = c.Observation.Entity, Trusted = c.Observation.Trusted };
        return c.Observation.Weight == Contracts.Messages.Weight.Hint ? Suppression.Hint : Suppression.None;
    }
}
