using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace GlusterBus.TestKit;

/// <summary>Kafka's brokers as librdkafka's own mock plays them, on free loopback ports of this process; clients of any process can use them.</summary>
/// <remarks>It keeps 5 MiB a partition, in memory, makes topics by itself, and knows neither time indexes nor the making of topics on request.</remarks>
public sealed partial class KafkaMock : IDisposable
{
    /// <summary>The number of the Produce request in Kafka's protocol.</summary>
    public const short Produce = 0;

    // The build of the package that needs nothing of the system but its C library.
    private const string Library = "centos8-librdkafka";

    private readonly nint _client;
    private readonly nint _cluster;
    private readonly int _brokers;

    private KafkaMock(nint client, nint cluster, int brokers)
    {
        (_client, _cluster, _brokers) = (client, cluster, brokers);
        Brokers = Marshal.PtrToStringUTF8(rd_kafka_mock_cluster_bootstraps(cluster))!.Split(',');
    }

    /// <summary>Where they listen, <c>host:port</c> each.</summary>
    public IReadOnlyList<string> Brokers { get; }

    /// <summary>The member <c>brokers</c> of a configuration.</summary>
    public string Json => $"[{string.Join(", ", Brokers.Select(broker => $"\"{broker}\""))}]";

    public static KafkaMock Start(int brokers = 1)
    {
        Span<byte> error = stackalloc byte[512];
        nint configuration = rd_kafka_conf_new();
        rd_kafka_conf_set(configuration, "log_level", "3", ref MemoryMarshal.GetReference(error), error.Length);
        nint client = rd_kafka_new(0, configuration, ref MemoryMarshal.GetReference(error), error.Length);
        return client == 0 ? throw new InvalidOperationException(Encoding.UTF8.GetString(error)) : new KafkaMock(client, rd_kafka_mock_cluster_new(client, brokers), brokers);
    }

    /// <summary>Makes a topic.</summary>
    public void Topic(string name, int partitions) => Demand(rd_kafka_mock_topic_create(_cluster, name, partitions, 1));

    /// <summary>Cuts all connections and takes no new ones.</summary>
    public void Down() => Each(broker => rd_kafka_mock_broker_set_down(_cluster, broker));

    public void Up() => Each(broker => rd_kafka_mock_broker_set_up(_cluster, broker));

    /// <summary>Removes the records of a partition before an offset, as retention does.</summary>
    public void Forget(string topic, int partition, long before) => Demand(rd_kafka_mock_partition_delete_records(_cluster, topic, partition, before));

    /// <summary>Answers the next requests of a kind with these error codes of Kafka's protocol.</summary>
    public void Fail(short request, params int[] errors) => rd_kafka_mock_push_request_errors_array(_cluster, request, (nuint)errors.Length, errors);

    public void Dispose()
    {
        rd_kafka_mock_cluster_destroy(_cluster);
        rd_kafka_destroy(_client);
    }

    private void Each(Func<int, int> change)
    {
        for (int broker = 1; broker <= _brokers; broker++)
        {
            Demand(change(broker));
        }
    }

    private static void Demand(int code)
    {
        if (code != 0)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"the mock answers {code}"));
        }
    }

    [LibraryImport(Library)]
    private static partial nint rd_kafka_conf_new();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rd_kafka_conf_set(nint configuration, string name, string value, ref byte error, nint size);

    [LibraryImport(Library)]
    private static partial nint rd_kafka_new(int type, nint configuration, ref byte error, nint size);

    [LibraryImport(Library)]
    private static partial void rd_kafka_destroy(nint client);

    [LibraryImport(Library)]
    private static partial nint rd_kafka_mock_cluster_new(nint client, int brokers);

    [LibraryImport(Library)]
    private static partial void rd_kafka_mock_cluster_destroy(nint cluster);

    [LibraryImport(Library)]
    private static partial nint rd_kafka_mock_cluster_bootstraps(nint cluster);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rd_kafka_mock_topic_create(nint cluster, string topic, int partitions, int replicas);

    [LibraryImport(Library)]
    private static partial int rd_kafka_mock_broker_set_down(nint cluster, int broker);

    [LibraryImport(Library)]
    private static partial int rd_kafka_mock_broker_set_up(nint cluster, int broker);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rd_kafka_mock_partition_delete_records(nint cluster, string topic, int partition, long before);

    [LibraryImport(Library)]
    private static partial void rd_kafka_mock_push_request_errors_array(nint cluster, short request, nuint count, int[] errors);
}
