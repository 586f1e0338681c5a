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
            Put(states, record);
        }

        return [.. states.Values.Where(Exists)];
    }

    /// <summary>Takes the state table of now back to an instant, by what was announced since. What changed quietly since then, and of which nothing was
    /// announced before, was in a state that nobody knows any more: <c>unknown</c>.</summary>
    /// <param name="now">The state table.</param>
    /// <param name="records">Announced transitions in the order recorded, from before the instant until now.</param>
    /// <param name="at">The instant.</param>
    /// <param name="knownSince">When the first of the records was made: no state is said to be older, unless the table says it.</param>
    public static IReadOnlyList<EntityState> Rewind(IEnumerable<EntityState> now, IEnumerable<Transition> records, DateTimeOffset at, DateTimeOffset knownSince)
    {
        var before = new SortedDictionary<EntityId, EntityState>();
        var states = new SortedDictionary<EntityId, EntityState>(now.ToDictionary(row => row.Entity));
        var undone = new HashSet<EntityId>();
        foreach (Transition record in records)
        {
            if (record.RecordedAt <= at)
            {
                Put(before, record);
            }
            else if (undone.Add(record.Entity))
            {
                states.Remove(record.Entity);
                if (Undo(record, before.GetValueOrDefault(record.Entity), knownSince) is { } past)
                {
                    states[record.Entity] = past;
                }
            }
        }

        foreach (EntityState row in states.Values.Where(row => row.Since > at && !undone.Contains(row.Entity)).ToArray())
        {
            states[row.Entity] = before.GetValueOrDefault(row.Entity) ?? row with { State = "unknown", Severity = Severity.Unknown, Since = knownSince };
        }

        return [.. states.Values.Where(Exists)];
    }

    /// <summary>How an entity was just before a transition; null when it was not there.</summary>
    private static EntityState? Undo(Transition first, EntityState? before, DateTimeOffset knownSince)
    {
        if (first.Previous is null)
        {
            return null;
        }

        var attributes = new Dictionary<string, string>(first.Attributes, StringComparer.Ordinal);
        foreach ((string name, AttributeChange change) in first.Changed)
        {
            attributes.Remove(name);
            if (change.From is { } value)
            {
                attributes[name] = value;
            }
        }

        DateTimeOffset? since = before?.State == first.Previous ? before.Since : knownSince;
        return From(first, since) with
        {
            State = first.Previous,
            Severity = EntityKinds.Of(first.Entity)?.SeverityOf(first.Previous) ?? Severity.Unknown,
            Sequence = first.Sequence - 1,
            Attributes = attributes,
        };
    }

    private static void Put(SortedDictionary<EntityId, EntityState> states, Transition record)
    {
        DateTimeOffset? since = states.TryGetValue(record.Entity, out EntityState? before) && before.State == record.Current ? before.Since : record.Time;
        states[record.Entity] = From(record, since);
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
