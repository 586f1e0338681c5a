using System.Runtime.CompilerServices;
using System.Threading.Channels;
using GlusterBus.Contracts.Pipeline;

namespace GlusterBus.Notifiers.Kafka.Reading;

/// <summary>The past of one cluster, read from Kafka: the time index says where to begin, the key which partition to read.</summary>
/// <param name="options">Which Kafka, and which topics.</param>
/// <param name="cluster">The cluster.</param>
internal sealed class KafkaHistory(KafkaOptions options, string cluster) : ITransitionHistory
{
    private const int Chunk = 256;
    private const int ChunksAhead = 16;

    /// <summary>So many of one partition may wait for the others.</summary>
    private const int MostWaiting = 20_000;

    /// <inheritdoc/>
    /// <exception cref="ArchiveUnreachableException">Kafka does not answer, or there is no such topic.</exception>
    public async IAsyncEnumerable<ArchivedTransition> ReadAsync(HistoryQuery query, HistoryProgress progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var chunks = Channel.CreateBounded<ArchivedTransition[]>(new BoundedChannelOptions(ChunksAhead) { SingleReader = true, SingleWriter = true });

        // The client's calls block: a thread of their own.
        Task reading = Task.Factory.StartNew(
            () => Read(query, progress, chunks.Writer, ended.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            while (await chunks.Reader.WaitToReadAsync(cancellationToken))
            {
                while (chunks.Reader.TryRead(out ArchivedTransition[]? chunk))
                {
                    foreach (ArchivedTransition transition in chunk)
                    {
                        yield return transition;
                    }
                }
            }
        }
        finally
        {
            await ended.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArchiveUnreachableException">Kafka does not answer, or there is no such topic.</exception>
    /// <exception cref="PastUnknownException">The archive does not reach back to that instant.</exception>
    public async ValueTask<IReadOnlyList<EntityState>> StateAtAsync(DateTimeOffset at, CancellationToken cancellationToken) =>
        await Task.Factory.StartNew(() => KafkaPast.Read(options, cluster, at, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc/>
    /// <exception cref="ArchiveUnreachableException">Kafka does not answer, or there is no such topic.</exception>
    public async ValueTask<DateTimeOffset?> KnownSinceAsync(CancellationToken cancellationToken) =>
        await Task.Factory.StartNew(() => KafkaPast.KnownSince(options), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Read(HistoryQuery query, HistoryProgress progress, ChannelWriter<ArchivedTransition[]> output, CancellationToken cancellationToken)
    {
        try
        {
            var search = new TransitionSearch(query, cluster);
            using var reader = new KafkaReader(options, options.Topic, search.Partitions);
            OffsetRange[] ranges = Ranges(reader, query);
            progress.Of(ranges.Sum(range => range.Count));
            Merge(reader, ranges, search, progress, output, cancellationToken);
            output.Complete();
        }
        catch (Exception e)
        {
            output.TryComplete(e);
        }
    }

    private static OffsetRange[] Ranges(KafkaReader reader, HistoryQuery query)
    {
        long[] first = query.Since is { } since ? TimeSeek.Find(reader, reader.Ranges, since) : [.. reader.Ranges.Select(range => range.First)];
        long[] next = query.Until is { } until ? TimeSeek.Find(reader, reader.Ranges, until + TimeSeek.Lateness) : [.. reader.Ranges.Select(range => range.Next)];
        return [.. first.Zip(next, (from, to) => new OffsetRange(from, to))];
    }

    private static void Merge(
        KafkaReader reader, OffsetRange[] ranges, TransitionSearch search, HistoryProgress progress, ChannelWriter<ArchivedTransition[]> output, CancellationToken cancellationToken)
    {
        var merge = new PartitionMerge<byte[]>(ranges.Length);
        var chunk = new List<ArchivedTransition>(Chunk);
        int count = 0;
        reader.Ended = merge.End;
        foreach (ReadRecord record in reader.Read(ranges, cancellationToken))
        {
            if (search.Wants(record.Key, record.Value))
            {
                merge.Add(record.Partition, record.Time, record.Value!);
                reader.Hold(record.Partition, merge.Waiting(record.Partition) >= MostWaiting);
            }
            else
            {
                merge.Reach(record.Partition, record.Time);
            }

            if (++count % Chunk == 0)
            {
                progress.Add(Chunk);
                Drain();
                Release();
            }
        }

        progress.Add(count % Chunk);
        Drain();
        Send();

        void Drain()
        {
            while (merge.TryTake(out byte[] json))
            {
                chunk.Add(new ArchivedTransition(0, json));
                if (chunk.Count == Chunk)
                {
                    Send();
                }
            }

            // Whoever waits for few shall not wait for the end of the search.
            Send();
        }

        void Release()
        {
            for (int i = 0; i < ranges.Length; i++)
            {
                if (reader.IsHeld(i) && merge.Waiting(i) < MostWaiting / 4)
                {
                    reader.Hold(i, false);
                }
            }
        }

        void Send()
        {
            if (chunk.Count > 0)
            {
                output.WriteAsync([.. chunk], cancellationToken).AsTask().GetAwaiter().GetResult();
                chunk.Clear();
            }
        }
    }
}
