using System.Runtime.InteropServices;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;

namespace GlusterBus.Notifiers.Kafka.Writing;

/// <summary>What deliveries become in Kafka. Pure.</summary>
/// <param name="Records">In the order of the deliveries.</param>
/// <param name="Owners">For each record, the index of its delivery.</param>
internal sealed record KafkaBatch(IReadOnlyList<KafkaRecord> Records, IReadOnlyList<int> Owners)
{
    /// <summary>Each transition goes into the topic of all; the newest of each entity, or the end of one that is gone, into the topic of states; and, where
    /// configured, what it changed into its volume's topic. A replay goes nowhere: it tells what an archive knows.</summary>
    public static KafkaBatch Of(IReadOnlyList<Delivery> deliveries, KafkaOptions options)
    {
        var records = new List<KafkaRecord>(deliveries.Count * 2);
        var owners = new List<int>(deliveries.Count * 2);
        Dictionary<(string Cluster, EntityId Entity), int> newest = Newest(deliveries);
        for (int i = 0; i < deliveries.Count; i++)
        {
            (Transition t, ReadOnlyMemory<byte> json) = (deliveries[i].Transition, deliveries[i].Json);
            if (t.Replay)
            {
                continue;
            }

            byte[] key = KafkaKeys.Of(t.Cluster, t.Entity);
            byte[] value = MemoryMarshal.TryGetArray(json, out ArraySegment<byte> segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array : json.ToArray();
            var record = new KafkaRecord(options.Topic, key, value, t.Time, TransitionJson.ContentType, deliveries[i].TraceParent);
            Add(record, i);
            if (newest[Owner(t)] == i)
            {
                bool isGone = !PastState.Exists(PastState.From(t, null));
                Add(record with { Topic = options.StateTopic, Value = isGone ? null : value, ContentType = isGone ? null : record.ContentType }, i);
            }

            if (options.VolumeTopics is { } prefix)
            {
                foreach (KafkaRecord property in VolumeRecords.Of(t, prefix))
                {
                    Add(property, i);
                }
            }
        }

        return new KafkaBatch(records, owners);

        void Add(KafkaRecord record, int owner)
        {
            records.Add(record);
            owners.Add(owner);
        }
    }

    /// <summary>How many deliveries, from the first on, are done, and what became of the one that follows them.</summary>
    /// <param name="errors">For each record what went wrong; null when Kafka has it.</param>
    /// <param name="count">How many deliveries there are.</param>
    public (int Done, T? Error) Judge<T>(IReadOnlyList<T?> errors, int count)
        where T : class
    {
        for (int i = 0; i < errors.Count; i++)
        {
            if (errors[i] is { } error)
            {
                return (Owners[i], error);
            }
        }

        return (count, null);
    }

    private static Dictionary<(string Cluster, EntityId Entity), int> Newest(IReadOnlyList<Delivery> deliveries)
    {
        var newest = new Dictionary<(string Cluster, EntityId Entity), int>(deliveries.Count);
        for (int i = 0; i < deliveries.Count; i++)
        {
            newest[Owner(deliveries[i].Transition)] = i;
        }

        return newest;
    }

    private static (string Cluster, EntityId Entity) Owner(Transition t) => (t.Cluster, t.Entity);
}
