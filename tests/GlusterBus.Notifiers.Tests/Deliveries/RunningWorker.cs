using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Notifiers.Tests.Deliveries;

/// <summary>A worker over a queue in memory, stopped at the end of the test.</summary>
internal sealed class RunningWorker : IAsyncDisposable
{
    public const string Name = "test";

    private readonly CancellationTokenSource _stop = new();
    private readonly NotifierWorker _worker;

    private RunningWorker(NotifierWorker worker, IDeliveryQueue queue)
    {
        _worker = worker;
        Queue = (InMemoryDeliveryQueue)queue;
        Running = worker.RunAsync(_stop.Token);
    }

    public Task Running { get; }

    public InMemoryDeliveryQueue Queue { get; }

    public static async Task<RunningWorker> StartAsync(
        InMemoryDeliveryQueues queues, INotifier notifier, TransitionFilter? filter = null, TimeProvider? clock = null, RecordingLogger? log = null, int seed = 1)
    {
        IDeliveryQueue queue = await queues.OpenAsync(Name, CancellationToken.None);
        var configured = new ConfiguredNotifier(Name, notifier, filter ?? TransitionFilter.All);
        var worker = new NotifierWorker(configured, queue, clock ?? new HurriedClock(), new Random(seed), (log ?? new RecordingLogger()).CreateLogger<NotifierWorker>());
        return new RunningWorker(worker, queue);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Running;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _worker.Dispose();
        _stop.Dispose();
    }
}
