using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Kafka;
using GlusterBus.TestKit;

namespace GlusterBus.Benchmarks;

/// <summary>The archive in Kafka beside the bare client of librdkafka, on librdkafka's mock, in the same run.</summary>
internal static class KafkaBench
{
    private const int Entities = 5000;
    private const int Rounds = 3;
    private const string Past = "past";
    private const string PastStates = "past.states";

    // The mock keeps 5 MiB of a partition: so many hold ten million transitions, compressed.
    private const int ManyPartitions = 256;

    private static readonly TimeSpan Span = TimeSpan.FromDays(30);
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="args">How many to write, then how many to read back.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        int written = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 300_000;
        int read = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000_000;
        if (written > 0)
        {
            using KafkaMock mock = KafkaMock.Start();
            foreach (string topic in (string[])["bare", "glusterbus.transitions", "glusterbus.state"])
            {
                mock.Topic(topic, new KafkaOptions().Partitions);
            }

            await WriteAsync(mock, [.. Deliveries(written)]);
        }

        if (read > 0)
        {
            using KafkaMock mock = KafkaMock.Start();
            mock.Topic(Past, ManyPartitions);
            mock.Topic(PastStates, new KafkaOptions().Partitions);
            Fill(mock, read);
            await ReadAsync(mock, read);
        }

        return 0;
    }

    private static async Task WriteAsync(KafkaMock mock, Delivery[] deliveries)
    {
        int size = new KafkaNotifier(new KafkaOptions()).MaximumOffer;
        Line($"{deliveries.Length:N0} transitions of {Entities:N0} entities, {deliveries.Average(d => d.Json.Length):N0} bytes each, batches of {size:N0}");
        var options = new KafkaOptions { Brokers = mock.Brokers };
        int records = deliveries.Chunk(size).Sum(batch => batch.Length + batch.DistinctBy(d => d.Transition.Entity).Count());
        (double bare, double ours) = (0, 0);
        for (int round = 0; round < Rounds; round++)
        {
            bare = Math.Max(bare, await BareAsync(mock, deliveries, size));
            await using var notifier = new KafkaNotifier(options);
            await notifier.GatherAsync([deliveries[0]], true, CancellationToken.None);
            long began = Stopwatch.GetTimestamp();
            foreach (Delivery[] batch in deliveries.Chunk(size))
            {
                await notifier.GatherAsync(batch, true, CancellationToken.None);
            }

            ours = Math.Max(ours, deliveries.Length / Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        double each = (double)records / deliveries.Length;
        Line($"archived, with the topic of states: {ours:N0} transitions/s, which are {ours * each:N0} records/s; the bare client, the same values in the same batches into one topic: {bare:N0} records/s; "
            + $"ratio by records {ours * each / bare:F2} (best of {Rounds})");
    }

    private static async Task<double> BareAsync(KafkaMock mock, Delivery[] deliveries, int size)
    {
        var config = new ProducerConfig
        {
            BootstrapServers = string.Join(',', mock.Brokers),
            EnableIdempotence = true,
            Acks = Acks.All,
            LingerMs = 0,
            CompressionType = CompressionType.Lz4,
            DeliveryReportFields = "none",
        };
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(config).Build();
        Message<byte[], byte[]>[] messages = [.. deliveries.Select(d => new Message<byte[], byte[]>
        {
            Key = Key(d),
            Value = d.Json.ToArray(),
            Timestamp = At(d),
        })];
        long began = Stopwatch.GetTimestamp();
        foreach (Message<byte[], byte[]>[] batch in messages.Chunk(size))
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            int left = batch.Length;
            foreach (Message<byte[], byte[]> message in batch)
            {
                producer.Produce("bare", message, _ =>
                {
                    if (Interlocked.Decrement(ref left) == 0)
                    {
                        done.SetResult();
                    }
                });
            }

            await done.Task;
        }

        return deliveries.Length / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>An archive as a busy time leaves it, in large batches; written by the bare client, since reading is what is measured.</summary>
    private static void Fill(KafkaMock mock, int count)
    {
        var config = new ProducerConfig
        {
            BootstrapServers = string.Join(',', mock.Brokers),
            LingerMs = 1000,
            QueueBufferingMaxMessages = 2_000_000,
            CompressionType = CompressionType.Lz4,
            Partitioner = Partitioner.Murmur2,
            EnableDeliveryReports = false,
        };
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(config).Build();
        Header contentType = new("content-type", System.Text.Encoding.ASCII.GetBytes(TransitionJson.ContentType));
        foreach ((int i, Delivery delivery) in Deliveries(count).Index())
        {
            var message = new Message<byte[], byte[]> { Key = Key(delivery), Value = delivery.Json.ToArray(), Timestamp = At(delivery), Headers = [contentType] };
            Produce(Past, message);
            if (i >= count - Entities)
            {
                Produce(PastStates, message);
            }
        }

        producer.Flush(CancellationToken.None);

        void Produce(string topic, Message<byte[], byte[]> message)
        {
            while (true)
            {
                try
                {
                    producer.Produce(topic, message);
                    return;
                }
                catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(10));
                }
            }
        }
    }

    private static async Task ReadAsync(KafkaMock mock, int count)
    {
        await using var notifier = new KafkaNotifier(new KafkaOptions { Brokers = mock.Brokers, Topic = Past, StateTopic = PastStates });
        ITransitionHistory history = notifier.HistoryOf("bench");
        (long read, double bare) = Consume(mock);
        Line($"{count:N0} transitions over {Span.TotalDays:N0} days; the bare client reads {read:N0} records at {bare:N0}/s");
        DateTimeOffset yesterday = Start + Span - TimeSpan.FromDays(1);
        string entity = Deliveries(1).Single().Transition.Entity.Value;
        await TellAsync("everything, in one order", new HistoryQuery());
        await TellAsync("everything through a filter that one in a hundred passes", new HistoryQuery { Filter = new TransitionFilter { Entities = ["brick/v7/*"] } });
        await TellAsync("one entity, the last 24 h", new HistoryQuery { Since = yesterday, Filter = new TransitionFilter { Entities = [entity] } });
        await TellAsync("one entity, all of it", new HistoryQuery { Filter = new TransitionFilter { Entities = [entity] } });
        long began = Stopwatch.GetTimestamp();
        int rows = (await history.StateAtAsync(yesterday, CancellationToken.None)).Count;
        Line($"the state of 24 h ago, {rows:N0} entities: {Stopwatch.GetElapsedTime(began).TotalSeconds:F2} s");

        async Task TellAsync(string what, HistoryQuery query)
        {
            var progress = new HistoryProgress();
            long started = Stopwatch.GetTimestamp();
            long found = 0;
            await foreach (ArchivedTransition _ in history.ReadAsync(query, progress, CancellationToken.None))
            {
                found++;
            }

            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            Line($"{what}: {found:N0} found among {progress.Read:N0} records in {seconds:F2} s, {progress.Read / seconds:N0} records/s; ratio {progress.Read / seconds / bare:F2}");
        }
    }

    private static (long Read, double Rate) Consume(KafkaMock mock)
    {
        var config = new ConsumerConfig { BootstrapServers = string.Join(',', mock.Brokers), GroupId = "bare", EnableAutoCommit = false, EnablePartitionEof = true, AutoOffsetReset = AutoOffsetReset.Earliest };
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(config).Build();
        consumer.Assign(Enumerable.Range(0, ManyPartitions).Select(p => new TopicPartitionOffset(Past, p, Offset.Beginning)));
        (long read, int ended) = (0, 0);
        long began = Stopwatch.GetTimestamp();
        while (ended < ManyPartitions)
        {
            if (consumer.Consume(TimeSpan.FromSeconds(1)) is { } result)
            {
                (read, ended) = result.IsPartitionEOF ? (read, ended + 1) : (read + 1, ended);
            }
        }

        return (read, read / Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    private static IEnumerable<Delivery> Deliveries(int count)
    {
        TimeSpan step = Span / count;
        return Enumerable.Range(0, count).Select(i =>
        {
            Transition t = SampleTransitions.Brick(1 + (i / Entities)) with
            {
                Cluster = "bench",
                Entity = EntityId.Brick($"v{i % Entities / 50}", $"gl{i % 10}:/srv/b{i % Entities}"),
                Time = Start + (i * step),
                RecordedAt = Start + (i * step) + TimeSpan.FromMilliseconds(20),
            };
            return new Delivery(t, TransitionJson.Write(t), 1);
        });
    }

    private static Timestamp At(Delivery delivery) => new(delivery.Transition.Time.ToUnixTimeMilliseconds(), TimestampType.CreateTime);

    private static byte[] Key(Delivery delivery) => System.Text.Encoding.UTF8.GetBytes($"{delivery.Transition.Cluster}/{delivery.Transition.Entity}");

    private static void Line(string text) => Console.WriteLine(text);
}
