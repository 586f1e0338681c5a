using System.Text;
using GlusterBus.Contracts.Entities;

namespace GlusterBus.Notifiers.Kafka.Writing;

/// <summary>The keys of records, and where Kafka puts them.</summary>
internal static class KafkaKeys
{
    /// <summary><c>cluster/entity</c>: one broker may serve several clusters, and each has its volume/gv0.</summary>
    public static byte[] Of(string cluster, EntityId entity) => Encoding.UTF8.GetBytes($"{cluster}/{entity}");

    /// <summary>The entity of a key; null when the key is another cluster's, or nobody's.</summary>
    /// <param name="prefix">The cluster's name and a slash.</param>
    /// <param name="key">The record's key.</param>
    public static EntityId? Entity(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> key) =>
        key.StartsWith(prefix) && EntityId.TryParse(Encoding.UTF8.GetString(key[prefix.Length..]), out EntityId entity) ? entity : null;

    /// <summary>The partition of a key, as Kafka's own clients compute it (murmur2), so that one entity is read from one partition.</summary>
    public static int Partition(ReadOnlySpan<byte> key, int partitions) => (int)((Murmur2(key) & 0x7fffffff) % (uint)partitions);

    internal static uint Murmur2(ReadOnlySpan<byte> data)
    {
        const uint M = 0x5bd1e995;
        uint hash = 0x9747b28c ^ (uint)data.Length;
        while (data.Length >= 4)
        {
            uint k = BitConverter.ToUInt32(data) * M;
            k = (k ^ (k >> 24)) * M;
            hash = (hash * M) ^ k;
            data = data[4..];
        }

        for (int i = data.Length - 1; i >= 0; i--)
        {
            hash ^= (uint)data[i] << (8 * i);
        }

        hash = data.Length > 0 ? hash * M : hash;
        hash = (hash ^ (hash >> 13)) * M;
        return hash ^ (hash >> 15);
    }
}
