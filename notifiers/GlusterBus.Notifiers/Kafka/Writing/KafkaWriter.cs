using System.Text;
using Confluent.Kafka;

namespace GlusterBus.Notifiers.Kafka.Writing;

/// <summary>The way into Kafka: what is written is safe when it is reported, and no partition ever has it in another order.</summary>
/// <remarks>The only class that holds the library's producer: a method elsewhere that returns something of the library would load it wherever the catalogue
/// of plugins is read, which is on every node.</remarks>
internal sealed class KafkaWriter : IDisposable
{
    private readonly KafkaOptions _options;
    private readonly ClientConfig _config;
    private readonly IProducer<byte[], byte[]?> _producer;
    private readonly HashSet<string> _ensured = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Headers> _headers = new(StringComparer.Ordinal);
    private volatile Error? _connection;

    public KafkaWriter(KafkaOptions options)
    {
        _options = options;
        _config = KafkaConnection.Of(options);
        var config = new ProducerConfig(new Dictionary<string, string>(_config.ToDictionary(p => p.Key, p => p.Value)))
        {
            // Confirmed by all replicas in sync, numbered, so that a repetition within the client is recognised and nothing overtakes.
            EnableIdempotence = true,
            Acks = Acks.All,

            // A batch is handed over record by record: in so little time all of it is there, and leaves in few requests instead of many.
            LingerMs = 2,
            CompressionType = CompressionType.Lz4,
            Partitioner = Partitioner.Murmur2,
            MessageTimeoutMs = (int)options.Timeout.TotalMilliseconds,
            MessageMaxBytes = MaximumBytes,
            DeliveryReportFields = "none",
        };
        _producer = new ProducerBuilder<byte[], byte[]?>(config)
            .SetLogHandler(static (_, _) => { })
            .SetErrorHandler((_, error) => _connection = error.Code == ErrorCode.Local_AllBrokersDown && _connection is not null ? _connection : error)
            .Build();
    }

    /// <summary>The most that a record may have; Kafka's own default.</summary>
    public const int MaximumBytes = 1_000_000;

    /// <summary>True when it can't be used any more, and another one can.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>What the client last said of its connections.</summary>
    public Error? Connection => _connection;

    /// <summary>Sends everything, and returns when there is a report on each.</summary>
    /// <exception cref="KafkaException">The topics could not be looked up or made; nothing was sent.</exception>
    /// <exception cref="Deliveries.DeliveryFailedException">A topic is missing and must not be made; nothing was sent.</exception>
    public async Task<KafkaReports> WriteAsync(IReadOnlyList<KafkaRecord> records, CancellationToken cancellationToken)
    {
        string[] unknown = [.. records.Select(record => record.Topic).Distinct(StringComparer.Ordinal).Where(topic => !_ensured.Contains(topic))];
        if (unknown.Length > 0)
        {
            await KafkaTopics.EnsureAsync(unknown, _config, _options).WaitAsync(cancellationToken);
            _ensured.UnionWith(unknown);
        }

        var reports = new KafkaReports(records.Count);
        for (int i = 0; i < records.Count; i++)
        {
            Produce(records[i], i, reports);
        }

        await reports.Completion.WaitAsync(cancellationToken);
        if (reports.Errors.All(error => error is null))
        {
            _connection = null;
        }
        else
        {
            // A topic that somebody deleted is looked for again; what can't be mended is made anew.
            IsBroken = reports.Errors.Any(error => error is { IsFatal: true });
            _ensured.Clear();
        }

        return reports;
    }

    /// <summary>Ends it without waiting for what is under way: that was not reported, and so it comes again.</summary>
    public void Dispose() => _producer.Dispose();

    private void Produce(KafkaRecord record, int index, KafkaReports reports)
    {
        var message = new Message<byte[], byte[]?> { Key = record.Key, Value = record.Value, Timestamp = new Timestamp(record.Time.ToUnixTimeMilliseconds(), TimestampType.CreateTime) };
        if (record.ContentType is { } contentType)
        {
            message.Headers = HeadersOf(contentType);
            if (record.TraceParent is { } trace)
            {
                message.Headers = [.. message.Headers, new Header("traceparent", Encoding.ASCII.GetBytes(trace))];
            }
        }

        try
        {
            _producer.Produce(record.Topic, message, report => reports.Set(index, report.Error.IsError ? report.Error : null));
        }
        catch (ProduceException<byte[], byte[]?> e)
        {
            reports.Set(index, e.Error);
        }
    }

    /// <summary>One for all records of a content type: the client only reads it.</summary>
    private Headers HeadersOf(string contentType) =>
        _headers.TryGetValue(contentType, out Headers? headers) ? headers : _headers[contentType] = [new Header("content-type", Encoding.ASCII.GetBytes(contentType))];
}
