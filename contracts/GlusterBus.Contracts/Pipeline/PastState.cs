using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Contracts.Pipeline;

/// <summary>Rebuilds the state table of an instant from the records up to it.</summary>
public static class PastState
{
    /// <param name="records">In the order recorded; quiet ones included.</param>
    public static IReadOnlyList<EntityState> Of(IEnumerable<Transition> records)
    {
        var states = new SortedDictionary<EntityId, EntityState>();
        foreach (Transition record in records)
        {
            DateTimeOffset? since = states.TryGetValue(record.Entity, out EntityState? before) && before.State == record.Current ? before.Since : record.Time;
            states[record.Entity] = From(record, since);
        }

        return [.. states.Values.Where(Exists)];
    }

    /// <summary>The row that a transition leaves behind.</summary>
    public static EntityState From(Transition record, DateTimeOffset? since) => new(
        record.Entity,
        record.Current,
        EntityKinds.Of(record.Entity)?.SeverityOf(record.Current) ?? Severity.Unknown,
        record.Sequence,
        since,
        record.Attributes);

    /// <summary>False when the row's state says that the entity is gone.</summary>
    public static bool Exists(EntityState state) => state.State is null || state.State != EntityKinds.Of(state.Entity)?.GoneState;
}
