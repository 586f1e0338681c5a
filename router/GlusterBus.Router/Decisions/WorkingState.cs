using GlusterBus.Contracts.Entities;

namespace GlusterBus.Router.Decisions;

/// <summary>A cluster's state with changes on top that are not committed yet. Reading sees the changes; the state below stays as it is
/// until the commit succeeded.</summary>
internal sealed class WorkingState(ClusterState committed)
{
    private readonly Dictionary<EntityId, StateEntry> _changed = [];
    private readonly Dictionary<string, AppliedSequence> _applied = new(StringComparer.Ordinal);
    private readonly HashSet<EntityId> _durable = [];
    private int _newUntrusted;
    private readonly Dictionary<string, EntityId> _bricks = new(StringComparer.Ordinal);

    /// <summary>Entries that must be stored. An entry of which only the last confirmation moved is kept in memory alone.</summary>
    public IEnumerable<StateEntry> Durable => _durable.Order().Select(entity => _changed[entity]);

    public IReadOnlyDictionary<string, AppliedSequence> Applied => _applied;

    /// <summary>How many entities only senders outside the cluster vouch for.</summary>
    public int UntrustedEntities => committed.UntrustedEntities + _newUntrusted;

    public StateEntry? Find(EntityId entity) => _changed.GetValueOrDefault(entity) ?? committed.Find(entity);

    /// <summary>The brick at <c>host:/path</c>, whatever its volume; null when none is known.</summary>
    public EntityId? BrickAt(string address) => _bricks.TryGetValue(address, out EntityId brick) ? brick : committed.BrickAt(address);

    public IEnumerable<StateEntry> Within(IReadOnlyList<string> scopes)
    {
        foreach ((EntityId entity, StateEntry entry) in committed.Entries)
        {
            if (!_changed.ContainsKey(entity) && scopes.Any(entity.IsWithin))
            {
                yield return entry;
            }
        }

        foreach ((EntityId entity, StateEntry entry) in _changed)
        {
            if (scopes.Any(entity.IsWithin))
            {
                yield return entry;
            }
        }
    }

    public void Put(StateEntry entry, bool durable)
    {
        _newUntrusted += !entry.Trusted && Find(entry.Entity) is null ? 1 : 0;
        _changed[entry.Entity] = entry;
        if (!entry.IsGone && ClusterState.BrickAddress(entry.Entity) is { } address)
        {
            _bricks[address] = entry.Entity;
        }

        if (durable)
        {
            _durable.Add(entry.Entity);
        }
    }

    /// <summary>The last applied place in a stream; null when the stream was never heard.</summary>
    public AppliedSequence? LastOf(string stream) =>
        _applied.TryGetValue(stream, out AppliedSequence changed) ? changed
        : committed.Applied.TryGetValue(stream, out AppliedSequence applied) ? applied : null;

    /// <summary>Takes note of how far a stream is applied.</summary>
    public void Advance(string stream, AppliedSequence next)
    {
        if (LastOf(stream) is not { } last || next.Epoch > last.Epoch || next.Sequence > last.Sequence)
        {
            _applied[stream] = next;
        }
    }

    /// <summary>Makes the changes the committed state.</summary>
    public void Accept()
    {
        foreach (StateEntry entry in _changed.Values)
        {
            committed.Put(entry);
        }

        foreach ((string stream, AppliedSequence applied) in _applied)
        {
            committed.Put(stream, applied);
        }
    }
}
