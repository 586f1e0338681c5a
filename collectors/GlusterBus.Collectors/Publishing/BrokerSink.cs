using System.Buffers;
using GlusterBus.Collectors.Node;
using GlusterBus.Collectors.Publishing.Spooling;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors.Publishing;

/// <summary>Publishes what the collectors of one node observe to the broker, in order, and keeps it safe while the broker is away.</summary>
/// <remarks>One message is under way at a time; what gathers meanwhile leaves as the next one, so an idle line adds no delay and the order is total.
/// While the broker is away, what can be read again waits, looks are thrown away for a fresh one, and the rest goes to the spool.</remarks>
public sealed partial class BrokerSink : IObservationSink, IDisposable
{
    /// <summary>The most batches of each sort that wait in memory; who brings more waits outside.</summary>
    private const int Room = 32;

    /// <summary>How long a stopping sink goes on sending what waits.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    private readonly BrokerSinkOptions _options;
    private readonly NodeContext _node;
    private readonly Random _random;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Heartbeats _heartbeats;
    private readonly BatchFormat _format;
    private readonly WaitingLine _line;
    private readonly string _partition;

    // Apart from each other: logs that wait for the broker must not keep out what can go to the spool.
    private readonly SemaphoreSlim _roomForLogs = new(Room);
    private readonly SemaphoreSlim _room = new(Room);

    // The loop alone writes what follows.
    private readonly ArrayBufferWriter<byte> _body = new(16 * 1024);
    private volatile bool _isConnected;
    private int _failures;
    private bool _hasConnected;
    private BrokerTroubleKind? _told;
    private long _troubled;

    /// <summary>Opens the spool with what an earlier process left in it. Nothing is sent before <see cref="RunAsync"/>.</summary>
    /// <param name="random">Spreads reconnects.</param>
    /// <exception cref="IOException">The spool can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The spool may not be read.</exception>
    public BrokerSink(BrokerSinkOptions options, NodeContext node, Random random, TimeProvider clock, ILogger<BrokerSink> logger)
    {
        (_options, _node, _random, _clock, _logger) = (options, node, random, clock, logger);
        _partition = BrokerNames.PartitionKey(BrokerNames.PartitionOf(options.Cluster, options.RabbitMq.Partitions));
        _heartbeats = new Heartbeats(node, options.DataDirectory, clock, logger);
        var spool = new Spool(Path.Combine(options.DataDirectory, "spool"), (long)options.Spool.MaximumMegabytes << 20, clock, logger);
        _format = new BatchFormat(options.Cluster, node.Name);
        _line = new WaitingLine(spool, _format);
        PublishingMetrics.Watch(this);
    }

    /// <summary>True while the broker takes what is published.</summary>
    public bool IsConnected => _isConnected;

    /// <summary>How many batches wait in the spool.</summary>
    public long SpooledBatches => _line.SpooledBatches;

    /// <summary>How much disk space the spool takes.</summary>
    public long SpooledBytes => _line.SpooledBytes;

    /// <summary>How much disk space the spool may take; beyond, the oldest is dropped.</summary>
    public long SpoolLimit => (long)_options.Spool.MaximumMegabytes << 20;

    /// <summary>Returns when the batch is confirmed by the broker, or is in the spool.</summary>
    /// <remarks>A caller that cancels stops waiting; the batch may be sent all the same.</remarks>
    public async ValueTask PublishAsync(ObservationBatch batch, CancellationToken cancellationToken)
    {
        SemaphoreSlim room = batch.CanBeReadAgain ? _roomForLogs : _room;
        await room.WaitAsync(cancellationToken);
        var waiting = new WaitingBatch(batch, room);
        _line.Join(waiting);
        await waiting.Left.WaitAsync(cancellationToken);
    }

    /// <summary>Connects and publishes until cancelled, then sends what waits for a moment longer and spools the rest. Throws nothing for a broker that fails.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stopped = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _clock);
        using CancellationTokenRegistration stopping = cancellationToken.Register(() =>
        {
            stopped.CancelAfter(StopGrace);
            _line.Grown.Set();
        });
        while (!cancellationToken.IsCancellationRequested)
        {
            Exception? failure = await ServeAsync(cancellationToken, stopped.Token);
            if (failure is not null && !cancellationToken.IsCancellationRequested)
            {
                Tell(BrokerTrouble.Of(failure, _options.RabbitMq, BrokerSinkOptions.LeastPermissions));
                await Task.Delay(ReconnectPause.After(++_failures, _random.NextDouble()), _clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

                // The disk may have room again for what it refused.
                _line.Stay();
            }
        }
    }

    public void Dispose()
    {
        PublishingMetrics.Unwatch(this);
        _line.Dispose();
    }

    /// <summary>One connection from its opening to its end. Null when it ended because the sink is to stop.</summary>
    private async Task<Exception?> ServeAsync(CancellationToken stopping, CancellationToken stopped)
    {
        try
        {
            await using BrokerSession session = await BrokerSession.OpenAsync(
                _options.RabbitMq, $"glusterbus collect {_node.Name}", reply => _heartbeats.Hear(reply.Span), _clock, stopping);
            using CancellationTokenRegistration ended = session.Ended.Register(_line.Grown.Set);
            try
            {
                // The sign of life also shows whether the exchange is there and takes what we publish.
                await BeatAsync(session, stopping);
                Connected();
                await SendAsync(session, stopping, stopped);
                return null;
            }
            finally
            {
                _isConnected = false;
                _line.Stay();
            }
        }
        catch (Exception e)
        {
            return stopping.IsCancellationRequested ? null : e;
        }
    }

    private async Task SendAsync(BrokerSession session, CancellationToken stopping, CancellationToken stopped)
    {
        while (!session.Ended.IsCancellationRequested)
        {
            if (_heartbeats.Wait == TimeSpan.Zero)
            {
                await BeatAsync(session, stopped);
            }
            else if (!await SendNextAsync(session, stopped))
            {
                Recovered();
                if (stopping.IsCancellationRequested)
                {
                    return;
                }

                await _line.Grown.WaitAsync(_heartbeats.Wait, _clock, stopped);
            }
        }

        throw session.Failure();
    }

    /// <summary>Sends the head of the line. False when the line is empty.</summary>
    private async Task<bool> SendNextAsync(BrokerSession session, CancellationToken cancellationToken)
    {
        if (_line.ReportableLoss is { } loss)
        {
            await PublishAsync(session, null, [OutgoingBatch.Of(LossReport.Of(loss, _node.Name, _options.Spool.MaximumMegabytes, _clock.GetUtcNow()))], 1, [], cancellationToken);
            _line.Reported(loss);
            return true;
        }

        if (_line.Take() is not { } parcel)
        {
            return false;
        }

        if (parcel.Batches.Count > 0)
        {
            await PublishAsync(session, null, parcel.Batches, parcel.Count, parcel.Traces, cancellationToken);
            _heartbeats.HasLooked |= parcel.HasLook;
        }

        _line.Confirm(parcel);
        Recovered();
        return true;
    }

    private Task BeatAsync(BrokerSession session, CancellationToken cancellationToken) => PublishAsync(session, _heartbeats.Next(), [], 0, [], cancellationToken);

    private async Task PublishAsync(
        BrokerSession session, Heartbeat? heartbeat, IReadOnlyList<OutgoingBatch> batches, int observations, IReadOnlyList<string> traces, CancellationToken cancellationToken)
    {
        var message = new ObservationMessage
        {
            Cluster = _options.Cluster,
            Node = _node.Name,
            Generation = _heartbeats.Generation,
            ClockBehind = _heartbeats.ClockBehind,
            Heartbeat = heartbeat,
        };
        _body.ResetWrittenCount();
        ObservationJson.Write(message, batches, _body);
        long began = _clock.GetTimestamp();
        await session.PublishAsync(_partition, _body.WrittenMemory, wantsReply: heartbeat is not null, traces, cancellationToken);
        PublishingMetrics.Published(observations, _clock.GetElapsedTime(began));
    }

    private void Connected()
    {
        _isConnected = true;
        _line.Go();
        if (_hasConnected || _failures > 0)
        {
            // Whatever was looked at meanwhile was thrown away.
            _node.RequestReconcile(TimeSpan.Zero);
        }
        else
        {
            LogConnected(string.Join(", ", _options.RabbitMq.Hosts), _options.Cluster, _partition);
        }

        _hasConnected = true;
    }

    /// <summary>Called when something was published or nothing waits: only that ends a streak of failures.</summary>
    private void Recovered()
    {
        _failures = 0;
        if (_told is not null)
        {
            _told = null;
            LogRecovered(_clock.GetElapsedTime(_troubled), SpooledBatches);
        }
    }

    /// <summary>Once per streak; again only when what is in the way turns out to be something that waiting does not mend.</summary>
    private void Tell(BrokerTrouble trouble)
    {
        PublishingMetrics.Failed(trouble.Kind);
        bool isNew = _told is null;
        if (isNew)
        {
            _troubled = _clock.GetTimestamp();
        }

        if (isNew || (trouble.Kind != _told && trouble.Kind is not (BrokerTroubleKind.Unreachable or BrokerTroubleKind.Unanswered)))
        {
            _told = trouble.Kind;
            LogTrouble(trouble.ToString());
        }
    }

    [LoggerMessage(LogLevel.Information, "Publishes to the broker at {Hosts} what cluster {Cluster} does, in partition {Partition}")]
    private partial void LogConnected(string hosts, string cluster, string partition);

    [LoggerMessage(LogLevel.Warning, "Observations can't be published and are kept: {Trouble}. It is tried again")]
    private partial void LogTrouble(string trouble);

    [LoggerMessage(LogLevel.Information, "Observations are published again after {Duration}; {Waiting} batches wait in the spool")]
    private partial void LogRecovered(TimeSpan duration, long waiting);
}
