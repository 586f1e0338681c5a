using GlusterBus.Contracts.Topology;
using GlusterBus.Router.State;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace GlusterBus.Router.Partitions;

/// <summary>A router of the distributed deployment: receives every partition, owns those that the broker gives it, and stands by for the others.</summary>
#pragma warning disable CA1001 // The token's source has no timer, and may be asked after the end.
public sealed partial class RouterTier : IAsyncDisposable
#pragma warning restore CA1001
{
    private readonly RabbitMqOptions _broker;
    private readonly string _name;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly BrokerBus _bus;
    private readonly PartitionRouter[] _partitions;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task[] _running;
    private string? _heard;

    private RouterTier(RabbitMqOptions broker, string name, IClusterStore store, RouterOptions options, TimeSpan probeInterval, TimeProvider clock, ILoggerFactory loggers)
    {
        (_broker, _name, _clock, _logger) = (broker, name, clock, loggers.CreateLogger<RouterTier>());
        _bus = BrokerBus.Start(broker, BrokerPermissions.Router, name, loggers);
        _partitions = [.. Enumerable.Range(0, broker.Partitions).Select(partition => new PartitionRouter(
            new PartitionContext(partition, broker.Partitions, store, options, probeInterval, clock, loggers), _bus, cancellationToken => PublishTokenAsync(partition, cancellationToken), Heard))];
        _running = [.. _partitions.Select(partition => Task.Run(() => partition.RunAsync(_stopping.Token), CancellationToken.None))];
        Completion = Task.WhenAny(_running).Unwrap();
    }

    /// <summary>Ends only when something broke that the router can't mend by itself.</summary>
    public Task Completion { get; }

    /// <summary>How many partitions this router owns at present.</summary>
    public int Owned => _partitions.Count(partition => partition.IsOwner);

    /// <summary>How many partitions this router owns or stands by for.</summary>
    public int Attending => _partitions.Count(partition => partition.IsAttending);

    /// <param name="broker">The broker.</param>
    /// <param name="name">Shown by the broker's management, such as <c>glusterbus route gl1</c>.</param>
    /// <param name="store">The state tables.</param>
    /// <param name="options">Settings of the decision; the cluster's name is filled in for each cluster.</param>
    /// <param name="probeInterval">How often an owner asks the store for a sign of life.</param>
    public static RouterTier Start(
        RabbitMqOptions broker, string name, IClusterStore store, RouterOptions options, TimeSpan probeInterval, TimeProvider clock, ILoggerFactory loggers) =>
        new(broker, name, store, options, probeInterval, clock, loggers);

    /// <summary>Gives every partition back, so that a standby takes over at once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _bus.DisposeAsync();
    }

    /// <summary>Logs once what every partition hears.</summary>
    /// <param name="reason">Why nothing is delivered; null when something is again.</param>
    private void Heard(string? reason)
    {
        if (Interlocked.Exchange(ref _heard, reason) is var before && before != reason)
        {
            if (reason is null)
            {
                LogBrokerBack();
            }
            else
            {
                LogBrokerAway(reason);
            }
        }
    }

    /// <summary>Puts a token into a partition that was just joined: if nobody owns it, this makes somebody the owner.</summary>
    private async Task PublishTokenAsync(int partition, CancellationToken cancellationToken)
    {
        for (TimeSpan pause = TimeSpan.FromMilliseconds(200); ; pause = pause > TimeSpan.FromSeconds(5) ? pause : pause * 2)
        {
            try
            {
                await using IConnection connection = await BrokerConnection.OpenAsync(_broker, _name + " token", cancellationToken);
                await using IChannel channel = await BrokerConnection.OpenChannelAsync(connection, 1, cancellationToken);
                await OwnershipToken.PublishAsync(channel, partition, cancellationToken);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                LogTokenDelayed(BrokerNames.PartitionKey(partition), e.Message);
                await Task.Delay(pause, _clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Nothing is received: {Reason}. It is tried again")]
    private partial void LogBrokerAway(string reason);

    [LoggerMessage(LogLevel.Information, "The broker delivers again")]
    private partial void LogBrokerBack();

    [LoggerMessage(LogLevel.Debug, "The token of partition {Partition} could not be published yet: {Reason}")]
    private partial void LogTokenDelayed(string partition, string reason);
}
