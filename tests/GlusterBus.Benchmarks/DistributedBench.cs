using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Xml.Linq;
using GlusterBus.Collectors.Node;
using GlusterBus.Collectors.Publishing;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router;
using GlusterBus.Router.Partitions;
using GlusterBus.Router.State.Redis;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Gluster;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace GlusterBus.Benchmarks;

/// <summary>Collectors, broker, router, Redis and a consumer on the same two cores: observations per second from a collector's sink to the commit, and to
/// a consumer where every one is a transition. In the same run the broker and Redis alone, as yardsticks.</summary>
internal static class DistributedBench
{
    private const int Nodes = 8;
    private const int Batch = ObservationBatch.MaximumCount;

    /// <summary>The first looks, connections and the compiler, which goes on for some seconds, are not what is measured.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(string[] args)
    {
        int seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10;
        await using RabbitMqProcess broker = await RabbitMqProcess.StartAsync(CancellationToken.None);
        await using RedisProcess redis = await RedisProcess.StartAsync(CancellationToken.None, "--appendonly", "yes", "--appendfsync", "everysec");
        RabbitMqOptions options = broker.Options with { Partitions = 1 };
        Console.WriteLine($"{"what",-68}{"per second",14}");
        string? only = args.ElementAtOrDefault(1);
        if (only is null)
        {
            await RedisAloneAsync(redis);
            await BrokerAloneAsync(options, seconds);
        }

        if (only is null or "repeats")
        {
            await EndToEndAsync(options, redis.Options, seconds, everyOneIsNews: false);
        }

        if (only is null or "news")
        {
            await EndToEndAsync(options, redis.Options, seconds, everyOneIsNews: true);
        }

        return 0;
    }

    private static void Row(string what, double perSecond) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-68}{perSecond,14:N0}"));

    private static async Task RedisAloneAsync(RedisProcess redis)
    {
        foreach ((string what, string[] command) in new (string, string[])[]
        {
            ("redis-benchmark SET, 64 in a pipeline", ["-t", "set", "-P", "64", "-n", "1000000"]),
            ("redis-benchmark HSET, one at a time on 50 connections", ["-t", "hset", "-n", "200000"]),
        })
        {
            using Process process = Process.Start(new ProcessStartInfo("redis-benchmark", ["-p", redis.Port.ToString(CultureInfo.InvariantCulture), "-q", "--csv", .. command]) { RedirectStandardOutput = true })!;
            string output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            string rate = output.Trim().Split('\n')[^1].Split(',')[1].Trim('"');
            Row(what, double.Parse(rate, CultureInfo.InvariantCulture));
        }

        await redis.ControlAsync(["FLUSHALL"], CancellationToken.None);
    }

    /// <summary>The same messages through a quorum queue with confirms, by the bare client on both sides.</summary>
    private static async Task BrokerAloneAsync(RabbitMqOptions options, int seconds)
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(options, "yardstick", CancellationToken.None);
        await using IChannel publishing = await BrokerConnection.OpenChannelAsync(connection, Nodes, CancellationToken.None);
        await using IChannel consuming = await connection.CreateChannelAsync();
        await consuming.QueueDeclareAsync("yardstick", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await consuming.BasicQosAsync(0, 64, global: false);
        long received = 0;
        var consumer = new AsyncEventingBasicConsumer(consuming);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            Interlocked.Increment(ref received);
            await consuming.BasicAckAsync(delivery.DeliveryTag, multiple: false);
        };
        await consuming.BasicConsumeAsync("yardstick", autoAck: false, consumer);
        byte[] body = ObservationJson.Write(new ObservationMessage { Cluster = "bench", Node = "n1", Batches = [Observations("n1", 0, 0, everyOneIsNews: false)] });
        var outstanding = new Queue<Task>();
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds)
        {
            outstanding.Enqueue(publishing.BasicPublishAsync("", "yardstick", mandatory: true, new BasicProperties { Persistent = true }, body).AsTask());
            if (outstanding.Count == Nodes)
            {
                await outstanding.Dequeue();
            }
        }

        Row($"broker alone: messages of {Batch} ({body.Length / 1024} kB), quorum, confirmed, {Nodes} under way", Interlocked.Read(ref received) / Stopwatch.GetElapsedTime(began).TotalSeconds);
        Row("  the same in observations", Batch * Interlocked.Read(ref received) / Stopwatch.GetElapsedTime(began).TotalSeconds);
        await Task.WhenAll(outstanding);
    }

    private static async Task EndToEndAsync(RabbitMqOptions options, RedisOptions redis, int seconds, bool everyOneIsNews)
    {
        string cluster = everyOneIsNews ? "news" : "repeats";
        await using var connection = new RedisConnection(redis, "bench", TimeProvider.System);
        var store = new RedisClusterStore(connection, redis, TimeProvider.System);
        await using RouterTier router = RouterTier.Start(options, "bench", store, new RouterOptions(), TimeSpan.FromSeconds(1), TimeProvider.System, NullLoggerFactory.Instance);
        await using ChannelListener listener = await ChannelListener.StartAsync(options, CancellationToken.None);
        while (router.Owned == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        using var decisions = new Decisions();
        using var stop = new CancellationTokenSource();
        Task[] collectors = [.. Enumerable.Range(1, Nodes).Select(node => Task.Run(() => CollectAsync($"n{node}", cluster, options, everyOneIsNews, stop.Token)))];

        await Task.Delay(WarmUp, TimeProvider.System);
        (long observations, int transitions, TimeSpan cpu, long began) = (decisions.Total, listener.Heard.Count, Process.GetCurrentProcess().TotalProcessorTime, Stopwatch.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System);
        double took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        (observations, transitions) = (decisions.Total - observations, listener.Heard.Count - transitions);
        double cores = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds / took;
        await stop.CancelAsync();
        await Task.WhenAll(collectors).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Row(everyOneIsNews ? "end to end, every observation a transition: decided and committed" : "end to end, batches of repeats: decided and committed", observations / took);
        if (everyOneIsNews)
        {
            Row("  transitions received by a consumer of glusterbus.all", transitions / took);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  (collectors, router and consumer used {cores:F2} cores)"));
    }

    private static async Task CollectAsync(string node, string cluster, RabbitMqOptions options, bool everyOneIsNews, CancellationToken stop)
    {
        using var folder = new TemporaryFolder();
        var context = new NodeContext(node, new NoGluster(), folder.Path, epoch: TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        using var sink = new BrokerSink(
            new BrokerSinkOptions { Cluster = cluster, DataDirectory = folder.Path, RabbitMq = options }, context, new Random(1), TimeProvider.System, NullLogger<BrokerSink>.Instance);
        Task running = sink.RunAsync(stop);

        // Two streams, so that the next batch is ready when the line is free.
        await Task.WhenAll(Enumerable.Range(0, 2).Select(stream => Task.Run(async () =>
        {
            for (long sequence = 0; !stop.IsCancellationRequested; sequence += Batch)
            {
                ObservationBatch batch = Observations(node, stream, sequence, everyOneIsNews) with { Epoch = context.Epoch };
                await sink.PublishAsync(batch, stop);
            }
        }))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static ObservationBatch Observations(string node, int stream, long sequence, bool everyOneIsNews)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        long round = sequence / 1000;
        return new ObservationBatch
        {
            Stream = $"{node}/logs/{stream}",
            Epoch = 1,
            CanBeReadAgain = true,
            Observations = [.. Enumerable.Range(0, Batch).Select(i => new Observation
            {
                Entity = EntityId.Brick("gv0", $"{node}:/data/s{stream}/b{(sequence + i) % 1000}"),
                State = everyOneIsNews && round % 2 == 0 ? "offline" : "health-failed",
                Source = "logs",
                Node = node,
                ObservedAt = now.AddTicks(i * 10),
                Sequence = sequence + i + 1,
                Evidence = new Evidence("log-line", "[2026-11-22 09:16:38.618917 +0000] I [MSGID: 106005] [glusterd-handler.c:6431:__glusterd_brick_rpc_notify] 0-management: Brick gl2:/srv/rv1 has disconnected", "glusterd.log:4711", node, now),
            })],
        };
    }

    /// <summary>Counts what the router decides on.</summary>
    private sealed class Decisions : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _total;

        public Decisions()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "glusterbus_observations_total")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref _total, count));
            _listener.Start();
        }

        public long Total => Interlocked.Read(ref _total);

        public void Dispose() => _listener.Dispose();
    }

    /// <summary>No glusterd is asked here.</summary>
    internal sealed class NoGluster : IGlusterCli
    {
        public Task<XDocument> QueryAsync(IReadOnlyList<string> command, CancellationToken cancellationToken) => throw new GlusterReplyException("there is no gluster here");

        public Task<string> GetStateAsync(CancellationToken cancellationToken) => throw new GlusterReplyException("there is no gluster here");
    }
}
