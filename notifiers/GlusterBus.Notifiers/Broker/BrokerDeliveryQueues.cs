using System.Collections.Concurrent;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Topology;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace GlusterBus.Notifiers.Broker;

/// <summary>The queues of all notifiers on the broker. Several processes may open the same ones: one at a time receives, the others stand by.</summary>
/// <remarks>Opening a queue again ends what was opened before, and everything that was not acknowledged comes again.</remarks>
public sealed partial class BrokerDeliveryQueues : IDeliveryQueues, IAsyncDisposable
{
    /// <summary>The most transitions handed out and not acknowledged, per notifier.</summary>
    /// <remarks>The same at every opening and in every process: RabbitMQ puts what comes back behind what came back before, so that a consumer which takes
    /// less than the one before it would find the order changed.</remarks>
    public const ushort Prefetch = 1024;

    private static readonly TimeSpan MeasureInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly RabbitMqOptions _options;
    private readonly IReadOnlyDictionary<string, TransitionFilter> _filters;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly BrokerBus _bus;
    private readonly BrokerLink _link;
    private readonly ConcurrentDictionary<string, BrokerDeliveryQueue> _open = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _unboundStale = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Suspicion> _suspicions = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _measuring;

    private BrokerDeliveryQueues(RabbitMqOptions options, IReadOnlyDictionary<string, TransitionFilter> filters, string name, TimeProvider clock, ILoggerFactory loggers)
    {
        _options = options;
        _filters = filters;
        _clock = clock;
        _logger = loggers.CreateLogger<BrokerDeliveryQueues>();
        _bus = BrokerBus.Start(options, BrokerPermissions.Notifier, name, loggers);
        _link = new BrokerLink(options, name);
        _measuring = Task.Run(MeasureAsync);
    }

    /// <summary>True when every notifier's queue is open; on a standby, too.</summary>
    public bool AreAllOpen => _filters.Keys.All(name => _open.TryGetValue(name, out BrokerDeliveryQueue? queue) && !queue.IsLost);

    /// <summary>Connects in the background; a broker that is away is no error here.</summary>
    /// <param name="options">The broker.</param>
    /// <param name="filters">Which transitions each notifier wants, by its configured name. The broker sorts roughly, the worker exactly.</param>
    /// <param name="name">Shown by the broker's management: role and node.</param>
    /// <param name="clock">Times the measuring of queues.</param>
    /// <param name="loggers">Hears of connections lost and regained.</param>
    /// <exception cref="ConfigurationException">A notifier's name can't be the name of a queue.</exception>
    public static BrokerDeliveryQueues Start(RabbitMqOptions options, IReadOnlyDictionary<string, TransitionFilter> filters, string name, TimeProvider clock, ILoggerFactory loggers)
    {
        ConfigurationProblem[] problems = [.. filters.Keys.Select(NotifierNames.Problem).OfType<ConfigurationProblem>()];
        return problems.Length == 0 ? new BrokerDeliveryQueues(options, filters, name, clock, loggers) : throw new ConfigurationException(problems);
    }

    /// <summary>Declares the queue, with its bindings and its error queue, and receives from it.</summary>
    /// <exception cref="DeliveryQueueLostException">The broker is away or unwilling; the message says which.</exception>
    public async ValueTask<IDeliveryQueue> OpenAsync(string notifier, CancellationToken cancellationToken)
    {
        if (_open.TryRemove(notifier, out BrokerDeliveryQueue? former))
        {
            await former.DisposeAsync();
        }

        try
        {
            uint waiting = await DeclareAsync(notifier, cancellationToken);
            var inbox = new Inbox();
            BrokerEndpoint endpoint = _bus.Receive(NotifierTopology.Queue(notifier, Prefetch), inbox);
            var queue = new BrokerDeliveryQueue(notifier, _suspicions.GetOrAdd(notifier, _ => new Suspicion()), inbox, endpoint, _link, _clock, waiting);
            try
            {
                await endpoint.Ready.WaitAsync(ReadyPatience, _clock, cancellationToken);
            }
            catch
            {
                await queue.DisposeAsync();
                throw;
            }

            _open[notifier] = queue;
            LogOpened(notifier, waiting);
            return queue;
        }
        catch (Exception e) when (BrokerFault.Is(e))
        {
            throw new DeliveryQueueLostException(BrokerTrouble.Of(e, _options, BrokerPermissions.Notifier).ToString(), e);
        }
    }

    /// <summary>Gives everything that was not acknowledged back to the broker.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _measuring.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_open.Values.Select(queue => queue.DisposeAsync().AsTask()));
        await _bus.DisposeAsync();
        await _link.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>Stops receiving. The broker may be away, which must not hold up anybody for long.</summary>
    internal static async Task StopAsync(BrokerEndpoint endpoint, TimeProvider clock)
    {
        using var patience = new CancellationTokenSource(StopPatience, clock);
        try
        {
            await endpoint.StopAsync(patience.Token);
        }
        catch (Exception e) when (BrokerFault.Is(e) || e is OperationCanceledException)
        {
            // The session has ended all the same.
        }
    }

    private async Task<uint> DeclareAsync(string notifier, CancellationToken cancellationToken)
    {
        IReadOnlySet<NotifierBinding> bindings = NotifierBindings.Of(_filters[notifier]);
        await using (IChannel asking = await _link.OpenChannelAsync(cancellationToken))
        {
            if (!await NotifierTopology.HasChannelsAsync(asking, cancellationToken))
            {
                await DeclareChannelsAsync(cancellationToken);
            }
        }

        await using IChannel channel = await _link.OpenChannelAsync(cancellationToken);
        await NotifierTopology.DeclareErrorQueueAsync(channel, notifier, cancellationToken);
        uint waiting = await NotifierTopology.DeclareQueueAsync(channel, notifier, cancellationToken);
        await NotifierTopology.BindAsync(channel, notifier, bindings, cancellationToken);

        // Once per process: when two processes have different configurations, the one that started last is right, and a reconnection of the other must not undo it.
        if (_unboundStale.TryAdd(notifier, true))
        {
            try
            {
                await NotifierTopology.UnbindAsync(channel, notifier, bindings, cancellationToken);
            }
            catch
            {
                _unboundStale.TryRemove(notifier, out _);
                throw;
            }
        }

        return waiting;
    }

    /// <summary>The channels are the routers' to declare; with an account that may, the order in which the roles start does not matter.</summary>
    private async Task DeclareChannelsAsync(CancellationToken cancellationToken)
    {
        await using IChannel channel = await _link.OpenChannelAsync(cancellationToken);
        try
        {
            await BrokerTopology.DeclareChannelsAsync(channel, cancellationToken);
        }
        catch (Exception e) when (BrokerFault.IsRefusal(e))
        {
            throw new DeliveryQueueLostException("no router has declared the channels yet, and this account may not; start `glusterbus route`", e);
        }
    }

    private async Task MeasureAsync()
    {
        using var timer = new PeriodicTimer(MeasureInterval, _clock);
        IChannel? channel = null;
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    channel = channel is { IsOpen: true } ? channel : await _link.OpenChannelAsync(_stop.Token);
                    foreach (BrokerDeliveryQueue queue in _open.Values)
                    {
                        string name = BrokerNames.NotifierQueue(queue.Notifier);
                        queue.Measured(await channel.MessageCountAsync(name, _stop.Token), await channel.MessageCountAsync(BrokerNames.ErrorQueue(name), _stop.Token));
                    }
                }
                catch (Exception e) when (BrokerFault.Is(e))
                {
                    // The broker is away. The figures stay as they are until it is back.
                }
            }
        }
        finally
        {
            channel?.Dispose();
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Opened the queue of notifier {Notifier}: {Waiting} transitions wait")]
    private partial void LogOpened(string notifier, uint waiting);
}
