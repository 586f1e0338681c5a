using System.Globalization;
using GlusterBus.Collectors.Gluster;
using GlusterBus.Collectors.GlusterEvents;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Host.Api;
using GlusterBus.Host.Composition;
using GlusterBus.Host.Hosting;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Router;
using GlusterBus.Router.State.Sqlite;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Telemetry;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Host;

/// <summary>One running GlusterBus on one node: lock, store, pipeline and API, as the configuration says.</summary>
public sealed class Instance : IRoleInstance
{
    private readonly PartStack _parts = new();

    private Instance()
    {
    }

    /// <summary>The node's name as Gluster knows it.</summary>
    public string NodeName { get; private set; } = "";

    public EmbeddedPipeline Pipeline { get; private set; } = null!;

    public InstanceApi Api { get; private set; } = null!;

    /// <summary>The file of state table, archive and queues.</summary>
    public static string DatabasePath(GlusterBusOptions options) => Path.Combine(options.DataDirectory, "glusterbus.db");

    /// <exception cref="UserException">Something that the user can mend is in the way.</exception>
    public static async Task<Instance> StartAsync(LoadedConfiguration configuration, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var instance = new Instance();
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

    /// <summary>The context that the collectors of this node share.</summary>
    /// <param name="isAlone">False where every node has a collector, so that each speaks for its own bricks only.</param>
    public static async Task<NodeContext> NodeAsync(GlusterBusOptions options, TimeProvider clock, bool isAlone, CancellationToken cancellationToken)
    {
        var cli = new GlusterCli(options.Gluster, clock);
        string name = await Collectors.Node.NodeName.FindAsync(options.Node, cli, Environment.MachineName, cancellationToken);
        long epoch = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        return new NodeContext(name, cli, Path.Combine(options.DataDirectory, "checkpoints"), epoch) { IsAlone = isAlone };
    }

    public Task Completion => Pipeline.Completion;

    public IReadOnlyList<(string Name, string Value)> About { get; private set; } = [];

    /// <summary>Stops in the order opposite to the start.</summary>
    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private static async Task<SqliteStore> OpenStoreAsync(GlusterBusOptions options, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        try
        {
            return await SqliteStore.OpenAsync(
                DatabasePath(options), new SqliteStoreOptions { Keep = options.Archive.Keep }, clock, loggers.CreateLogger<SqliteStore>(), cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new UserException($"{e.Message}; move it away to start with an empty history, or name another dataDirectory", ExitCode.Failure, e);
        }
    }

    private async Task BuildAsync(LoadedConfiguration configuration, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        GlusterBusOptions options = configuration.Options;
        Keep(InstanceLock.Acquire(options.DataDirectory));
        NodeContext node = await NodeAsync(options, clock, isAlone: true, cancellationToken);
        NodeName = node.Name;
        Directory.CreateDirectory(node.StateDirectory);
        PrometheusExporter metrics = Keep(new PrometheusExporter());
        SqliteStore store = Keep(await OpenStoreAsync(options, clock, loggers, cancellationToken));

        var plugins = new PluginFactory(clock, loggers);
        (string Name, ICollector Collector)[] collectors = [.. configuration.Collectors.Select(c => (c.Name, Keep(plugins.Collector(c, node))))];
        ConfiguredNotifier[] notifiers = [.. configuration.Notifiers.Select(n => new ConfiguredNotifier(n.Name, Keep(plugins.Notifier(n)), n.Filter))];
        Pipeline = Keep(await EmbeddedPipeline.StartAsync(
            new EmbeddedPipelineOptions
            {
                Router = new RouterOptions { Cluster = options.Cluster },
                Store = EmbeddedStore.Of(store),
                Nodes = [new NodeCollectors(node, collectors)],
                Notifiers = notifiers,
                Clock = clock,
                Loggers = loggers,
            },
            cancellationToken));

        GlusterEventsOptions events = configuration.Collectors.Select(c => c.Options).OfType<GlusterEventsOptions>().FirstOrDefault() ?? new GlusterEventsOptions();
        About = [("collectors", RoleText.Names(configuration.Collectors)), ("notifiers", RoleText.Names(configuration.Notifiers)), ("data", options.DataDirectory)];
        var injector = new Injector(new RoutedInjection(Pipeline.Router), node, events, clock);
        var faces = new InstanceFaces("up", Pipeline.Router, store, metrics, injector.EmitAsync, () => Unreadiness(node)) { Cluster = options.Cluster };
        Api = Keep(await InstanceApi.StartAsync(options.Api, faces, clock, loggers, cancellationToken));
    }

    private string? Unreadiness(NodeContext node) =>
        Pipeline.Router.Completion.IsCompleted ? "the router has stopped"
        : !node.WhenKnown.IsCompleted ? string.Create(CultureInfo.InvariantCulture, $"{node.Name} has not looked at the cluster yet")
        : null;

    private T Keep<T>(T part)
        where T : class => _parts.Keep(part);
}
