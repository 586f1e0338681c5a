using GlusterBus.Collectors;
using GlusterBus.Collectors.GlusterEvents;
using GlusterBus.Collectors.Node;
using GlusterBus.Collectors.Publishing;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Host.Api;
using GlusterBus.Host.Hosting;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Telemetry;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Host.Composition;

/// <summary><c>glusterbus collect</c>: the collectors of this node, publishing to the broker. Knows no state table and no MassTransit.</summary>
public sealed class CollectorInstance : IRoleInstance
{
    /// <summary>The role's name: of the verb, of its folder and of its socket.</summary>
    public const string Role = "collect";

    private readonly PartStack _parts = new();

    public string NodeName { get; private set; } = "";

    public InstanceApi Api { get; private set; } = null!;

    public Task Completion { get; private set; } = Task.CompletedTask;

    public IReadOnlyList<(string Name, string Value)> About { get; private set; } = [];

    /// <exception cref="UserException">Something that the user can mend is in the way.</exception>
    public static async Task<CollectorInstance> StartAsync(LoadedConfiguration configuration, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var instance = new CollectorInstance();
        try
        {
            await instance.BuildAsync(configuration, clock, loggers, cancellationToken);
            return instance;
        }
        catch
        {
            await instance.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private async Task BuildAsync(LoadedConfiguration configuration, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        IdleMemory.ShareArena();
        GlusterBusOptions options = RolePaths.For(Role, configuration.Options);
        _parts.Keep(InstanceLock.Acquire(options.DataDirectory));
        NodeContext node = await Instance.NodeAsync(options, clock, isAlone: false, cancellationToken);
        NodeName = node.Name;
        Directory.CreateDirectory(node.StateDirectory);
        PrometheusExporter metrics = _parts.Keep(new PrometheusExporter());
        var plugins = new PluginFactory(clock, loggers);
        (string Name, ICollector Collector)[] collectors = [.. configuration.Collectors.Select(c => (c.Name, _parts.Keep(plugins.Collector(c, node))))];
        var sink = _parts.Keep(new BrokerSink(
            new BrokerSinkOptions { Cluster = options.Cluster, DataDirectory = options.DataDirectory, RabbitMq = options.RabbitMq, Spool = options.Spool },
            node, new Random(), clock, loggers.CreateLogger<BrokerSink>()));

        // The publisher ends last: what the collectors still say finds its way out, or into the spool.
        BackgroundPart publishing = _parts.Keep(new BackgroundPart(sink.RunAsync));
        var runner = new CollectorRunner(clock, new Random(), loggers.CreateLogger<CollectorRunner>());
        BackgroundPart collecting = _parts.Keep(new BackgroundPart(stop => runner.RunAsync(node, collectors, sink, stop)));
        Completion = Task.WhenAny([publishing.Completion, .. collectors.Length > 0 ? [collecting.Completion] : Array.Empty<Task>()]).Unwrap();
        About = [("collectors", RoleText.Names(configuration.Collectors)), ("broker", RoleText.Broker(options.RabbitMq)), ("data", options.DataDirectory)];

        GlusterEventsOptions events = configuration.Collectors.Select(c => c.Options).OfType<GlusterEventsOptions>().FirstOrDefault() ?? new GlusterEventsOptions();
        var injector = new Injector(new PublishedInjection(sink), node, events, clock);
        var faces = new InstanceFaces(Role, null, null, metrics, injector.EmitAsync, () => Unreadiness(node, sink));
        Api = _parts.Keep(await InstanceApi.StartAsync(options.Api, faces, clock, loggers, cancellationToken));
        _parts.Keep(new BackgroundPart(stop => IdleMemory.WatchAsync(clock, stop)));
    }

    private static string? Unreadiness(NodeContext node, BrokerSink sink) =>
        !sink.IsConnected ? "the broker is away"
        : !node.WhenKnown.IsCompleted ? $"{node.Name} has not looked at the cluster yet"
        : null;
}
