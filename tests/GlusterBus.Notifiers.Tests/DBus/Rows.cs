using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;

namespace GlusterBus.Notifiers.Tests.DBus;

/// <summary>Rows of the state table, and transitions between them.</summary>
internal static class Rows
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 9, 16, 38, TimeSpan.Zero);

    public static EntityState Of(string entity, string? state, long sequence = 1, params (string Name, string Value)[] attributes)
    {
        EntityId id = EntityId.Parse(entity);
        return new EntityState(id, state, EntityKinds.Of(id)!.SeverityOf(state), sequence, At, attributes.ToDictionary(a => a.Name, a => a.Value));
    }

    public static EntityState Volume(string name, string? state = "started", long sequence = 1, params (string Name, string Value)[] attributes) =>
        Of("volume/" + name, state, sequence, [("id", "c9a8e1d2-0000-4000-8000-000000000001"), ("type", "Replicate"), ("brickCount", "3"), ("options.nfs.disable", "on"), .. attributes]);

    public static Transition Change(string entity, string? previous, string? current, long sequence, params (string Name, string Value)[] attributes)
    {
        EntityId id = EntityId.Parse(entity);
        return new Transition
        {
            Cluster = "lab",
            Entity = id,
            Sequence = sequence,
            Change = current ?? "told",
            Previous = previous,
            Current = current,
            Severity = EntityKinds.Of(id)!.SeverityOf(current),
            Reason = TransitionReason.StateChanged,
            Attributes = attributes.ToDictionary(a => a.Name, a => a.Value),
            Time = At,
            RecordedAt = At,
        };
    }
}
