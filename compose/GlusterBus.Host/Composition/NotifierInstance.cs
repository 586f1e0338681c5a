using GlusterBus.Contracts.Plugins;
using GlusterBus.Host.Api;
using GlusterBus.Host.Hosting;
using GlusterBus.Notifiers.Broker;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Router.State.Redis;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Telemetry;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Host.Composition;

/// <summary><c>glusterbus notify</c>: the configured notifiers, each on a queue of its own at the broker.</summary>
public sealed class NotifierInstance : IRoleInstance
{
    /// <summary>The role's name: of the verb, of its folder and of its socket.</summary>
    public const string Role = "notify";

    private readonly PartStack _parts = new();

    public string NodeName { get; private set; } = "";

    public InstanceApi Api { get; private set; } = null!;

    public Task Completion { get; private set; } = Task.CompletedTask;

    public IReadOnlyList<(string Name, string Value)> About { get; private set; } = [];

    /// <exception cref="UserException">Something that the user can mend is in the way.</exception>
    public static async Task<NotifierInstance> StartAsync(LoadedConfiguration configuration, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var instance = new NotifierInstance();
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
        if (configuration.Notifiers.Count == 0)
        {
            throw new UserException($"{configuration.Source} configures no notifier; `glusterbus plugins` shows which there are", ExitCode.Usage);
        }

        GlusterBusOptions options = RolePaths.For(Role, configuration.Options);
        _parts.Keep(InstanceLock.Acquire(options.DataDirectory));
        NodeName = options.Node ?? Environment.MachineName;
        PrometheusExporter metrics = _parts.Keep(new PrometheusExporter());
        var plugins = new PluginFactory(clock, loggers);
        ConfiguredNotifier[] notifiers = [.. configuration.Notifiers.Select(n => new ConfiguredNotifier(n.Name, _parts.Keep(plugins.Notifier(n)), n.Filter))];
        BrokerDeliveryQueues queues = _parts.Keep(BrokerDeliveryQueues.Start(
            options.RabbitMq, notifiers.ToDictionary(n => n.Name, n => n.Filter, StringComparer.Ordinal), $"glusterbus notify {NodeName}", clock, loggers));

        // For the client verbs, and for notifiers that show the state: without Redis, all others work all the same.
        var redis = _parts.Keep(new RedisConnection(options.Redis, $"glusterbus notify {NodeName} api", clock));
        var state = new FollowedState(options.Cluster, new RedisStateReader(options.Cluster, redis));
        BackgroundPart running = _parts.Keep(new BackgroundPart(stop => new NotifierRunner(clock, new Random(), loggers).RunAsync(notifiers, queues, state, stop)));
        Completion = running.Completion;
        ConfiguredArchive? archive = ConfiguredArchive.Of(configuration, plugins, _parts);
        About = [("notifiers", RoleText.Names(configuration.Notifiers)), ("broker", RoleText.Broker(options.RabbitMq)), ("archive", ConfiguredArchive.Text(archive)), ("data", options.DataDirectory)];
        var faces = new InstanceFaces(
            Role, state.Reader, new RedisArchive(options.Cluster, redis, clock), metrics, null,
            () => queues.AreAllOpen ? null : "not every notifier's queue is open: the broker is away")
        {
            Cluster = options.Cluster,
            Others = cluster => (new RedisStateReader(cluster, redis), new RedisArchive(cluster, redis, clock)),
            History = archive is null ? null : archive.HistoryOf,
        };
        Api = _parts.Keep(await InstanceApi.StartAsync(options.Api, faces, clock, loggers, cancellationToken));
    }
}
