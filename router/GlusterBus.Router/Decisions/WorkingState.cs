using GlusterBus.Contracts.Entities;

namespace GlusterBus.Router.Decisions;

/// <summary>A cluster's state with changes on top that are not committed yet. Reading sees the changes; the state below stays as it is
/// until the commit succeeded.</summary>
internal sealed class WorkingState(ClusterState committed)
{
    private readonly Dictionary<EntityId, StateEntry> _changed = [];
    private readonly Dictionary<string, AppliedSequence> _applied = new(StringComparer.Ordinal);
    private readonly HashSet<EntityId> _durable = [];
    private readonly Dictionary<string, EntityId> _bricks = new(StringComparer.Ordinal);
    private int _newUntrusted;

    /// <summary>Entries that must be stored. An entry of which only the last confirmation moved is kept in memory alone.</summary>
    public IEnumerable<StateEntry> Durable => _durable.Order().Select(entity => _changed[entity]);

    public IReadOnlyDictionary<string, AppliedSequence> Applied => _applied;

    /// <summary>How many entities only senders outside the cluster vouch for.</summary>
    public int UntrustedEntities => committed.UntrustedEntities + _newUntrusted;

    /// <summary>Moves apart from the entries: nothing of it is stored, so nothing of it needs to be taken back.</summary>
    public NodeClocks Clocks => committed.Clocks;

    /// <inheritdoc cref="Clocks"/>
    public CollectorWatch Watch => committed.Watch;

    /// <summary>Set when the commit shall raise what sequences start from.</summary>
    public long? NewSequenceBase { get; private set; }

    public long SequenceBase => NewSequenceBase ?? committed.SequenceBase;

    /// <summary>Takes note that this state replaces one that was lost, once: sequences go on above all that the lost one can have given.</summary>
    public void ReplacesLost(DateTimeOffset now)
    {
        if (SequenceBase == 0)
        {
            NewSequenceBase = now.ToUnixTimeSeconds();
        }
    }

    /// <summary>True when the collector of a node is known to be silent.</summary>
    public bool IsSilent(string node) => EntityId.TryParse(ClusterState.CollectorPrefix + node, out EntityId collector) && Find(collector)?.State == "silent";

    public StateEntry? Find(EntityId entity) => _changed.GetValueOrDefault(entity) ?? committed.Find(entity);

    /// <summary>The brick at <c>host:/path</c>, whatever its volume; null when none is known.</summary>
    public EntityId? BrickAt(string address) => _bricks.TryGetValue(address, out EntityId brick) ? brick : committed.BrickAt(address);

    /// <summary>Every entry as it is now, in no order.</summary>
    public IEnumerable<StateEntry> Entries => committed.Entries.Values.Where(entry => !_changed.ContainsKey(entry.Entity)).Concat(_changed.Values);

    public IEnumerable<StateEntry> Within(IReadOnlyList<string> scopes) => Entries.Where(entry => scopes.Any(entry.Entity.IsWithin));

    public void Put(StateEntry entry, bool durable)
    {
        StateEntry? before = Find(entry.Entity);
        _newUntrusted += !entry.Trusted && before is null ? 1 : 0;
        _changed[entry.Entity] = entry;
        if ((before is null || before.State != entry.State) && !entry.IsGone && ClusterState.BrickAddress(entry.Entity) is { } address)
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

        committed.SequenceBase = SequenceBase;
    }
}
