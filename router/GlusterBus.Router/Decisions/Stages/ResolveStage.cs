using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

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
            || (c.Snapshot is null && IsEmpty(c.Observation)))
        {
            return Suppression.Invalid;
        }

        c.Kind = kind;
        c.Before = c.State.Find(c.Observation.Entity);
        c.Entry = c.Before ?? new StateEntry { Entity = c.Observation.Entity, Trusted = c.Observation.Trusted };

        // A look that names an entity and says nothing of it has seen that it exists, and waits to be sure of the rest.
        return c.Observation.Weight == Weight.Hint || IsEmpty(c.Observation) ? Suppression.Hint : Suppression.None;
    }

    private static bool IsEmpty(Observation observation) => observation is { State: null, Occurrence: null, Attributes.Count: 0 };
}
