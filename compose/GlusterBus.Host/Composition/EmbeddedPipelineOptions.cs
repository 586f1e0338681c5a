using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Router;
using GlusterBus.Router.State;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Host.Composition;

/// <summary>The collectors of one node.</summary>
/// <param name="Node">What they share.</param>
/// <param name="Collectors">Instances with their configured names.</param>
public sealed record NodeCollectors(NodeContext Node, IReadOnlyList<(string Name, ICollector Collector)> Collectors);

/// <summary>The three faces of one embedded store. Whoever opened it disposes it.</summary>
public sealed record EmbeddedStore(IStateTable Table, ITransitionArchive Archive, IDeliveryQueues Queues)
{
    public static EmbeddedStore Of<T>(T store)
        where T : IStateTable, ITransitionArchive, IDeliveryQueues => new(store, store, store);
}

/// <summary>What an <see cref="EmbeddedPipeline"/> is made of.</summary>
public sealed record EmbeddedPipelineOptions
{
    public RouterOptions Router { get; init; } = new();

    public required EmbeddedStore Store { get; init; }

    /// <summary>One element on a real node; several where one process plays a cluster.</summary>
    public IReadOnlyList<NodeCollectors> Nodes { get; init; } = [];

    public IReadOnlyList<ConfiguredNotifier> Notifiers { get; init; } = [];

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Spreads the waits between attempts. Give it a seed to make a run repeatable.</summary>
    public Random Random { get; init; } = new();

    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Called before the first collector starts: the place to subscribe to <see cref="ObservationRouter.Routed"/> without missing anything.</summary>
    public Action<ObservationRouter>? BeforeCollectors { get; init; }
}
