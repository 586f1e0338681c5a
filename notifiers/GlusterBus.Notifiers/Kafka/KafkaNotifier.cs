using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Kafka.Reading;
using GlusterBus.Notifiers.Kafka.Writing;

namespace GlusterBus.Notifiers.Kafka;

/// <summary>Archives every transition in Kafka, and the newest of each entity beside it.</summary>
/// <remarks>The value is the CloudEvent in structured mode, byte for byte what every other receiver gets: an archive shall not have to put together again what it
/// was given (docs/adr/0016). Nothing counts as delivered before Kafka has reported it. A crash repeats, with the same id; readers leave repetitions out.</remarks>
/// <param name="options">Which Kafka, and which topics.</param>
public sealed class KafkaNotifier(KafkaOptions options) : IGatheringNotifier, IArchivingNotifier, IConnectionTest, IPlugin, IAsyncDisposable
{
    // One offer at a time, and a replay into it, take turns.
    private readonly SemaphoreSlim _turn = new(1);
    private KafkaWriter? _writer;

    public static PluginSpec Spec { get; } = PluginSpec.For<KafkaOptions>(
        "kafka",
        "Archives transitions in Kafka, for history, replay and past states",
        """{ "brokers": ["kafka1.example.org:9093", "kafka2.example.org:9093"], "user": "glusterbus", "passwordFile": "/etc/glusterbus/kafka.password", "tls": { "enabled": true }, "replicas": 3 }""");

    /// <summary>Kafka answers a batch when all of it is safe, and nothing is under way until the next: the larger, the less of the time is waiting.</summary>
    public int MaximumOffer => 4096;

    /// <summary>Archives this one transition.</summary>
    public async Task NotifyAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if ((await GatherAsync([delivery], isFull: true, cancellationToken)).Rejection is { } reason)
        {
            throw new DeliveryRejectedException(reason);
        }
    }

    public async Task<Gathered> GatherAsync(IReadOnlyList<Delivery> waiting, bool isFull, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        KafkaBatch batch = KafkaBatch.Of(waiting, options);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await KafkaSending.SendAsync(Writer, batch, waiting.Count, options, cancellationToken);
        }
        finally
        {
            if (_writer is { IsBroken: true })
            {
                _writer.Dispose();
                _writer = null;
            }

            _turn.Release();
        }
    }

    public ITransitionHistory HistoryOf(string cluster) => new KafkaHistory(options, cluster);

    public Task<IReadOnlyList<CheckResult>> CheckAsync(CancellationToken cancellationToken) => KafkaCheck.RunAsync(options, cancellationToken);

    public ValueTask DisposeAsync()
    {
        _writer?.Dispose();
        _writer = null;
        _turn.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Made at first use: a password's file that is missing is then this notifier's trouble, not the process's.</summary>
    private KafkaWriter Writer() => _writer ??= new KafkaWriter(options);
}
