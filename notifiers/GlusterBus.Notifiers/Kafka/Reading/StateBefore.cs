using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;

namespace GlusterBus.Notifiers.Kafka.Reading;

/// <summary>The state table of an instant, from what is known since: the last word before it where the record reaches that far, else the first word after it, which
/// says what was before, else the newest. Pure.</summary>
internal sealed class StateBefore(DateTimeOffset at)
{
    private readonly Dictionary<EntityId, EntityState> _before = [];
    private readonly Dictionary<EntityId, Transition> _after = [];

    /// <summary>A transition out of the record; each entity's in order, repetitions allowed.</summary>
    public void Archived(Transition t)
    {
        if (t.RecordedAt > at)
        {
            if (!_after.TryGetValue(t.Entity, out Transition? first) || t.Sequence < first.Sequence)
            {
                _after[t.Entity] = t;
            }
        }
        else if (!_before.TryGetValue(t.Entity, out EntityState? known) || t.Sequence > known.Sequence)
        {
            _before[t.Entity] = PastState.From(t, t.Previous != t.Current ? t.Time : known?.Since);
        }
    }

    /// <summary>The newest transition of an entity, after the record.</summary>
    public void Newest(Transition t)
    {
        if (t.RecordedAt > at)
        {
            _after.TryAdd(t.Entity, t);
        }
        else
        {
            _before.TryAdd(t.Entity, PastState.From(t, t.Previous != t.Current ? t.Time : null));
        }
    }

    /// <summary>Every entity that was there, ordered by id.</summary>
    public IReadOnlyList<EntityState> Rows() =>
        [.. _before.Values.Concat(_after.Where(after => !_before.ContainsKey(after.Key)).Select(after => Undone(after.Value)).OfType<EntityState>())
            .Where(PastState.Exists)
            .OrderBy(row => row.Entity)];

    /// <summary>The row before a transition; null when the entity was not known then.</summary>
    private static EntityState? Undone(Transition t)
    {
        if (t.Previous is null && (t.Sequence == 1 || t.Current is not null))
        {
            return null;
        }

        var attributes = t.Attributes.ToDictionary(StringComparer.Ordinal);
        foreach ((string name, AttributeChange change) in t.Changed)
        {
            if (change.From is null)
            {
                attributes.Remove(name);
            }
            else
            {
                attributes[name] = change.From;
            }
        }

        return PastState.From(t with { Current = t.Previous, Attributes = attributes, Sequence = t.Sequence - 1 }, null);
    }
}
