using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Runtime.DBus;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Notifiers.DBus;

/// <summary>Shows the cluster on D-Bus: an object for each volume, brick, peer and node, and a signal for each transition.</summary>
/// <remarks>Where it follows no state, as in a replay from another process, it owns no name and shows no objects: it only sends the signals.</remarks>
public sealed class DBusNotifier : INotifier, IStateFollower, IPlugin, IConnectionTest, IAsyncDisposable
{
    /// <summary>The name on the bus.</summary>
    public const string Name = "org.glusterbus";

    /// <summary>The interface at <c>/org/glusterbus</c> that <c>StateChanged</c> belongs to.</summary>
    public const string EventsInterface = "org.glusterbus.Events";

    /// <summary>How long a delivery waits for a bus that is away before it counts as failed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly DBusOptions _options;
    private readonly TimeProvider _clock;
    private readonly BusFollower _follower;
    private volatile bool _isFollowing;
    private BusView? _voice;

    /// <param name="options">The bus.</param>
    /// <param name="clock">Times waits.</param>
    /// <param name="logger">Hears of the bus going and coming.</param>
    public DBusNotifier(DBusOptions options, TimeProvider clock, ILogger<DBusNotifier> logger)
    {
        (_options, _clock, _follower) = (options, clock, new BusFollower(options, clock, logger));
    }

    public static PluginSpec Spec { get; } = PluginSpec.For<DBusOptions>(
        "dbus",
        "Shows volumes, bricks, peers and nodes on D-Bus, and signals each transition",
        """{ "bus": "system", "refresh": "00:00:15" }""");

    public async Task NotifyAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        BusView view = await ViewAsync(cancellationToken);
        try
        {
            await view.TellAsync(delivery, cancellationToken);
        }
        catch (Exception e) when (BusTrouble.Is(e))
        {
            throw new DeliveryFailedException(FailureKind.Refused, BusRefusal.Text(e, _options.Bus), inner: e);
        }

        if (delivery.Transition.Entity.Kind is "volume" or "peer" or "node")
        {
            // What belongs to it, such as the bricks of a new volume, comes without transitions of its own.
            _follower.LookSoon();
        }
    }

    public Task FollowAsync(FollowedState state, CancellationToken cancellationToken)
    {
        _isFollowing = true;
        return _follower.RunAsync(state, cancellationToken);
    }

    public async Task<IReadOnlyList<CheckResult>> CheckAsync(CancellationToken cancellationToken) =>
        [await BusCheck.LookAsync(_options.Bus, _clock, cancellationToken)];

    public ValueTask DisposeAsync()
    {
        _voice?.Bus.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The connection for a delivery: the one that shows the objects, or without a state to follow one of its own.</summary>
    private async Task<BusView> ViewAsync(CancellationToken cancellationToken)
    {
        if (_isFollowing)
        {
            try
            {
                return await _follower.Shown.WaitAsync(Patience, _clock, cancellationToken);
            }
            catch (TimeoutException)
            {
                throw new DeliveryFailedException(FailureKind.Refused, _follower.Trouble);
            }
        }

        if (_voice is null || _voice.Bus.Ended.IsCompleted)
        {
            try
            {
                _voice = new BusView(await BusConnection.OpenAsync(_options.Bus, _clock, cancellationToken), null, "");
            }
            catch (Exception e) when (BusTrouble.Is(e))
            {
                throw new DeliveryFailedException(FailureKind.Refused, BusRefusal.Text(e, _options.Bus), inner: e);
            }
        }

        return _voice;
    }
}
