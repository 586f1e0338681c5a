using Confluent.Kafka;

namespace GlusterBus.TestKit;

/// <summary>A Kafka to test with, with topics of the test's own: the mock, or the brokers that <c>GLUSTERBUS_TEST_KAFKA=host:port</c> names.</summary>
public sealed class KafkaPlace : IAsyncDisposable
{
    private readonly string _name = $"glusterbus-test-{Guid.NewGuid():n}";

    private KafkaPlace(IReadOnlyList<string> brokers, KafkaMock? mock)
    {
        (Brokers, Mock) = (brokers, mock);
    }

    public IReadOnlyList<string> Brokers { get; }

    /// <summary>Null where the brokers are real.</summary>
    public KafkaMock? Mock { get; }

    public string Topic => _name + ".transitions";

    public string StateTopic => _name + ".state";

    /// <param name="partitions">Of both topics; the mock, which makes none on request, has them from the start.</param>
    public static KafkaPlace Open(int partitions = 3)
    {
        if (Environment.GetEnvironmentVariable("GLUSTERBUS_TEST_KAFKA") is { } real)
        {
            return new KafkaPlace(real.Split(','), null);
        }

        KafkaMock mock = KafkaMock.Start();
        var place = new KafkaPlace(mock.Brokers, mock);
        mock.Topic(place.Topic, partitions);
        mock.Topic(place.StateTopic, partitions);
        return place;
    }

    /// <summary>Everything in a topic: partition by partition, in order.</summary>
    public IReadOnlyList<ConsumeResult<byte[], byte[]?>> Read(string topic)
    {
        var config = new ConsumerConfig { BootstrapServers = string.Join(',', Brokers), GroupId = _name, EnableAutoCommit = false, EnablePartitionEof = true, AutoOffsetReset = AutoOffsetReset.Earliest };
        using IConsumer<byte[], byte[]?> consumer = new ConsumerBuilder<byte[], byte[]?>(config).SetLogHandler(static (_, _) => { }).Build();
        using IAdminClient admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        int partitions = admin.GetMetadata(TimeSpan.FromSeconds(20)).Topics.Single(t => t.Topic == topic).Partitions.Count;

        // Where a partition ends is asked beforehand: not every broker tells it to who reads.
        var open = Enumerable.Range(0, partitions).Select(p => new TopicPartition(topic, p))
            .Select(p => (Partition: p, Marks: consumer.QueryWatermarkOffsets(p, TimeSpan.FromSeconds(20))))
            .Where(p => p.Marks.High > p.Marks.Low)
            .ToDictionary(p => p.Partition, p => p.Marks.High);
        consumer.Assign(open.Keys.Select(p => new TopicPartitionOffset(p, Offset.Beginning)));
        var found = new List<ConsumeResult<byte[], byte[]?>>();
        while (open.Count > 0)
        {
            ConsumeResult<byte[], byte[]?> result = consumer.Consume(TimeSpan.FromSeconds(20)) ?? throw new TimeoutException($"nothing more of {topic}");
            if (!result.IsPartitionEOF)
            {
                found.Add(result);
            }

            if (result.IsPartitionEOF || result.Offset.Value + 1 >= open.GetValueOrDefault(result.TopicPartition, Offset.End))
            {
                open.Remove(result.TopicPartition);
            }
        }

        return [.. found.OrderBy(f => f.Partition.Value).ThenBy(f => f.Offset.Value)];
    }

    public async ValueTask DisposeAsync()
    {
        if (Mock is { } mock)
        {
            mock.Dispose();
            return;
        }

        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = string.Join(',', Brokers) }).Build();
        string[] own = [.. admin.GetMetadata(TimeSpan.FromSeconds(20)).Topics.Select(t => t.Topic).Where(t => t.StartsWith(_name, StringComparison.Ordinal))];
        if (own.Length > 0)
        {
            await admin.DeleteTopicsAsync(own);
        }
    }
}
