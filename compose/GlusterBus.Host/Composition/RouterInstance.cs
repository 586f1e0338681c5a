using GlusterBus.Host.Api;
using GlusterBus.Host.Hosting;
using GlusterBus.Router;
using GlusterBus.Router.Partitions;
using GlusterBus.Router.State.Redis;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Telemetry;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Host.Composition;

/// <summary><c>glusterbus route</c>: decides, commits and publishes for the partitions that the broker gives it; stands by for the others.</summary>
public sealed class RouterInstance : IRoleInstance
{
    /// <summary>The role's name: of the verb, of its folder and of its socket.</summary>
    public const string Role = "route";

    private readonly PartStack _parts = new();

    public string NodeName { get; private set; } = "";

    public InstanceApi Api { get; private set; } = null!;

    public Task Completion { get; private set; } = Task.CompletedTask;

    public IReadOnlyList<(string Name, string Value)> About { get; private set; } = [];

    /// <exception cref="UserException">Something that the user can mend is in the way.</exception>
    public static async Task<RouterInstance> StartAsync(LoadedConfiguration configuration, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var instance = new RouterInstance();
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
        GlusterBusOptions options = RolePaths.For(Role, configuration.Options);
        _parts.Keep(InstanceLock.Acquire(options.DataDirectory));
        NodeName = options.Node ?? Environment.MachineName;
        PrometheusExporter metrics = _parts.Keep(new PrometheusExporter());
        var deciding = _parts.Keep(new RedisConnection(options.Redis, $"glusterbus route {NodeName}", clock));

        // A line of its own: whoever asks for the whole table must not hold up a commit.
        var answering = _parts.Keep(new RedisConnection(options.Redis, $"glusterbus route {NodeName} api", clock));
        var store = new RedisClusterStore(deciding, options.Redis, clock);
        RouterTier tier = _parts.Keep(RouterTier.Start(
            options.RabbitMq, $"glusterbus route {NodeName}", store, new RouterOptions { Cluster = options.Cluster }, options.Redis.Patience / 2, clock, loggers));
        Completion = tier.Completion;
        ConfiguredArchive? archive = ConfiguredArchive.Of(configuration, new PluginFactory(clock, loggers), _parts);
        About = [("broker", RoleText.Broker(options.RabbitMq)), ("redis", RoleText.Redis(options.Redis)), ("archive", ConfiguredArchive.Text(archive)), ("data", options.DataDirectory)];
        var faces = new InstanceFaces(
            Role, new RedisStateReader(options.Cluster, answering), new RedisArchive(options.Cluster, answering, clock), metrics, null,
            () => tier.Attending < options.RabbitMq.Partitions ? $"attends {tier.Attending} of {options.RabbitMq.Partitions} partitions: the broker or Redis is away" : null)
        {
            Cluster = options.Cluster,
            Others = cluster => (new RedisStateReader(cluster, answering), new RedisArchive(cluster, answering, clock)),
            History = archive is null ? null : archive.HistoryOf,
        };

        // The roles of one machine may share a configuration, and only one of them can have the port: notify, which people look at.
        Api = _parts.Keep(await InstanceApi.StartAsync(options.Api, faces, clock, loggers, cancellationToken));
    }
}
