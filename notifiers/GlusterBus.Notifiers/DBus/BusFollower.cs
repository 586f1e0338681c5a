using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.DBus.Model;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Runtime.Concurrency;
using GlusterBus.Runtime.DBus;
using Microsoft.Extensions.Logging;
using Tmds.DBus.Protocol;

namespace GlusterBus.Notifiers.DBus;

/// <summary>Keeps the cluster on the bus: connects, shows, compares with the state table, and begins anew when the bus was away.</summary>
/// <param name="options">The bus.</param>
/// <param name="clock">Times waits.</param>
/// <param name="logger">Hears of the bus going and coming.</param>
internal sealed partial class BusFollower(DBusOptions options, TimeProvider clock, ILogger logger)
{
    /// <summary>The least time between two looks at the state table.</summary>
    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly Signal _lookSoon = new();
    private volatile TaskCompletionSource<BusView> _shown = NotYet();
    private volatile string _trouble = "the bus is not there yet";

    /// <summary>What is shown, as soon as it is.</summary>
    public Task<BusView> Shown => _shown.Task;

    /// <summary>Why nothing is shown.</summary>
    public string Trouble => _trouble;

    /// <summary>Asks for a look at the state table before its time.</summary>
    public void LookSoon() => _lookSoon.Set();

    /// <summary>Runs until cancelled, then throws that it was.</summary>
    public async Task RunAsync(FollowedState state, CancellationToken cancellationToken)
    {
        int failures = 0;
        while (true)
        {
            try
            {
                await ShowAsync(state, () => failures = 0, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                _trouble = BusRefusal.Text(e, options.Bus);
                if (++failures == 1)
                {
                    LogAway(_trouble);
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            TimeSpan wait = DeliveryPolicy.Backoff(failures, 0);
            await Task.Delay(wait < LongestWait ? wait : LongestWait, clock, cancellationToken);
        }
    }

    private static TaskCompletionSource<BusView> NotYet() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>One life of the connection. Ends with an exception, whatever ends it.</summary>
    private async Task ShowAsync(FollowedState state, Action succeeded, CancellationToken cancellationToken)
    {
        using BusConnection bus = await BusConnection.OpenAsync(options.Bus, clock, cancellationToken);
        var view = new BusView(bus, new ObjectTree(nodes => OwnNode.Of(nodes, options.Node, Environment.MachineName)), state.Cluster);
        int count = await view.OpenAsync(await state.Reader.CurrentAsync(cancellationToken), cancellationToken);
        succeeded();
        LogShown(count, DBusNotifier.Name, options.Bus);
        _shown.SetResult(view);
        try
        {
            _ = bus.Ended.ContinueWith(_ => _lookSoon.Set(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            bool isReadable = true;
            while (true)
            {
                await _lookSoon.WaitAsync(options.Refresh, clock, cancellationToken);
                await Task.WhenAny(bus.Ended, Task.Delay(LeastPause, clock, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
                if (bus.Ended.IsCompleted)
                {
                    throw new DBusConnectionClosedException("the bus closed the connection");
                }

                isReadable = await LookAsync(view, state.Reader, isReadable, cancellationToken);
            }
        }
        finally
        {
            _trouble = $"the bus {options.Bus} closed the connection";
            _shown = NotYet();
        }
    }

    /// <summary>Compares with the state table. A table that can't be read leaves the objects as they are: they go on with the transitions.</summary>
    private async Task<bool> LookAsync(BusView view, IStateReader reader, bool wasReadable, CancellationToken cancellationToken)
    {
        long stamp = view.Stamp;
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

        view.Merge(rows, stamp);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} objects are shown as {Name} on the bus {Bus}")]
    private partial void LogShown(int count, string name, string bus);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The cluster can't be shown on D-Bus, trying again: {Problem}")]
    private partial void LogAway(string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The state table can't be read, the objects on D-Bus go on with the transitions alone: {Problem}")]
    private partial void LogUnreadable(string problem);
}
