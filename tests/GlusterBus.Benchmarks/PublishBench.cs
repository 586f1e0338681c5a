using System.Diagnostics;
using System.Globalization;
using GlusterBus.Collectors.Node;
using GlusterBus.Collectors.Publishing;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace GlusterBus.Benchmarks;

/// <summary>A collector's sink on a real broker: from one observation to its confirm on an idle line, full batches one after the other, and the spool. In the
/// same run the bare client with the same bytes, one message under way, as the yardstick.</summary>
internal static class PublishBench
{
    private const int Batch = ObservationBatch.MaximumCount;
    private const int Singles = 1000;

    public static async Task<int> RunAsync(string[] args)
    {
        int seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10;
        await using RabbitMqProcess broker = await RabbitMqProcess.StartAsync(CancellationToken.None);
        RabbitMqOptions options = broker.Options with { Partitions = 1 };
        await using IConnection connection = await BrokerConnection.OpenAsync(options, "yardstick", CancellationToken.None);
        await using IChannel channel = await BrokerConnection.OpenChannelAsync(connection, 2, CancellationToken.None);
        await channel.ExchangeDeclareAsync(BrokerNames.Observations, ExchangeType.Topic, durable: true);
        await channel.QueueDeclareAsync(
            "all", durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-max-length"] = 1000, ["x-overflow"] = "drop-head" });
        await channel.QueueBindAsync("all", BrokerNames.Observations, "#");

        byte[] one = Message(Observations(0, 1));
        byte[] full = Message(Observations(0, Batch));
        Task BareAsync(byte[] body) => channel.BasicPublishAsync(BrokerNames.Observations, "p00", mandatory: true, new BasicProperties { Persistent = true }, body).AsTask();
        await LatencyAsync($"bare client, 1 observation ({one.Length} bytes) to its confirm, idle line", _ => BareAsync(one));
        await RateAsync($"bare client, messages of {Batch} ({full.Length / 1024} kB), one under way", seconds, _ => BareAsync(full));

        using var folder = new TemporaryFolder();
        using (var sink = Sink(options, folder))
        {
            using var stop = new CancellationTokenSource();
            Task running = sink.RunAsync(stop.Token);
            while (!sink.IsConnected)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            }

            await LatencyAsync("sink, 1 observation to its confirm, idle line", i => sink.PublishAsync(Observations(i, 1), CancellationToken.None).AsTask());
            await RateAsync($"sink, batches of {Batch}, two sources", seconds, i => sink.PublishAsync(Observations(i, Batch), CancellationToken.None).AsTask(), sources: 2);
            await RateAsync("sink, batches of 10, 32 sources", seconds, i => sink.PublishAsync(Observations(i, 10), CancellationToken.None).AsTask(), sources: 32, each: 10);
            await stop.CancelAsync();
            await running;

            // Stopped: everything goes to the spool.
            const int spooled = 600;
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < spooled; i++)
            {
                await sink.PublishAsync(Observations(i, Batch) with { CanBeReadAgain = false }, CancellationToken.None);
            }

            Row($"spool, batches of {Batch}, written", spooled * Batch / Stopwatch.GetElapsedTime(began).TotalSeconds, $"{sink.SpooledBytes >> 20} MiB");
        }

        using (var sink = Sink(options, folder))
        {
            using var stop = new CancellationTokenSource();
            double total = sink.SpooledBatches * Batch;
            long began = Stopwatch.GetTimestamp();
            Task running = sink.RunAsync(stop.Token);
            while (sink.SpooledBatches > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            }

            Row("spool, drained to the broker after a restart", total / Stopwatch.GetElapsedTime(began).TotalSeconds);
            await stop.CancelAsync();
            await running;
        }

        return 0;
    }

    private static void Row(string what, double perSecond, string more = "") =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-76}{perSecond,12:N0} observations/s  {more}"));

    private static async Task LatencyAsync(string what, Func<int, Task> publish)
    {
        var times = new double[Singles];
        for (int i = -Singles / 2; i < Singles; i++)
        {
            // A little apart, so that the line is idle each time.
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
            long began = Stopwatch.GetTimestamp();
            await publish(i + Singles);
            if (i >= 0)
            {
                times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            }
        }

        Array.Sort(times);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-76}p50 {times[Singles / 2]:F2} ms  p99 {times[Singles * 99 / 100]:F2} ms"));
    }

    private static async Task RateAsync(string what, int seconds, Func<int, Task> publish, int sources = 1, int each = Batch)
    {
        long count = 0;
        long began = Stopwatch.GetTimestamp();
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        await Task.WhenAll(Enumerable.Range(0, sources).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds)
            {
                await publish((int)Interlocked.Increment(ref count));
            }
        })));
        double took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        double cores = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds / took;
        Row(what, count * each / took, string.Create(CultureInfo.InvariantCulture, $"{cores:F2} cores"));
    }

    private static BrokerSink Sink(RabbitMqOptions options, TemporaryFolder folder)
    {
        var node = new NodeContext("n1", new NoGluster(), folder.Path, epoch: 1) { IsAlone = false };
        var settings = new BrokerSinkOptions { Cluster = "bench", DataDirectory = folder.Path, RabbitMq = options, Spool = new SpoolOptions { MaximumMegabytes = 1024 } };
        return new BrokerSink(settings, node, new Random(1), TimeProvider.System, NullLogger<BrokerSink>.Instance);
    }

    private static byte[] Message(ObservationBatch batch) => ObservationJson.Write(new ObservationMessage { Cluster = "bench", Node = "n1", Batches = [batch] });

    private static ObservationBatch Observations(int number, int count) => new()
    {
        Stream = "n1/logs/bench",
        Epoch = 1,
        CanBeReadAgain = true,
        Observations = [.. Enumerable.Range(1, count).Select(i => new Observation
        {
            Entity = EntityId.Brick("gv0", $"n1:/data/b{i}"),
            State = "offline",
            Source = "logs",
            Node = "n1",
            ObservedAt = DateTimeOffset.UnixEpoch.AddSeconds(number),
            Sequence = ((long)number * count) + i,
            Evidence = new Evidence("log-line", "[2026-11-22 09:16:38.618917 +0000] I [MSGID: 106005] [glusterd-handler.c:6431:__glusterd_brick_rpc_notify] 0-management: Brick gl2:/srv/rv1 has disconnected", "glusterd.log:4711", "n1", DateTimeOffset.UnixEpoch.AddSeconds(number)),
        })],
    };
}
