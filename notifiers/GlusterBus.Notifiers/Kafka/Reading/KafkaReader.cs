using Confluent.Kafka;
using GlusterBus.Contracts.Pipeline;

namespace GlusterBus.Notifiers.Kafka.Reading;

/// <summary>One record as it was read.</summary>
/// <param name="Partition">Index into the partitions read.</param>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its content; null when it erases.</param>
/// <param name="Time">Its timestamp in milliseconds since 1970.</param>
internal readonly record struct ReadRecord(int Partition, byte[] Key, byte[]? Value, long Time);

/// <summary>Reads parts of one topic, in the caller's thread. Belongs to no group and keeps no place: the past has no progress.</summary>
internal sealed class KafkaReader : ITimedTopic, IDisposable
{
    private readonly KafkaOptions _options;
    private readonly string _topic;
    private readonly IConsumer<byte[], byte[]?> _consumer;
    private readonly bool[] _isHeld;
    private volatile Error? _connection;

    /// <param name="options">Where.</param>
    /// <param name="topic">Which topic.</param>
    /// <param name="choose">Told how many partitions there are, says which to read.</param>
    /// <exception cref="ArchiveUnreachableException">Kafka does not answer, or has no such topic.</exception>
    public KafkaReader(KafkaOptions options, string topic, Func<int, IReadOnlyList<int>> choose)
    {
        (_options, _topic) = (options, topic);
        var config = new ConsumerConfig(new Dictionary<string, string>(KafkaConnection.Of(options).ToDictionary(p => p.Key, p => p.Value)))
        {
            GroupId = "glusterbus",
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            EnablePartitionEof = true,

            // What retention has removed since it was looked up is gone; the rest is still wanted.
            AutoOffsetReset = AutoOffsetReset.Earliest,
            ConsumeResultFields = "timestamp",
            FetchWaitMaxMs = 50,
            QueuedMinMessages = 100_000,
            QueuedMaxMessagesKbytes = 64 * 1024,
            MaxPartitionFetchBytes = 4 * 1024 * 1024,
        };
        _consumer = new ConsumerBuilder<byte[], byte[]?>(config)
            .SetLogHandler(static (_, _) => { })
            .SetErrorHandler((_, error) => _connection = error.Code == ErrorCode.Local_AllBrokersDown && _connection is not null ? _connection : error)
            .Build();
        try
        {
            using IAdminClient admin = new DependentAdminClientBuilder(_consumer.Handle).Build();
            if (!Writing.KafkaTopics.Existing(admin, options.Timeout).TryGetValue(topic, out int count) || count == 0)
            {
                throw new ArchiveUnreachableException($"Kafka at {KafkaConnection.Name(options)} has no topic {topic}: nothing was archived yet, or the configuration names another one");
            }

            Partitions = choose(count);
            _isHeld = new bool[Partitions.Count];
            Ranges = [.. Partitions.Select(p => _consumer.QueryWatermarkOffsets(new TopicPartition(topic, p), options.Timeout)).Select(w => new OffsetRange(w.Low.Value, w.High.Value))];
        }
        catch (Exception e)
        {
            _consumer.Dispose();
            throw Explained(e);
        }
    }

    /// <summary>The numbers of the partitions that are read.</summary>
    public IReadOnlyList<int> Partitions { get; }

    /// <summary>What is in each of them.</summary>
    public IReadOnlyList<OffsetRange> Ranges { get; }

    public IReadOnlyList<long?> OffsetsAt(long milliseconds)
    {
        try
        {
            List<TopicPartitionOffset> found = _consumer.OffsetsForTimes(
                Partitions.Select(p => new TopicPartitionTimestamp(_topic, p, new Timestamp(milliseconds, TimestampType.CreateTime))), _options.Timeout);
            Dictionary<int, long> byPartition = found.ToDictionary(f => f.Partition.Value, f => f.Offset.Value);
            return [.. Partitions.Select(p => byPartition.TryGetValue(p, out long offset) && offset >= 0 ? offset : (long?)null)];
        }
        catch (KafkaException e) when (e.Error.Code is ErrorCode.Local_UnsupportedFeature or ErrorCode.UnsupportedVersion or ErrorCode.UnsupportedForMessageFormat)
        {
            return [.. Partitions.Select(_ => (long?)null)];
        }
        catch (KafkaException e)
        {
            throw Explained(e);
        }
    }

    public IReadOnlyList<long?> TimesAt(IReadOnlyList<long?> offsets)
    {
        var times = new long?[offsets.Count];
        foreach (ReadRecord record in Read([.. offsets.Select(offset => offset is { } at ? new OffsetRange(at, at + 1) : default)], CancellationToken.None))
        {
            times[record.Partition] = record.Time;
        }

        return times;
    }

    /// <summary>True while a partition is kept from bringing more.</summary>
    public bool IsHeld(int partition) => _isHeld[partition];

    /// <summary>Keeps a partition from bringing more, or lets it go on: what waits for the others shall not fill the memory.</summary>
    public void Hold(int partition, bool isHeld)
    {
        if (_isHeld[partition] == isHeld)
        {
            return;
        }

        _isHeld[partition] = isHeld;
        TopicPartition[] one = [new TopicPartition(_topic, Partitions[partition])];
        if (isHeld)
        {
            _consumer.Pause(one);
        }
        else
        {
            _consumer.Resume(one);
        }
    }

    /// <summary>Told of each partition that has been read to its end.</summary>
    public Action<int>? Ended { get; set; }

    public void Dispose() => _consumer.Dispose();

    /// <summary>Everything in the ranges, each partition in order; ends when all are read.</summary>
    /// <param name="ranges">One for each partition.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public IEnumerable<ReadRecord> Read(IReadOnlyList<OffsetRange> ranges, CancellationToken cancellationToken)
    {
        Dictionary<int, (int Index, long Next)> open = ranges.Select((range, index) => (range, index)).Where(r => r.range.Count > 0).ToDictionary(r => Partitions[r.index], r => (r.index, r.range.Next));
        for (int i = 0; i < ranges.Count; i++)
        {
            if (ranges[i].Count == 0)
            {
                Ended?.Invoke(i);
            }
        }

        _consumer.Assign(open.Select(partition => new TopicPartitionOffset(_topic, partition.Key, ranges[partition.Value.Index].First)));
        while (open.Count > 0)
        {
            ConsumeResult<byte[], byte[]?> result = Next(cancellationToken);
            if (!open.TryGetValue(result.Partition.Value, out (int Index, long Next) partition))
            {
                continue;
            }

            bool isLast = result.IsPartitionEOF || result.Offset.Value >= partition.Next - 1;
            if (!result.IsPartitionEOF && result.Offset.Value < partition.Next)
            {
                yield return new ReadRecord(partition.Index, result.Message.Key ?? [], result.Message.Value, result.Message.Timestamp.UnixTimestampMs);
            }

            if (isLast)
            {
                open.Remove(result.Partition.Value);

                // Named by us: a result that leaves out what we know leaves out the topic.
                _consumer.Pause([new TopicPartition(_topic, result.Partition)]);
                Ended?.Invoke(partition.Index);
            }
        }

        // A pause outlives the assignment it was made in, and these partitions may be read again.
        _consumer.Resume(ranges.Select((range, index) => (range, index)).Where(r => r.range.Count > 0).Select(r => new TopicPartition(_topic, Partitions[r.index])));
        _consumer.Unassign();
    }

    private ConsumeResult<byte[], byte[]?> Next(CancellationToken cancellationToken)
    {
        for (TimeSpan waited = TimeSpan.Zero; waited < _options.Timeout; waited += Wait)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (_consumer.Consume(Wait) is { } result)
                {
                    return result;
                }
            }
            catch (ConsumeException e)
            {
                throw Explained(e);
            }
        }

        throw Explained(new KafkaException(ErrorCode.Local_TimedOut));
    }

    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    private ArchiveUnreachableException Explained(Exception e) =>
        e as ArchiveUnreachableException ?? new ArchiveUnreachableException("the archive can't be read: " + KafkaFault.Of(e, _connection, _options).Message, e);
}
