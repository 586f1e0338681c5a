using GlusterBus.Collectors;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Router;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Host.Composition;

/// <summary>Collectors, router and notifiers in one process: the same composition for <c>up</c>, <c>demo</c> and tests.</summary>
public sealed class EmbeddedPipeline : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopCollectors = new();
    private readonly CancellationTokenSource _stopNotifiers = new();
    private readonly Task _collectors;
    private readonly Task _notifiers;

    private EmbeddedPipeline(EmbeddedPipelineOptions options, ObservationRouter router)
    {
        Router = router;
        Archive = options.Store.Archive;
        Nodes = options.Nodes;
        _notifiers = new NotifierRunner(options.Clock, options.Random, options.Loggers).RunAsync(
            options.Notifiers, options.Store.Queues, new FollowedState(options.Router.Cluster, router), _stopNotifiers.Token);
        options.BeforeCollectors?.Invoke(router);
        var runner = new CollectorRunner(options.Clock, new Random(options.Random.Next()), options.Loggers.CreateLogger<CollectorRunner>());
        _collectors = Task.WhenAll(options.Nodes.Select(node => runner.RunAsync(node.Node, node.Collectors, router, _stopCollectors.Token)));
        Task[] tiers = [router.Completion, .. options.Notifiers.Count > 0 ? [_notifiers] : Array.Empty<Task>(), .. options.Nodes.Any(n => n.Collectors.Count > 0) ? [_collectors] : Array.Empty<Task>()];
        Completion = Task.WhenAny(tiers).Unwrap();
    }

    public ObservationRouter Router { get; }

    public ITransitionArchive Archive { get; }

    public IReadOnlyList<NodeCollectors> Nodes { get; }

    /// <summary>Ends only when something broke that the tiers could not mend by themselves.</summary>
    /// <remarks>A tier that was given nothing to run has ended from the start and does not count.</remarks>
    public Task Completion { get; }

    /// <summary>Opens the state table and starts from the receivers backwards, so that nothing is observed before somebody can take it.</summary>
    public static async Task<EmbeddedPipeline> StartAsync(EmbeddedPipelineOptions options, CancellationToken cancellationToken)
    {
        var router = new ObservationRouter(options.Store.Table, options.Router, options.Clock, options.Loggers.CreateLogger<ObservationRouter>());
        await router.StartAsync(cancellationToken);

        // A queue begins at the present when it is first opened: it must exist before the first observation.
        foreach (ConfiguredNotifier notifier in options.Notifiers)
        {
            await options.Store.Queues.OpenAsync(notifier.Name, cancellationToken);
        }

        return new EmbeddedPipeline(options, router);
    }

    /// <summary>Stops in the order of the flow: what has been observed is decided and recorded. What the notifiers have not delivered by then waits in their queues.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopCollectors.CancelAsync();
        await QuietlyAsync(_collectors);
        await Router.DisposeAsync();
        await _stopNotifiers.CancelAsync();
        await QuietlyAsync(_notifiers);
        _stopCollectors.Dispose();
        _stopNotifiers.Dispose();
    }

    private static async Task QuietlyAsync(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
