using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.DBus;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Notifiers.Tests.DBus;

/// <summary>The notifier on a bus, following a state table that the test writes.</summary>
internal sealed class RunningBridge : IAsyncDisposable, IStateReader
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _following;

    public RunningBridge(string address, TimeSpan refresh, params EntityState[] rows)
        : this(address, refresh, TimeProvider.System, rows)
    {
    }

    public RunningBridge(string address, TimeSpan refresh, TimeProvider clock, params EntityState[] rows)
    {
        Table = rows;
        Notifier = new DBusNotifier(new DBusOptions { Bus = address, Node = "n1", Refresh = refresh }, clock, new Logger<DBusNotifier>(Log));
        _following = Notifier.FollowAsync(new FollowedState("lab", this), _stop.Token);
    }

    public RecordingLogger Log { get; } = new();

    public DBusNotifier Notifier { get; }

    /// <summary>What the state table holds; null while it can't be read.</summary>
    public IReadOnlyList<EntityState>? Table { get; set; }

    public ValueTask<IReadOnlyList<EntityState>> CurrentAsync(CancellationToken cancellationToken) =>
        Table is { } table ? ValueTask.FromResult(table) : throw new IOException("Redis is away");

    public Task TellAsync(Transition transition) =>
        Notifier.NotifyAsync(new Delivery(transition, TransitionJson.Write(transition), 1), TestContext.Current.CancellationToken);

    /// <summary>Waits until it has logged a text so many times.</summary>
    public async Task UntilLoggedAsync(string text, int times = 1)
    {
        while (Log.Lines.Count(line => line.Text.Contains(text, StringComparison.Ordinal)) < times)
        {
            _following.IsFaulted.ShouldBeFalse(_following.Exception?.ToString());
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Notifier.DisposeAsync();
        _stop.Dispose();
    }
}
