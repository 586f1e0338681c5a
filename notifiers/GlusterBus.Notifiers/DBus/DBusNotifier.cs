using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.DBus.Model;
using GlusterBus.Notifiers.DBus.Wire;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Runtime.Concurrency;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Notifiers.DBus;

/// <summary>Shows the cluster on D-Bus: an object for each volume, brick, peer and node, and a signal for each transition.</summary>
/// <remarks>Where it follows no state, as in a replay from another process, it owns no name and shows no objects: it only sends the signals.</remarks>
public sealed partial class DBusNotifier : INotifier, IStateFollower, IPlugin, IConnectionTest, IAsyncDisposable
{
    /// <summary>The name on the bus.</summary>
    public const string Name = "org.glusterbus";

    /// <summary>The interface at <c>/org/glusterbus</c> that <c>StateChanged</c> belongs to.</summary>
    public const string EventsInterface = "org.glusterbus.Events";

    /// <summary>How long a delivery waits for a bus that is away before it counts as failed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The least time between two looks at the state table.</summary>
    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private static readonly string[] PolicyFolders = ["/etc/dbus-1/system.d", "/usr/share/dbus-1/system.d", "/usr/local/share/dbus-1/system.d"];

    private readonly DBusOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<DBusNotifier> _logger;
    private readonly Signal _lookSoon = new();
    private volatile TaskCompletionSource<BusView> _shown = NotYet();
    private volatile string _trouble = "the bus is not there yet";
    private volatile bool _isFollowing;
    private BusView? _voice;

    /// <param name="options">The bus.</param>
    /// <param name="clock">Times waits.</param>
    /// <param name="logger">Hears of the bus going and coming.</param>
    public DBusNotifier(DBusOptions options, TimeProvider clock, ILogger<DBusNotifier> logger)
    {
        (_options, _clock, _logger) = (options, clock, logger);
    }

    public static PluginSpec Spec { get; } = PluginSpec.For<DBusOptions>(
        "dbus",
        "Shows volumes, bricks, peers and nodes on D-Bus, and signals each transition",
        """{ "bus": "system", "refresh": "00:00:15" }""");

    public async Task NotifyAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            BusView view = _isFollowing ? await _shown.Task.WaitAsync(Patience, _clock, cancellationToken) : await VoiceAsync(cancellationToken);
            await view.TellAsync(delivery).WaitAsync(Patience, _clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new DeliveryFailedException(FailureKind.Refused, _trouble);
        }
        catch (Exception e) when (e is BusException or DllNotFoundException)
        {
            throw new DeliveryFailedException(FailureKind.Refused, BusTrouble.Text(e, _options.Bus), inner: e);
        }

        if (delivery.Transition.Entity.Kind is "volume" or "peer" or "node")
        {
            // What belongs to it, such as the bricks of a new volume, comes without transitions of its own.
            _lookSoon.Set();
        }
    }

    public async Task FollowAsync(FollowedState state, CancellationToken cancellationToken)
    {
        _isFollowing = true;
        int failures = 0;
        while (true)
        {
            try
            {
                await ShowAsync(state, () => failures = 0, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                _trouble = BusTrouble.Text(e, _options.Bus);
                if (++failures == 1)
                {
                    LogAway(_trouble);
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            TimeSpan wait = DeliveryPolicy.Backoff(failures, 0);
            await Task.Delay(wait < LongestWait ? wait : LongestWait, _clock, cancellationToken);
        }
    }

    public async Task<IReadOnlyList<CheckResult>> CheckAsync(CancellationToken cancellationToken)
    {
        string subject = $"D-Bus, {_options.Bus}";
        try
        {
            await using BusConnection bus = await BusConnection.OpenAsync(_options.Bus, cancellationToken);
            bool isOwned = true;
            await bus.DoAsync(() =>
            {
                try
                {
                    bus.Call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetNameOwner", Name);
                }
                catch (BusException e) when (!e.IsLoss)
                {
                    isOwned = false;
                }
            }).WaitAsync(Patience, _clock, cancellationToken);
            if (isOwned)
            {
                return [new CheckResult(subject, $"{Name} has an owner", $"nothing, if a GlusterBus runs already: `busctl status {Name}` names it", IsWarning: true)];
            }

            return _options.Bus != "system" || PolicyFolders.Any(folder => File.Exists(Path.Combine(folder, Name + ".conf")))
                ? [new CheckResult(subject)]
                : [new CheckResult(subject, $"the bus has no policy for {Name}", BusTrouble.InstallPolicy)];
        }
        catch (Exception e) when (e is BusException or DllNotFoundException or TimeoutException)
        {
            return [new CheckResult(subject, BusTrouble.Text(e, _options.Bus), "start the bus, or choose another one with the option bus")];
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_voice is { } voice)
        {
            await voice.Bus.DisposeAsync();
        }
    }

    private static TaskCompletionSource<BusView> NotYet() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>One life of the connection. Ends with an exception, whatever ends it.</summary>
    private async Task ShowAsync(FollowedState state, Action succeeded, CancellationToken cancellationToken)
    {
        await using BusConnection bus = await BusConnection.OpenAsync(_options.Bus, cancellationToken);
        var view = new BusView(bus, new ObjectTree(nodes => OwnNode.Of(nodes, _options.Node, Environment.MachineName)), state.Cluster, LogNotShown);
        int count = await view.OpenAsync(await state.Reader.CurrentAsync(cancellationToken));
        succeeded();
        LogShown(count, Name, _options.Bus);
        _shown.SetResult(view);
        try
        {
            _ = bus.Completion.ContinueWith(_ => _lookSoon.Set(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            bool isReadable = true;
            while (true)
            {
                await _lookSoon.WaitAsync(_options.Refresh, _clock, cancellationToken);
                await Task.WhenAny(bus.Completion, Task.Delay(LeastPause, _clock, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
                if (bus.Completion.IsCompleted)
                {
                    await bus.Completion;
                }

                isReadable = await LookAsync(view, state.Reader, isReadable, cancellationToken);
            }
        }
        finally
        {
            _trouble = $"the bus {_options.Bus} closed the connection";
            _shown = NotYet();
        }
    }

    /// <summary>Compares with the state table. A table that can't be read leaves the objects as they are: they go on with the transitions.</summary>
    private async Task<bool> LookAsync(BusView view, IStateReader reader, bool wasReadable, CancellationToken cancellationToken)
    {
        long stamp = await view.StampAsync();
        IReadOnlyList<EntityState> rows;
        try
        {
            rows = await reader.CurrentAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            if (wasReadable)
            {
                LogUnreadable(e.Message);
            }

            return false;
        }

        await view.MergeAsync(rows, stamp);
        return true;
    }

    private async Task<BusView> VoiceAsync(CancellationToken cancellationToken)
    {
        if (_voice is null || _voice.Bus.Completion.IsCompleted)
        {
            _voice = new BusView(await BusConnection.OpenAsync(_options.Bus, cancellationToken), null, "", LogNotShown);
        }

        return _voice;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} objects are shown as {Name} on the bus {Bus}")]
    private partial void LogShown(int count, string name, string bus);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The cluster can't be shown on D-Bus, trying again: {Problem}")]
    private partial void LogAway(string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The state table can't be read, the objects on D-Bus go on with the transitions alone: {Problem}")]
    private partial void LogUnreadable(string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "The object {Path} can't be shown on D-Bus: {Problem}")]
    private partial void LogNotShown(string path, string problem);
}
