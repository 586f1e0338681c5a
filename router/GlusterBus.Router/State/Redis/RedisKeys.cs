using GlusterBus.Contracts.Topology;

namespace GlusterBus.Router.State.Redis;

/// <summary>The keys in Redis. The only place where one is spelled.</summary>
internal static class RedisKeys
{
    public static string Owner(string cluster) => Table(cluster, "owner");

    public static string Entries(string cluster) => Table(cluster, "entries");

    public static string Applied(string cluster) => Table(cluster, "applied");

    public static string Outbox(string cluster) => Table(cluster, "outbox");

    /// <summary>Made and removed again by <c>glusterbus check</c>.</summary>
    public static string Probe(string cluster) => Table(cluster, "check");

    /// <summary>The clusters of a partition.</summary>
    public static string Clusters(int partition) => $"glusterbus:partitions:{BrokerNames.PartitionKey(partition)}";

    /// <summary>The keys that every script gets, in the order that <c>table.lua</c> tells.</summary>
    public static IReadOnlyList<string> Table(string cluster) => [Owner(cluster), Entries(cluster), Applied(cluster), Outbox(cluster)];

    // The braces make all keys of a cluster one hash tag: a script may only touch keys of one node.
    private static string Table(string cluster, string part) => $"{{glusterbus:{cluster}}}:{part}";
}
