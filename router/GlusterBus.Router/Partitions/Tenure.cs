using System.Collections.Concurrent;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace GlusterBus.Router.Partitions;

/// <summary>The time in which this router owns a partition: it begins with the first delivery of a session and ends with the session.</summary>
/// <remarks>Its one loop is the partition router's; only <see cref="Fail"/> and the completions of commits come from elsewhere.</remarks>
internal sealed partial class Tenure : IAsyncDisposable
{
    /// <summary>The most publishes under way.</summary>
    private const int Outstanding = 2000;

    /// <summary>How old a held token may grow: a message kept for ever would keep the queue's log from being cleaned, and the broker ends channels that keep
    /// one for 30 minutes.</summary>
    private static readonly TimeSpan TokenAge = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly PartitionContext _context;
    private readonly InboxSession _session;
    private readonly IChannel _channel;
    private readonly CancellationTokenSource _stopping;
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, ClusterDesk> _desks = new(StringComparer.Ordinal);
    private readonly ILogger _logger;
    private InboxMessage? _token;
    private Task _probing = Task.CompletedTask;

    private Tenure(PartitionContext context, InboxSession session, IChannel channel, CancellationToken cancellationToken)
    {
        _context = context;
        _session = session;
        _channel = channel;
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(session.Ended, cancellationToken);
        _logger = context.Loggers.CreateLogger<Tenure>();
    }

    public InboxSession Session => _session;

    /// <summary>Faults when the partition must be given up.</summary>
    public Task Failed => _failed.Task;

    /// <summary>Opens everything that the partition's owner needs: the channel to publish on, and the tables of the clusters known.</summary>
    public static async Task<Tenure> BeginAsync(PartitionContext context, InboxSession session, CancellationToken cancellationToken)
    {
        long began = context.Clock.GetTimestamp();
        IChannel channel = await BrokerConnection.OpenChannelAsync(session.Connection, Outstanding, cancellationToken);
        var tenure = new Tenure(context, session, channel, cancellationToken);
        try
        {
            await BrokerTopology.DeclareChannelsAsync(channel, cancellationToken);
            foreach (string cluster in await context.Store.ClustersAsync(context.Partition, cancellationToken))
            {
                await tenure.OpenAsync(cluster);
            }

            tenure._probing = Task.Run(tenure.ProbeAsync, CancellationToken.None);
            PartitionMetrics.Owned(context.Partition, true);
            PartitionMetrics.TookOver(context.Clock.GetElapsedTime(began));
            tenure.LogBegan(BrokerNames.PartitionKey(context.Partition), tenure._desks.Count, context.Clock.GetElapsedTime(began).TotalMilliseconds);
            return tenure;
        }
        catch
        {
            await tenure.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes one delivery. Returns when it is in the router's hands, which is before it is committed.</summary>
    public async Task TakeAsync(InboxMessage message)
    {
        switch (message.Content)
        {
            case OwnershipToken:
                // One is enough: the newest is kept, and the broker gives it to whoever comes after us.
                InboxMessage? older = _token;
                _token = message;
                older?.Acknowledge();
                break;

            case ObservationMessage observations:
                ClusterDesk desk = _desks.TryGetValue(observations.Cluster, out ClusterDesk? known) ? known : await IntroduceAsync(observations.Cluster);
                await desk.WaitForRoomAsync(_stopping.Token);
                PartitionMetrics.Taken(_context.Partition, message, _context.Clock);
                Task committed = desk.TakeAsync(MessageTrace.Continue(observations, message.TraceParent), message.Properties.ReplyTo, _stopping.Token);
                _ = AcknowledgeAsync(message, observations, committed);
                break;

            case FormatException unreadable:
                await RejectAsync(message, unreadable.Message);
                break;

            default:
                throw new InvalidOperationException($"nobody reads {message.Content}");
        }
    }

    public void Fail(Exception reason) => _failed.TrySetException(reason);

    /// <summary>Stops publishing and waits until the broker has processed what was sent. Only then may somebody else get the partition.</summary>
    public async Task StopPublishingAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_desks.Values.Select(desk => desk.StopRelayAsync()));
        if (_channel.IsOpen)
        {
            using var timeout = new CancellationTokenSource(CloseTimeout, _context.Clock);
            try
            {
                await _channel.CloseAsync(timeout.Token);
            }
            catch (Exception e) when (e is RabbitMQ.Client.Exceptions.OperationInterruptedException or RabbitMQ.Client.Exceptions.AlreadyClosedException
                or ObjectDisposedException or OperationCanceledException or TimeoutException or IOException)
            {
                // The connection is gone, and what was under way with it.
            }
        }
    }

    /// <summary>Stops publishing, finishes what is being committed, and lets go of the tables. Does not acknowledge anything.</summary>
    public async ValueTask DisposeAsync()
    {
        PartitionMetrics.Owned(_context.Partition, false);
        await StopPublishingAsync();
        await _probing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (ClusterDesk desk in _desks.Values)
        {
            await desk.DisposeAsync();
        }

        _desks.Clear();
        _failed.TrySetCanceled(CancellationToken.None);
        _ = _failed.Task.Exception;
        await _channel.DisposeAsync();
    }

    private async Task<ClusterDesk> IntroduceAsync(string cluster)
    {
        await _context.Store.RememberAsync(_context.Partition, cluster, _stopping.Token);
        return await OpenAsync(cluster);
    }

    private async Task<ClusterDesk> OpenAsync(string cluster)
    {
        ClusterDesk desk = await ClusterDesk.OpenAsync(_context.Router with { Cluster = cluster }, _context.Store.TableOf(cluster), _channel, _context.Clock, _context.Loggers, _stopping.Token);
        _desks[cluster] = desk;
        _ = desk.Completion.ContinueWith(
            ended => Fail(ended.Exception?.GetBaseException() ?? new InvalidOperationException("a desk ended by itself")),
            CancellationToken.None, TaskContinuationOptions.NotOnCanceled, TaskScheduler.Default);
        return desk;
    }

    private async Task AcknowledgeAsync(InboxMessage message, ObservationMessage observations, Task committed)
    {
        try
        {
            await committed;
            message.Acknowledge();
            PartitionMetrics.Applied(_context.Partition, observations, _context.Clock.GetUtcNow());
        }
        catch (FormatException e)
        {
            await RejectAsync(message, e.Message).ContinueWith(rejected => Fail(rejected.Exception!.GetBaseException()), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception e)
        {
            // It stays with the broker, which hands it to whoever owns the partition next.
            Fail(e);
        }
        finally
        {
            PartitionMetrics.Left(message);
        }
    }

    private async Task RejectAsync(InboxMessage message, string reason)
    {
        string queue = BrokerNames.RejectedObservations;
        await BrokerTopology.DeclareErrorQueueAsync(_channel, queue, _stopping.Token);
        var properties = new BasicProperties(message.Properties)
        {
            Persistent = true,
            Headers = new Dictionary<string, object?>(message.Properties.Headers ?? new Dictionary<string, object?>())
            {
                [BrokerNames.ReasonHeader] = reason,
                [BrokerNames.ParkedAtHeader] = TransitionJson.Time(_context.Clock.GetUtcNow()),
            },
        };
        await _channel.BasicPublishAsync("", queue, mandatory: true, properties, message.Body, _stopping.Token);
        message.Acknowledge();
        PartitionMetrics.Rejected(_context.Partition);
        LogRejected(BrokerNames.PartitionKey(_context.Partition), queue, reason);
    }

    /// <summary>Asks the store for a sign of life, so that a standby with a better line takes over although nothing happens, looks whether it still holds what
    /// was committed, and renews the token.</summary>
    private async Task ProbeAsync()
    {
        try
        {
            long renewed = _context.Clock.GetTimestamp();
            while (true)
            {
                await Task.Delay(_context.ProbeInterval, _context.Clock, _stopping.Token);
                await _context.Store.ProbeAsync(_stopping.Token);
                foreach ((string cluster, ClusterDesk desk) in _desks)
                {
                    // A store that was emptied has forgotten both.
                    await _context.Store.RememberAsync(_context.Partition, cluster, _stopping.Token);
                    await desk.VerifyAsync(_stopping.Token);
                }

                if (_context.Clock.GetElapsedTime(renewed) >= TokenAge)
                {
                    renewed = _context.Clock.GetTimestamp();
                    await OwnershipToken.PublishAsync(_channel, _context.Partition, _stopping.Token);
                    PartitionMetrics.Waiting(_context.Partition, await _channel.MessageCountAsync(BrokerNames.PartitionQueue(_context.Partition), _stopping.Token));
                }
            }
        }
        catch (Exception e) when (!_stopping.IsCancellationRequested)
        {
            Fail(e);
        }
        catch (OperationCanceledException)
        {
        }
    }

    [LoggerMessage(LogLevel.Information, "Took over partition {Partition} with {Clusters} clusters in {Milliseconds:F0} ms")]
    private partial void LogBegan(string partition, int clusters, double milliseconds);

    [LoggerMessage(LogLevel.Error, "A message of partition {Partition} is no observation and rests in {Queue}: {Reason}")]
    private partial void LogRejected(string partition, string queue, string reason);
}
