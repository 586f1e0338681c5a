using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Topology;
using GlusterBus.Router.State;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace GlusterBus.Router.Partitions;

/// <summary>What a router does for one cluster while it owns the cluster's partition: decide, commit, relay.</summary>
internal sealed class ClusterDesk : IAsyncDisposable
{
    /// <summary>So long the broker may take to answer; one that is cut off never does.</summary>
    private static readonly TimeSpan BrokerPatience = TimeSpan.FromSeconds(2);

    private readonly ObservationRouter _router;
    private readonly IChannel _channel;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _relay;

    private readonly WatchedTable _table;

    private ClusterDesk(ObservationRouter router, WatchedTable table, Relay relay, IChannel channel)
    {
        _router = router;
        _table = table;
        _channel = channel;
        _relay = Task.Run(() => relay.RunAsync(_stopping.Token), CancellationToken.None);
        Completion = Task.WhenAny(router.Completion, _relay).Unwrap();
    }

    /// <summary>Faults when the table or the broker was lost.</summary>
    public Task Completion { get; }

    /// <summary>Takes over the cluster's table, which shuts out the router before.</summary>
    /// <exception cref="StateTableUnreachableException">The store did not answer in time.</exception>
    public static async Task<ClusterDesk> OpenAsync(
        RouterOptions options, IClusterTable table, IChannel channel, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var watched = new WatchedTable(table);
        var router = new ObservationRouter(watched, options, clock, loggers.CreateLogger<ObservationRouter>(), stop => AnswersAsync(channel, clock, stop));
        await router.StartAsync(cancellationToken);
        PartitionMetrics.Watch(options.Cluster, watched);
        return new ClusterDesk(router, watched, new Relay(options.Cluster, table, watched, channel, router.VerifyAsync), channel);
    }

    /// <summary>Returns when another message may be taken.</summary>
    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => _table.WaitForRoomAsync(cancellationToken);

    /// <summary>Makes sure that the table is still this router's and whole, and brings it back when it is not whole.</summary>
    public Task VerifyAsync(CancellationToken cancellationToken) => _router.VerifyAsync(cancellationToken);

    /// <summary>Hands a message to the router, in order; completes when all of it is committed and a heartbeat is answered.</summary>
    /// <param name="message">What a collector published.</param>
    /// <param name="replyTo">Where the answer to a heartbeat goes; null when none is wanted.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task TakeAsync(ObservationMessage message, string? replyTo, CancellationToken cancellationToken) => message.Heartbeat is { } heartbeat
        ? HearAsync(message, heartbeat, replyTo, cancellationToken)
        : RouteAsync(message, cancellationToken);

    private Task RouteAsync(ObservationMessage message, CancellationToken cancellationToken)
    {
        CollectorMemory sender = Sender(message);
        return message.Batches.Count == 1
            ? _router.RouteAsync(message.Batches[0], cancellationToken, sender)
            : Task.WhenAll(message.Batches.Select(batch => _router.RouteAsync(batch, cancellationToken, sender)));
    }

    private static CollectorMemory Sender(ObservationMessage message) => new(message.Node, message.Generation, message.ClockBehind);

    /// <summary>True when the broker answers on the connection that deliveries come by.</summary>
    private static async Task<bool> AnswersAsync(IChannel channel, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(BrokerPatience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await channel.ExchangeDeclarePassiveAsync(BrokerNames.Observations, either.Token);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or RabbitMQ.Client.Exceptions.RabbitMQClientException or IOException or ObjectDisposedException or TimeoutException)
        {
            return false;
        }
    }

    public async Task StopRelayAsync()
    {
        await _stopping.CancelAsync();
        await _relay.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopRelayAsync();
        PartitionMetrics.Unwatch(_table);
        await _router.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task HearAsync(ObservationMessage message, Heartbeat heartbeat, string? replyTo, CancellationToken cancellationToken)
    {
        Task<HeartbeatReply> heard = _router.HearAsync(Sender(message), heartbeat, cancellationToken);
        Task routed = message.Batches.Count > 0 ? RouteAsync(message, cancellationToken) : Task.CompletedTask;
        HeartbeatReply reply = await heard;
        await routed;
        if (replyTo is not null)
        {
            // To a pseudo-queue that exists as long as the collector listens: nobody is to wait for it, and one who has gone needs no answer.
            await _channel.BasicPublishAsync("", replyTo, mandatory: false, new BasicProperties { Expiration = "5000" }, ObservationJson.Write(reply), cancellationToken);
        }
    }
}
