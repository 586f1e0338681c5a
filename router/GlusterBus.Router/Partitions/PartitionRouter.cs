using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Router.Partitions;

/// <summary>Receives one partition: stands by while another router owns it, works while it is its own, and gives it up when it can't.</summary>
internal sealed partial class PartitionRouter(PartitionContext context, BrokerBus bus, Func<CancellationToken, Task> publishToken, Action<string?> onBroker)
{
    /// <summary>Two commits' worth of full messages: enough to keep decision and commit busy while the next are parsed, and no more, since what is parsed
    /// and waits is what the memory's collector has to move.</summary>
    private const ushort Prefetch = 16;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = context.Loggers.CreateLogger<PartitionRouter>();

    private volatile bool _isOwner;
    private volatile bool _isAttending;

    /// <summary>True while this router owns the partition.</summary>
    public bool IsOwner => _isOwner;

    /// <summary>True while this router owns the partition or stands by for it.</summary>
    public bool IsAttending => _isAttending;

    private string Key => BrokerNames.PartitionKey(context.Partition);

    /// <summary>Runs until cancelled; mends what can be mended by giving the partition back and standing by again.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        TimeSpan pause = ShortestPause;
        string? reported = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            long began = context.Clock.GetTimestamp();
            try
            {
                // Without the state table it would be an owner that can't work: it does not even stand by.
                await context.Store.ProbeAsync(cancellationToken);
                if (reported is not null)
                {
                    LogStandingBy(Key);
                    reported = null;
                }

                await ReceiveAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (e is BrokerLostException)
                {
                    onBroker(e.Message);
                }
                else if (e.Message != reported)
                {
                    reported = e.Message;
                    LogGaveUp(Key, e.Message);
                }

                pause = context.Clock.GetElapsedTime(began) > LongestPause ? ShortestPause : pause * 2 > LongestPause ? LongestPause : pause * 2;
                await Task.Delay(pause, context.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Receives until something breaks, which is thrown when the partition has been given back.</summary>
    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var inbox = new Inbox(Read);
        BrokerEndpoint endpoint = bus.Receive(BrokerTopology.Partition(context.Partition, Prefetch), inbox);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task token = PublishTokenAsync(endpoint, stop.Token);
        try
        {
            await WorkAsync(inbox, endpoint, stop.Token);
        }
        finally
        {
            Attend(false);
            await stop.CancelAsync();
            await token.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            using var timeout = new CancellationTokenSource(StopTimeout, context.Clock);
            await endpoint.StopAsync(timeout.Token);
        }
    }

    private async Task WorkAsync(Inbox inbox, BrokerEndpoint endpoint, CancellationToken cancellationToken)
    {
        Tenure? tenure = null;
        try
        {
            while (await NextAsync(inbox, endpoint, tenure, cancellationToken) is { } message)
            {
                if (message.Session.Ended.IsCancellationRequested)
                {
                    continue;
                }

                if (tenure?.Session != message.Session)
                {
                    await EndAsync(tenure);
                    tenure = null;
                    tenure = await Tenure.BeginAsync(context, message.Session, cancellationToken);
                    _isOwner = true;
                }

                await tenure.TakeAsync(message);
            }
        }
        finally
        {
            _isOwner = false;
            await EndAsync(tenure);
        }
    }

    /// <summary>The next delivery. Ends with the tenure's failure or the endpoint's, if that comes first; while nothing comes, a tenure whose session is over is ended.</summary>
    private async Task<InboxMessage?> NextAsync(Inbox inbox, BrokerEndpoint endpoint, Tenure? tenure, CancellationToken cancellationToken)
    {
        if (inbox.Messages.TryRead(out InboxMessage? ready))
        {
            return tenure is { Failed.IsFaulted: true } && !tenure.Session.Ended.IsCancellationRequested ? throw tenure.Failed.Exception!.GetBaseException() : ready;
        }

        Task<bool> more = inbox.Messages.WaitToReadAsync(cancellationToken).AsTask();
        if (tenure is not null && !tenure.Session.Ended.IsCancellationRequested)
        {
            Task first = await Task.WhenAny(more, tenure.Failed, endpoint.Lost, Task.Delay(Timeout.InfiniteTimeSpan, context.Clock, tenure.Session.Ended));
            if (first == tenure.Failed && !tenure.Session.Ended.IsCancellationRequested)
            {
                await tenure.Failed;
            }
        }

        // Not only when the end was waited for: it may have come while the last deliveries of the session were thrown away.
        if (_isOwner && tenure is { Session.Ended.IsCancellationRequested: true })
        {
            // The broker has taken the partition back: whoever owns it now decides and publishes.
            LogLost(Key);
            _isOwner = false;
            await tenure.DisposeAsync();
        }

        return await Task.WhenAny(more, endpoint.Lost) != more ? throw await endpoint.Lost
            : await more && inbox.Messages.TryRead(out InboxMessage? next) ? next
            : null;
    }

    /// <summary>First nothing more is published, then the broker may give the partition to somebody else, and the rest can take its time.</summary>
    private static async Task EndAsync(Tenure? tenure)
    {
        if (tenure is not null)
        {
            await tenure.StopPublishingAsync();
            await tenure.Session.CloseAsync();
            await tenure.DisposeAsync();
        }
    }

    private async Task PublishTokenAsync(BrokerEndpoint endpoint, CancellationToken cancellationToken)
    {
        await endpoint.Ready.WaitAsync(cancellationToken);
        Attend(true);
        onBroker(null);
        await publishToken(cancellationToken);
    }

    private void Attend(bool attends)
    {
        _isAttending = attends;
        PartitionMetrics.Attending(context.Partition, attends);
    }

    /// <summary>On the receiving threads: parsing is the larger part of the work, and needs no order.</summary>
    private object Read(InboxMessage message)
    {
        if (message.Properties.Type == BrokerNames.TokenType)
        {
            return OwnershipToken.Instance;
        }

        try
        {
            ObservationMessage observations = CompressedBody.Read(message.Properties, message.Body, ObservationJson.Parse);
            return Problem(observations) is { } problem ? new FormatException(problem) : observations;
        }
        catch (FormatException e)
        {
            return e;
        }
    }

    /// <summary>Why a message can't be taken here; null when it can. Two owners of one cluster would shut each other out for ever.</summary>
    private string? Problem(ObservationMessage message)
    {
        if (!ClusterName.IsValid(message.Cluster))
        {
            return "not an observation message: 'cluster' is no name of a cluster";
        }

        int partition = BrokerNames.PartitionOf(message.Cluster, context.Partitions);
        return partition == context.Partition
            ? null
            : $"cluster {message.Cluster} belongs to partition {BrokerNames.PartitionKey(partition)} of {context.Partitions}: rabbitMq.partitions of {message.Node}'s collector differs from the router's";
    }

    [LoggerMessage(LogLevel.Warning, "Gave up partition {Partition} and tries again: {Reason}")]
    private partial void LogGaveUp(string partition, string reason);

    [LoggerMessage(LogLevel.Information, "Stands by for partition {Partition} again")]
    private partial void LogStandingBy(string partition);

    [LoggerMessage(LogLevel.Information, "Partition {Partition} is not delivered to this router any more")]
    private partial void LogLost(string partition);
}
