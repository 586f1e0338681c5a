using GlusterBus.Contracts.Entities;

namespace GlusterBus.Router.Decisions;

/// <summary>The state of one cluster in memory. Owned by the router's one loop; nobody else writes it.</summary>
public sealed class ClusterState
{
    private readonly Dictionary<EntityId, StateEntry> _entries = [];
    private readonly Dictionary<string, EntityId> _bricksByAddress = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AppliedSequence> _applied = new(StringComparer.Ordinal);
    private readonly Dictionary<EntityId, StateEntry> _collectors = [];
    private readonly HashSet<EntityId> _held = [];

    /// <summary>When the next held claim falls due; null when none waits.</summary>
    public DateTimeOffset? NextDue => _held.Count == 0 ? null : _held.Min(entity => _entries[entity].Held!.Due);

    /// <summary>The entries whose held claim has fallen due, in a fixed order.</summary>
    public IReadOnlyList<StateEntry> Due(DateTimeOffset now) =>
        _held.Count == 0 ? [] : [.. _held.Order().Select(entity => _entries[entity]).Where(entry => entry.Held!.Due <= now)];

    /// <summary>How many entities only senders outside the cluster vouch for.</summary>
    public int UntrustedEntities { get; private set; }

    /// <summary>How many entities nobody who is heard looks at.</summary>
    public int VeiledEntities { get; private set; }

    /// <summary>What the sequence of an entity starts from. Above 0 only where this state replaces one that was lost.</summary>
    public long SequenceBase { get; internal set; }

    public IReadOnlyDictionary<EntityId, StateEntry> Entries => _entries;

    public IReadOnlyDictionary<string, AppliedSequence> Applied => _applied;

    /// <summary>The entries of the collectors themselves, one per node.</summary>
    public IReadOnlyCollection<StateEntry> Collectors => _collectors.Values;

    /// <summary>How far the nodes' clocks are off.</summary>
    internal NodeClocks Clocks { get; } = new();

    /// <summary>When each collector was last heard.</summary>
    internal CollectorWatch Watch { get; } = new();

    public StateEntry? Find(EntityId entity) => _entries.GetValueOrDefault(entity);

    /// <summary>The brick at <c>host:/path</c>, whatever its volume; null when none is known or it was removed.</summary>
    public EntityId? BrickAt(string address) => _bricksByAddress.TryGetValue(address, out EntityId brick) ? brick : null;

    public void Put(StateEntry entry)
    {
        StateEntry? before = _entries.GetValueOrDefault(entry.Entity);
        _entries[entry.Entity] = entry;
        UntrustedEntities += (entry.Trusted ? 0 : 1) - (before is null or { Trusted: true } ? 0 : 1);
        VeiledEntities += (entry.Veil is null ? 0 : 1) - (before?.Veil is null ? 0 : 1);
        if (entry.Held is not null)
        {
            _held.Add(entry.Entity);
        }
        else if (before?.Held is not null)
        {
            _held.Remove(entry.Entity);
        }

        if (CollectorNode(entry.Entity) is not null)
        {
            _collectors[entry.Entity] = entry;
        }
        else if (before?.State != entry.State || before is null)
        {
            PutBrick(entry);
        }
    }

    public void Put(string stream, AppliedSequence applied) => _applied[stream] = applied;

    /// <summary>The node of an id such as <c>collector/gl1</c>; null for anything else, such as a plugin's health <c>collector/gl1/logs</c>.</summary>
    internal static string? CollectorNode(EntityId entity) => entity.IsWithin(CollectorPrefix) && entity.Value.IndexOf('/', CollectorPrefix.Length) < 0 ? entity.Name : null;

    /// <summary>What the ids of collectors and of their plugins begin with.</summary>
    internal const string CollectorPrefix = "collector/";

    /// <summary>The <c>host:/path</c> of a brick id with a known volume; else null.</summary>
    internal static string? BrickAddress(EntityId entity)
    {
        if (!entity.IsWithin("brick/") || entity.IsWithin("brick/" + EntityId.AnyVolume + "/"))
        {
            return null;
        }

        string name = entity.Name;
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? null : name[(slash + 1)..];
    }

    private void PutBrick(StateEntry entry)
    {
        if (BrickAddress(entry.Entity) is not { } address)
        {
            return;
        }

        if (!entry.IsGone)
        {
            _bricksByAddress[address] = entry.Entity;
        }
        else if (_bricksByAddress.TryGetValue(address, out EntityId known) && known == entry.Entity)
        {
            _bricksByAddress.Remove(address);
        }
    }
}

/// <summary>The last sequence of a stream that the router has applied.</summary>
public readonly record struct AppliedSequence(long Epoch, long Sequence);
