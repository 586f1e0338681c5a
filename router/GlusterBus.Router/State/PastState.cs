using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;

namespace GlusterBus.Router.State;

/// <summary>Rebuilds the state table of an instant from the records up to it.</summary>
internal static class PastState
{
    /// <param name="records">In the order recorded; quiet ones included.</param>
    public static IReadOnlyList<EntityState> Of(IEnumerable<Transition> records)
    {
        var states = new SortedDictionary<EntityId, EntityState>();
        foreach (Transition record in records)
        {
            DateTimeOffset since = states.TryGetValue(record.Entity, out EntityState? before) && before.State == record.Current ? before.Since : record.Time;
            states[record.Entity] = From(record, since);
        }

        return [.. states.Values.Where(Exists)];
    }

    public static EntityState From(Transition record, DateTimeOffset since) => new(
        record.Entity,
        record.Current,
        EntityKinds.Of(record.Entity)?.SeverityOf(record.Current) ?? Severity.Unknown,
        record.Sequence,
        since,
        record.Attributes);

    public static bool Exists(EntityState state) => state.State is null || state.State != EntityKinds.Of(state.Entity)?.GoneState;
}
