using GlusterBus.Contracts.Entities;

namespace GlusterBus.Router.Decisions;

/// <summary>The state of one cluster in memory. Owned by the router's one loop; nobody else writes it.</summary>
public sealed class ClusterState
{
    private readonly Dictionary<EntityId, StateEntry> _entries = [];
    private readonly Dictionary<string, EntityId> _bricksByAddress = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AppliedSequence> _applied = new(StringComparer.Ordinal);
    private readonly HashSet<EntityId> _held = [];

    /// <summary>When the next held claim falls due; null when none waits.</summary>
    public DateTimeOffset? NextDue => _held.Count == 0 ? null : _held.Min(entity => _entries[entity].Held!.Due);

    /// <summary>The entries whose held claim has fallen due, in a fixed order.</summary>
    public IReadOnlyList<StateEntry> Due(DateTimeOffset now) =>
        _held.Count == 0 ? [] : [.. _held.Order().Select(entity => _entries[entity]).Where(entry => entry.Held!.Due <= now)];

    /// <summary>How many entities only senders outside the cluster vouch for.</summary>
    public int UntrustedEntities { get; private set; }

    public IReadOnlyDictionary<EntityId, StateEntry> Entries => _entries;

    public IReadOnlyDictionary<string, AppliedSequence> Applied => _applied;

    public StateEntry? Find(EntityId entity) => _entries.GetValueOrDefault(entity);

    /// <summary>The brick at <c>host:/path</c>, whatever its volume; null when none is known or it was removed.</summary>
    public EntityId? BrickAt(string address) => _bricksByAddress.TryGetValue(address, out EntityId brick) ? brick : null;

    public void Put(StateEntry entry)
    {
        if (_entries.TryGetValue(entry.Entity, out StateEntry? before) && !before.Trusted)
        {
            UntrustedEntities--;
        }

        UntrustedEntities += entry.Trusted ? 0 : 1;
        _entries[entry.Entity] = entry;
        if (entry.Held is null)
        {
            _held.Remove(entry.Entity);
        }
        else
        {
            _held.Add(entry.Entity);
        }

        if (BrickAddress(entry.Entity) is { } address)
        {
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

    public void Put(string stream, AppliedSequence applied) => _applied[stream] = applied;

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
}

/// <summary>The last sequence of a stream that the router has applied.</summary>
public readonly record struct AppliedSequence(long Epoch, long Sequence);
