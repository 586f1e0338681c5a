using System.Globalization;
using GlusterBus.Host.Hosting;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Lab;

/// <summary>The distributed deployment on a real cluster: a collector in each node's namespaces; broker, Redis, two routers and a notifier beside the nodes,
/// reached over the cluster's network.</summary>
internal sealed class LabSystem : IAsyncDisposable
{
    public const string Cluster = "lab";

    private readonly TemporaryFolder _folder = new();
    private readonly RabbitMqProcess _broker;
    private readonly RedisProcess _redis;
    private readonly TcpProxy _line;

    private LabSystem(LabCluster lab, int nodes, RabbitMqProcess broker, RedisProcess redis)
    {
        (Lab, _broker, _redis) = (lab, broker, redis);
        _line = lab.Switch.Reach(broker.Port);
        string servers = string.Create(CultureInfo.InvariantCulture, $$"""
            "rabbitMq": { "hosts": ["{{lab.Switch.Address}}:{{broker.Port}}"], "partitions": 1 }, "redis": { "hosts": ["{{lab.Switch.Address}}:{{redis.Port}}"] }
            """);
        Routers = [.. Enumerable.Range(1, 2).Select(i => new LabRole("route", $"r{i}", FolderOf($"r{i}"), servers, lab.StartBeside))];
        Collectors = [.. Enumerable.Range(1, nodes).Select(i => new LabRole("collect", lab.Node(i), FolderOf(lab.Node(i)), servers, command => lab.StartOn(i, command)))];

        // One short line a run: appended as a whole.
        string script = $"echo \\\"$GLUSTERBUS_ID $GLUSTERBUS_CHANGE\\\" >> {_folder.File("notified")}";
        Notifier = new LabRole("notify", "n1", FolderOf("n1"), $$"""
            {{servers}}, "notifiers": { "ops": { "plugin": "script", "command": ["/bin/sh", "-c", "{{script}}"] } }
            """, lab.StartBeside);
    }

    public LabCluster Lab { get; }

    public LabRole[] Routers { get; }

    /// <summary>One on each node, in the order of the nodes.</summary>
    public LabRole[] Collectors { get; }

    public LabRole Notifier { get; }

    /// <summary>Leads to the broker from the test.</summary>
    public RabbitMqOptions Broker => new() { Hosts = [string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_line.Port}")], Partitions = 1 };

    private IEnumerable<LabRole> Roles => [.. Routers, Notifier, .. Collectors];

    /// <summary>What the script of the notifier wrote: id and change of each transition.</summary>
    public IReadOnlyList<string> Notified => File.Exists(_folder.File("notified")) ? File.ReadAllLines(_folder.File("notified")) : [];

    /// <summary>What every role has said, for a test that failed.</summary>
    public string Said => string.Join('\n', Roles.Select(role => $"--- {role.Name}\n{role.Said[^Math.Min(3000, role.Said.Length)..]}"));

    public static string? Obstacle() => LabCluster.Obstacle() ?? RabbitMqProcess.Obstacle ?? RedisProcess.Obstacle;

    /// <summary>Starts the cluster and the servers. No role runs yet.</summary>
    public static async Task<LabSystem> StartAsync(int nodes, CancellationToken cancellationToken)
    {
        LabCluster lab = await LabCluster.StartAsync(nodes, cancellationToken);
        RabbitMqProcess? broker = null;
        try
        {
            broker = await RabbitMqProcess.StartAsync(lab.Switch, cancellationToken);
            return new LabSystem(lab, nodes, broker, await RedisProcess.StartAsync(lab.Switch, cancellationToken, "--appendonly", "yes", "--appendfsync", "everysec"));
        }
        catch
        {
            await using (lab)
            await using (broker)
            {
                throw;
            }
        }
    }

    /// <summary>Starts every role, and waits until the collectors have looked and the router knows their clocks.</summary>
    public async Task StartRolesAsync(CancellationToken cancellationToken)
    {
        foreach (LabRole role in Roles)
        {
            role.Start();
        }

        await UntilAsync(async () => (await Routers[0].GaugeAsync("glusterbus_node_clocks", cancellationToken)) + (await Routers[1].GaugeAsync("glusterbus_node_clocks", cancellationToken)) >= Collectors.Length,
            "the clocks were not learnt", cancellationToken);
        foreach (LabRole collector in Collectors)
        {
            await ReadyAsync(collector, cancellationToken);
        }

        await ReadyAsync(Notifier, cancellationToken);
    }

    /// <summary>Waits until a role is at work; of a collector that includes its first look.</summary>
    public Task ReadyAsync(LabRole role, CancellationToken cancellationToken) =>
        UntilAsync(async () => await role.IsReadyAsync(cancellationToken), $"{role.Name} is not ready", cancellationToken);

    /// <summary>Crashes the router that owns the partition, and waits until the other one does.</summary>
    public async Task<LabRole> KillOwnerAsync(CancellationToken cancellationToken)
    {
        LabRole? owner = null;
        await UntilAsync(
            async () =>
            {
                foreach (LabRole router in Routers)
                {
                    owner = await router.GaugeAsync("glusterbus_partition_owned", cancellationToken) > 0 ? router : owner;
                }

                return owner is not null;
            },
            "nobody owns the partition",
            cancellationToken);
        await owner!.KillAsync();
        LabRole other = Routers.Single(router => router != owner);
        await UntilAsync(async () => await other.GaugeAsync("glusterbus_partition_owned", cancellationToken) > 0, "nobody took over", cancellationToken);
        return owner;
    }

    /// <summary>How many observations the routers have weighed, by outcome.</summary>
    public async Task<IReadOnlyDictionary<string, double>> ObservationsAsync(CancellationToken cancellationToken)
    {
        var sum = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (LabRole router in Routers)
        {
            foreach ((string series, double value) in await router.CountedAsync("glusterbus_observations_total{", cancellationToken))
            {
                string outcome = series.Split("outcome=\"")[1].Split('"')[0];
                sum[outcome] = sum.GetValueOrDefault(outcome) + value;
            }
        }

        return sum;
    }

    public Task UntilAsync(Func<Task<bool>> condition, string problem, CancellationToken cancellationToken) => UntilAsync(condition, () => problem, cancellationToken);

    /// <exception cref="TimeoutException">The condition did not come true; the message tells what every role said.</exception>
    public async Task UntilAsync(Func<Task<bool>> condition, Func<string> problem, CancellationToken cancellationToken)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!await IsTrueAsync(condition))
        {
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(90))
            {
                throw new TimeoutException($"{problem()}; the roles said:\n{Said}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<bool> IsTrueAsync(Func<Task<bool>> condition)
    {
        try
        {
            return await condition();
        }
        catch (UserException)
        {
            // Whom it asks does not answer yet, or has no connection to Redis yet.
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (LabRole role in Roles)
        {
            await role.DisposeAsync();
        }

        await _line.DisposeAsync();
        await _broker.DisposeAsync();
        await _redis.DisposeAsync();
        await Lab.DisposeAsync();
        _folder.Dispose();
    }

    private string FolderOf(string name) => Directory.CreateDirectory(_folder.File(name)).FullName;
}
