using System.Text;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;

namespace GlusterBus.Notifiers.Kafka.Reading;

/// <summary>Reads what <see cref="StateBefore"/> needs: the newest transition of every entity, and what was archived since shortly before the instant.</summary>
internal static class KafkaPast
{
    /// <exception cref="ArchiveUnreachableException">Kafka does not answer, or there is no such topic.</exception>
    /// <exception cref="PastUnknownException">The archive does not reach back to that instant.</exception>
    public static IReadOnlyList<EntityState> Read(KafkaOptions options, string cluster, DateTimeOffset at, CancellationToken cancellationToken)
    {
        byte[] prefix = Encoding.UTF8.GetBytes(cluster + "/");
        var state = new StateBefore(at);

        // The newest first: what is archived after this was read only adds to what is read then.
        var newest = new Dictionary<byte[], byte[]?>(KeyComparer.Instance);
        using (var reader = new KafkaReader(options, options.StateTopic, All))
        {
            foreach (ReadRecord record in reader.Read(reader.Ranges, cancellationToken).Where(record => record.Key.AsSpan().StartsWith(prefix)))
            {
                newest[record.Key] = record.Value;
            }
        }

        using (var reader = new KafkaReader(options, options.Topic, All))
        {
            if (Reach(reader) is { } reach && reach > at)
            {
                throw new PastUnknownException(reach);
            }

            long[] first = TimeSeek.Find(reader, reader.Ranges, at - TimeSeek.Lateness);
            OffsetRange[] ranges = [.. reader.Ranges.Zip(first, (range, from) => range with { First = from })];
            foreach (ReadRecord record in reader.Read(ranges, cancellationToken).Where(record => record.Value is not null && record.Key.AsSpan().StartsWith(prefix)))
            {
                if (Transition(record.Value!) is { } transition)
                {
                    state.Archived(transition);
                }
            }
        }

        foreach (byte[] json in newest.Values.OfType<byte[]>())
        {
            if (Transition(json) is { } transition)
            {
                state.Newest(transition);
            }
        }

        return state.Rows();
    }

    /// <summary>From when on past states can be told; null while nothing is archived.</summary>
    /// <exception cref="ArchiveUnreachableException">Kafka does not answer, or there is no such topic.</exception>
    public static DateTimeOffset? KnownSince(KafkaOptions options)
    {
        using var reader = new KafkaReader(options, options.Topic, All);
        return Reach(reader);
    }

    private static int[] All(int partitions) => [.. Enumerable.Range(0, partitions)];

    /// <summary>How far back the archive reaches: to where each partition reaches of which retention has removed something, else to its first record. Null while it
    /// is empty.</summary>
    private static DateTimeOffset? Reach(KafkaReader reader)
    {
        (int Partition, long Time)[] oldest = [.. Enumerable.Range(0, reader.Ranges.Count).Where(i => reader.Ranges[i].Count > 0)
            .Select(i => (i, Time: reader.TimeAt(i, reader.Ranges[i].First))).Where(o => o.Time is not null).Select(o => (o.i, o.Time!.Value))];
        long[] cut = [.. oldest.Where(o => reader.Ranges[o.Partition].First > 0).Select(o => o.Time)];
        return oldest.Length == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(cut.Length > 0 ? cut.Max() : oldest.Min(o => o.Time));
    }

    private static Transition? Transition(byte[] json)
    {
        try
        {
            return TransitionJson.Parse(json);
        }
        catch (FormatException)
        {
            // Somebody else's record.
            return null;
        }
    }
}
