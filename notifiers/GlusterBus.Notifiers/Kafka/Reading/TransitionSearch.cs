using System.Text;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Notifiers.Kafka.Writing;

namespace GlusterBus.Notifiers.Kafka.Reading;

/// <summary>Decides which records are wanted, each transition once. Remembers what it knows of each key, so that a pattern is matched once per entity.</summary>
internal sealed class TransitionSearch(HistoryQuery query, string cluster)
{
    private readonly byte[] _prefix = Encoding.UTF8.GetBytes(cluster + "/");
    private readonly Dictionary<byte[], SeenSequences?> _keys = new(KeyComparer.Instance);
    private readonly TransitionFilter _filter = query.Filter;

    /// <summary>The partitions that can hold what is wanted: one for each entity that is named in full, else all.</summary>
    public IReadOnlyList<int> Partitions(int count) => _filter.Entities.Count > 0 && _filter.Entities.All(pattern => !pattern.Contains('*', StringComparison.Ordinal))
        ? [.. _filter.Entities.Select(entity => KafkaKeys.Partition(Encoding.UTF8.GetBytes($"{cluster}/{entity}"), count)).Distinct().Order()]
        : [.. Enumerable.Range(0, count)];

    public bool Wants(byte[] key, byte[]? value)
    {
        if (!_keys.TryGetValue(key, out SeenSequences? seen))
        {
            seen = KafkaKeys.Entity(_prefix, key) is { } entity && _filter.MatchesEntity(entity) && (_filter.Clusters.Count == 0 || _filter.Clusters.Contains(cluster)) ? new SeenSequences() : null;
            _keys[key] = seen;
        }

        return seen is not null && value is not null && TransitionPeek.Read(value) is { } peek
            && (query.Since is not { } since || peek.Time >= since)
            && (query.Until is not { } until || peek.Time < until)
            && (_filter.MinimumSeverity is null || _filter.MatchesSeverity(KafkaKeys.Entity(_prefix, key)!.Value, peek.Severity, peek.Previous))
            && seen.Add(peek.Sequence);
    }
}

/// <summary>Compares keys by their bytes.</summary>
internal sealed class KeyComparer : IEqualityComparer<byte[]>
{
    public static readonly KeyComparer Instance = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] key)
    {
        var hash = new HashCode();
        hash.AddBytes(key);
        return hash.ToHashCode();
    }
}
