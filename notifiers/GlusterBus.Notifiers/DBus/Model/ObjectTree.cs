using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;

namespace GlusterBus.Notifiers.DBus.Model;

/// <summary>What the bus shows of one cluster, and the steps to what it shall show. No input or output of its own; used by one thread.</summary>
/// <param name="ownNode">Picks the node that <see cref="BusPath.Glusterd"/> stands for out of all nodes; null when it is none of them.</param>
internal sealed class ObjectTree(Func<IReadOnlyCollection<string>, string?> ownNode)
{
    private static readonly IEqualityComparer<string> Ordinal = StringComparer.Ordinal;

    private readonly Dictionary<EntityId, EntityState> _states = [];
    private readonly Dictionary<EntityId, long> _touched = [];
    private readonly Dictionary<string, HashSet<EntityId>> _parts = new(Ordinal);
    private readonly SortedSet<string> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BusObject> _objects = new(Ordinal);

    /// <summary>Grows with each transition. Note it before the state is read, and give it to <see cref="Merge"/> with what was read.</summary>
    public long Stamp { get; private set; }

    public int Count => _objects.Count;

    /// <summary>Takes in a transition. One that is older than what is known changes nothing: the state was read after it happened.</summary>
    public IReadOnlyList<BusChange> Apply(Transition transition)
    {
        EntityState? known = _states.GetValueOrDefault(transition.Entity);
        if (transition.Replay || transition.Sequence <= known?.Sequence)
        {
            return [];
        }

        _touched[transition.Entity] = ++Stamp;
        EntityKind? kind = EntityKinds.Of(transition.Entity);
        bool isGone = transition.Current is not null && transition.Current == kind?.GoneState;
        DateTimeOffset? since = known is not null && known.State == transition.Current ? known.Since : transition.Time;
        Set(transition.Entity, isGone ? null : new EntityState(
            transition.Entity, transition.Current, kind?.SeverityOf(transition.Current) ?? Severity.Unknown, transition.Sequence, since, transition.Attributes));
        return Changes([transition.Entity]);
    }

    /// <summary>Takes in the whole state table.</summary>
    /// <param name="rows">Every entity that exists.</param>
    /// <param name="stamp">The <see cref="Stamp"/> from before the reading: what a transition has told since is newer than the rows.</param>
    public IReadOnlyList<BusChange> Merge(IReadOnlyList<EntityState> rows, long stamp)
    {
        var changed = new List<EntityId>();
        var present = new HashSet<EntityId>(rows.Count);
        foreach (EntityState row in rows)
        {
            present.Add(row.Entity);
            if (_touched.GetValueOrDefault(row.Entity) <= stamp && !IsSame(_states.GetValueOrDefault(row.Entity), row))
            {
                Set(row.Entity, row);
                changed.Add(row.Entity);
            }
        }

        foreach (EntityId gone in _states.Keys.Where(id => !present.Contains(id) && _touched.GetValueOrDefault(id) <= stamp).ToArray())
        {
            Set(gone, null);
            changed.Add(gone);
        }

        foreach (EntityId settled in _touched.Where(pair => pair.Value <= stamp).Select(pair => pair.Key).ToArray())
        {
            _touched.Remove(settled);
        }

        return Changes(changed);
    }

    private static bool IsSame(EntityState? known, EntityState row) =>
        known is not null && known.State == row.State && known.Severity == row.Severity && known.Sequence == row.Sequence
        && known.Attributes.Count == row.Attributes.Count
        && known.Attributes.All(a => row.Attributes.TryGetValue(a.Key, out string? value) && value == a.Value);

    /// <summary>The volume whose health an entity takes part in; null for others.</summary>
    private static string? VolumeOf(EntityId entity) => entity.Kind is "brick" or "subvol" or "quorum" ? BusPath.Split(entity.Name).Head : null;

    private void Set(EntityId entity, EntityState? state)
    {
        if (state is null)
        {
            _states.Remove(entity);
        }
        else
        {
            _states[entity] = state;
        }

        if (entity.Kind == "node")
        {
            _ = state is null ? _nodes.Remove(entity.Name) : _nodes.Add(entity.Name);
        }

        if (VolumeOf(entity) is not { } volume)
        {
            return;
        }

        if (!_parts.TryGetValue(volume, out HashSet<EntityId>? parts))
        {
            _parts[volume] = parts = [];
        }

        _ = state is null ? parts.Remove(entity) : parts.Add(entity);
        if (parts.Count == 0)
        {
            _parts.Remove(volume);
        }
    }

    private List<BusChange> Changes(IReadOnlyList<EntityId> entities)
    {
        var changes = new List<BusChange>();
        foreach (EntityId entity in entities)
        {
            Step(changes, BusPath.Of(entity), ObjectOf(entity));
        }

        foreach (string volume in entities.Select(VolumeOf).OfType<string>().Distinct(Ordinal))
        {
            var entity = EntityId.Volume(volume);
            Step(changes, BusPath.Of(entity), ObjectOf(entity));
        }

        if (entities.Any(e => e.Kind == "node"))
        {
            EntityState? own = ownNode(_nodes) is { } name ? _states.GetValueOrDefault(EntityId.Node(name)) : null;
            Step(changes, BusPath.Glusterd, own is null ? null : ObjectMapping.Glusterd(own));
        }

        return changes;
    }

    private BusObject? ObjectOf(EntityId entity) => _states.TryGetValue(entity, out EntityState? state)
        ? ObjectMapping.Of(state, _parts.GetValueOrDefault(entity.Name, []).Select(part => _states[part]))
        : null;

    private void Step(List<BusChange> changes, string? path, BusObject? after)
    {
        if (path is null || BusChange.Between(_objects.GetValueOrDefault(path), after) is not { } change)
        {
            return;
        }

        changes.Add(change);
        if (after is null)
        {
            _objects.Remove(path);
        }
        else
        {
            _objects[path] = after;
        }
    }
}
