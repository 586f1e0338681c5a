using System.Diagnostics;
using System.Globalization;
using GlusterBus.Collectors.Node;
using GlusterBus.Collectors.Publishing;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Benchmarks;

/// <summary>Many nodes with many bricks, each node's collector with a broker connection of its own, and one router process: how long until everything is known, from
/// nothing and after a loss; what an entity costs in Redis and in the router; and what nothing costs.</summary>
internal static class ScaleBench
{
    private const string Cluster = "scale";

    public static async Task<int> RunAsync(string[] args)
    {
        int nodes = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100;
        int bricks = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1000;
        await using RabbitMqProcess broker = await RabbitMqProcess.StartAsync(CancellationToken.None);
        await using RedisProcess redis = await RedisProcess.StartAsync(CancellationToken.None, "--appendonly", "yes", "--appendfsync", "everysec");
        RoleProcess router = RoleProcess.Start("route", "r1", Cluster, broker, redis);
        await router.UntilAsync("glusterbus_partition_owned", 1);
        long emptyRedis = await MemoryAsync(redis);
        long emptyRouter = router.Resident;
        using var stop = new CancellationTokenSource();
        int total = nodes * bricks;
        long began = Stopwatch.GetTimestamp();
        Task[] collectors = [.. Enumerable.Range(1, nodes).Select(node => CollectAsync($"n{node:000}", bricks, broker, stop.Token))];
        await router.UntilAsync("glusterbus_entities", total);
        Say($"{nodes} nodes × {bricks} bricks, from nothing: known after {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s");
        Say($"  Redis: {(await MemoryAsync(redis) - emptyRedis) / (double)total:F0} bytes an entity; router: {(router.Resident - emptyRouter) / (double)total:F0} bytes an entity, {router.Resident / 1048576} MiB resident");

        await router.DisposeAsync();
        began = Stopwatch.GetTimestamp();
        router = RoleProcess.Start("route", "r1", Cluster, broker, redis);
        await router.UntilAsync("glusterbus_entities", total);
        Say($"the router killed and started again: known after {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s");

        await redis.ControlAsync(["FLUSHALL"], CancellationToken.None);
        began = Stopwatch.GetTimestamp();
        await router.UntilAsync("glusterbus_state_table_restores_total", 1);
        Say($"Redis emptied while the router runs: written back after {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s");

        await router.DisposeAsync();
        await redis.ControlAsync(["FLUSHALL"], CancellationToken.None);
        await using ChannelListener listener = await ChannelListener.StartAsync(broker.Options with { Partitions = 1 }, CancellationToken.None);
        began = Stopwatch.GetTimestamp();
        router = RoleProcess.Start("route", "r1", Cluster, broker, redis);
        await router.UntilAsync("glusterbus_entities", total);
        Say($"Redis emptied while no router runs: known after {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s, {listener.Heard.Count(heard => heard.Transition.Entity.Kind == "brick")} transitions of bricks told");

        await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System);
        TimeSpan before = router.ProcessorTime;
        began = Stopwatch.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(60), TimeProvider.System);
        Say($"nothing happens, {nodes} collectors give signs of life: the router uses {(router.ProcessorTime - before) / Stopwatch.GetElapsedTime(began):P1} of a core");
        await stop.CancelAsync();
        await Task.WhenAll(collectors).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await router.DisposeAsync();
        return 0;
    }

    private static async Task<long> MemoryAsync(RedisProcess redis) => (await redis.ControlAsync(["INFO", "memory"], CancellationToken.None)).Split('\n')
        .Where(line => line.StartsWith("used_memory:", StringComparison.Ordinal)).Select(line => long.Parse(line.AsSpan(12).Trim(), CultureInfo.InvariantCulture)).Single();

    private static void Say(FormattableString text) => Console.WriteLine(FormattableString.Invariant(text));

    /// <summary>A collector that looks when it starts and whenever the router wants it to.</summary>
    private static async Task CollectAsync(string node, int bricks, RabbitMqProcess broker, CancellationToken stop)
    {
        using var folder = new TemporaryFolder();
        var context = new NodeContext(node, new NoGluster(), folder.Path, epoch: TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        using var sink = new BrokerSink(
            new BrokerSinkOptions { Cluster = Cluster, DataDirectory = folder.Path, RabbitMq = broker.Options with { Partitions = 1 } }, context, new Random(node.GetHashCode(StringComparison.Ordinal)), TimeProvider.System, NullLogger<BrokerSink>.Instance);
        Task running = sink.RunAsync(stop);
        using var wanted = new SemaphoreSlim(1);
        context.ReconcileRequested += _ => wanted.Release();
        bool isFirst = true;
        for (long sequence = 1; !stop.IsCancellationRequested; sequence += bricks)
        {
            await wanted.WaitAsync(stop);
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            await sink.PublishAsync(
                new ObservationBatch
                {
                    Stream = $"{node}/get_state",
                    Epoch = context.Epoch,
                    Snapshot = new Snapshot(node, [$"brick/gv0/{node}:"], isFirst, now, "get_state"),
                    Observations = [.. Enumerable.Range(0, bricks).Select(i => new Observation
                    {
                        Entity = EntityId.Brick("gv0", $"{node}:/data/b{i}"), State = "online", Source = "get_state", Node = node, ObservedAt = now, Sequence = sequence + i,
                        Attributes = new Dictionary<string, string?> { ["port"] = (49152 + i).ToString(CultureInfo.InvariantCulture), ["pid"] = (1000 + i).ToString(CultureInfo.InvariantCulture) },
                    })],
                },
                stop);
            isFirst = false;
        }

        await running;
    }
}
