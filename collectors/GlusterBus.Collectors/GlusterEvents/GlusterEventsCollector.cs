using System.Net;
using GlusterBus.Collectors.GlusterEvents.Receiving;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors.GlusterEvents;

/// <summary>Takes Gluster's own gf_event datagrams, in the place of glustereventsd.</summary>
/// <remarks>A thread per socket empties the kernel's buffer into a bounded queue (<see cref="DatagramSocket"/>); the loop here reads, maps and publishes.
/// Order is kept per socket. While the sink fails, everything waits in the queue: a datagram can't be read again.</remarks>
public sealed partial class GlusterEventsCollector(GlusterEventsOptions options, NodeContext node, TimeProvider clock, ILogger<GlusterEventsCollector> logger)
    : ICollector, IPlugin, IConnectionTest
{
    /// <summary>The plugin's name and the source of its observations.</summary>
    public const string Name = "gf_event";

    private static readonly TimeSpan SenderRefresh = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WarningSilence = TimeSpan.FromMinutes(1);

    private readonly DatagramQueue _queue = new(options.QueueBytes);
    private readonly TrustedSenders _senders = new(node, options.TrustedSources, Dns.GetHostAddressesAsync);
    private readonly DeadLetters _deadLetters = new(Path.Combine(node.StateDirectory, "gf_event.unreadable"), clock);
    private volatile TaskCompletionSource<IReadOnlyList<IPEndPoint>> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _epoch;
    private long _sequence;
    private long _lostInKernel;
    private long _lostInQueue;
    private long? _warnedOfUnreadable;
    private bool _hasWarnedOfLoss;

    public static PluginSpec Spec { get; } = PluginSpec.For<GlusterEventsOptions>(
        Name,
        "Gluster's own event datagrams (gf_event), in the place of glustereventsd.",
        """{ "glusterVersion": "11", "listen": ["0.0.0.0", "::1"], "clients": false, "trustedSources": ["backup.example.org"] }""",
        onByDefault: true);

    /// <summary>Completes with the bound addresses once the collector listens.</summary>
    internal Task<IReadOnlyList<IPEndPoint>> Listening => _listening.Task;

    public async Task RunAsync(IObservationSink sink, CancellationToken cancellationToken)
    {
        // Datagrams can't be read again, so each run is a stream of its own, also within one start of the node's collectors.
        _epoch = Math.Max(Math.Max(node.Epoch, _epoch + 1), clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000);
        _sequence = 0;
        _lostInKernel = 0;
        GlusterEventMetrics.Begin();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Exception? failure = null;
        IReadOnlyList<DatagramSocket> sockets = Open(e =>
        {
            failure = e;
            ending.Cancel();
        });
        Task refreshing = KeepSendersFreshAsync(ending.Token);
        try
        {
            _listening.TrySetResult([.. sockets.Select(s => s.Endpoint)]);
            await node.WhenKnown.WaitAsync(ending.Token);
            await _senders.RefreshAsync(ending.Token);
            while (true)
            {
                await _queue.WaitAsync(ending.Token);
                await PublishWaitingAsync(sink, ending.Token);
                ReportLosses(sockets);
                Flush(isEnd: false);
            }
        }
        catch (OperationCanceledException) when (failure is not null && !cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"a socket failed: {failure.Message}", failure);
        }
        finally
        {
            await ending.CancelAsync();
            await refreshing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (DatagramSocket socket in sockets)
            {
                socket.Dispose();
            }

            Flush(isEnd: true);
            _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private async Task PublishWaitingAsync(IObservationSink sink, CancellationToken cancellationToken)
    {
        var observations = new List<Observation>();
        TimeSpan? reconcile = null;
        while (observations.Count < ObservationBatch.MaximumCount && _queue.TryTake(out ReceivedDatagram datagram))
        {
            if (!_senders.Trusts(datagram.Sender) && _senders.IsStale)
            {
                await _senders.RefreshAsync(cancellationToken);
            }

            GlusterEventReading reading = Read(datagram);
            observations.AddRange(reading.Observations);
            if (reading.Reconcile is { } wait)
            {
                reconcile = reconcile is { } sooner && sooner < wait ? sooner : wait;
            }
        }

        for (int i = 0; i < observations.Count; i += ObservationBatch.MaximumCount)
        {
            await PublishAsync(sink, observations.GetRange(i, Math.Min(ObservationBatch.MaximumCount, observations.Count - i)), cancellationToken);
        }

        // After the publication, so that what the look finds comes second.
        if (reconcile is { } delay)
        {
            node.RequestReconcile(delay);
        }
    }

    private GlusterEventReading Read(in ReceivedDatagram datagram)
    {
        bool isTrusted = _senders.Trusts(datagram.Sender);
        GlusterEventMetrics.CountReceived(isTrusted);
        GlusterEventReading reading = GlusterEventReader.Read(datagram.Bytes, datagram.Sender, isTrusted, datagram.At, node, options);
        if (reading.Ignored is { } reason)
        {
            GlusterEventMetrics.CountIgnored(reason);
        }
        else if (reading.Error is { } error)
        {
            GlusterEventMetrics.CountUnreadable(error);
            string text = DatagramText.OfUnreadable(datagram.Bytes);
            _deadLetters.Add(datagram.At, datagram.Sender, error, text);
            if (_warnedOfUnreadable is not { } before || clock.GetElapsedTime(before) >= WarningSilence)
            {
                _warnedOfUnreadable = clock.GetTimestamp();
                CantRead(logger, datagram.Sender, error.Text, text);
            }
        }

        return reading;
    }

    private async Task PublishAsync(IObservationSink sink, List<Observation> observations, CancellationToken cancellationToken)
    {
        for (int i = 0; i < observations.Count; i++)
        {
            observations[i] = observations[i] with { Sequence = ++_sequence };
        }

        var batch = new ObservationBatch { Stream = $"{node.Name}/{Name}", Epoch = _epoch, Observations = observations };
        bool hasFailed = false;
        while (true)
        {
            try
            {
                await sink.PublishAsync(batch, cancellationToken);
                if (hasFailed)
                {
                    PublishesAgain(logger);
                }

                return;
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                if (!hasFailed)
                {
                    CantPublish(logger, observations.Count, e);
                    hasFailed = true;
                }

                await Task.Delay(RetryDelay, clock, cancellationToken);
            }
        }
    }

    private async Task KeepSendersFreshAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(SenderRefresh, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await _senders.RefreshAsync(cancellationToken);
        }
    }

    private void ReportLosses(IReadOnlyList<DatagramSocket> sockets)
    {
        long inKernel = sockets.Sum(s => s.Dropped) - _lostInKernel;
        long inQueue = _queue.Overflow - _lostInQueue;
        if (inKernel + inQueue == 0)
        {
            _hasWarnedOfLoss = false;
            return;
        }

        _lostInKernel += inKernel;
        _lostInQueue += inQueue;
        GlusterEventMetrics.CountLost(inKernel, "kernel");
        GlusterEventMetrics.CountLost(inQueue, "queue");
        if (!_hasWarnedOfLoss)
        {
            _hasWarnedOfLoss = true;
            HasLost(logger, inKernel, inQueue);
        }

        // What was lost may have been anything: only a fresh look can tell.
        node.RequestReconcile(TimeSpan.Zero);
    }

    private void Flush(bool isEnd)
    {
        try
        {
            _deadLetters.Flush(isEnd);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CantKeep(logger, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A datagram from {Sender} can't be read: {Problem}. Its text: {Text}. More of the kind are kept in gf_event.unreadable and counted, not logged")]
    private static partial void CantRead(ILogger logger, IPAddress sender, string problem, string text);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} observations can't be published now; they wait")]
    private static partial void CantPublish(ILogger logger, int count, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Observations are published again")]
    private static partial void PublishesAgain(ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, Message = "Datagrams were lost: {InKernel} because the kernel's buffer was full, {InQueue} because the queue was full. A fresh look at the cluster is asked for")]
    private static partial void HasLost(ILogger logger, long inKernel, long inQueue);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The unreadable datagrams can't be kept: {Problem}")]
    private static partial void CantKeep(ILogger logger, string problem);
}
