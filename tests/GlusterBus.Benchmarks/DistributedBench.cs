using System.Diagnostics;
using System.Globalization;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace GlusterBus.Benchmarks;

/// <summary>Collectors, broker, router, Redis and a consumer, each a process, on the same two cores: observations per second from a collector's sink to the commit, and to
/// a consumer where every one is a transition. In the same run the broker and Redis alone, as yardsticks.</summary>
internal static class DistributedBench
{
    private const int Nodes = DistributedLoad.Nodes;
    private const int Batch = DistributedLoad.Batch;

    /// <summary>The first looks, connections and the compiler, which goes on for some seconds, are not what is measured.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(string[] args)
    {
        int seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10;
        string? only = args.ElementAtOrDefault(1);
        Console.WriteLine($"{"what",-68}{"per second",14}");
        (string Name, Func<RabbitMqProcess, RedisProcess, Task> Measure)[] parts =
        [
            ("redis", (_, redis) => RedisAloneAsync(redis)),
            ("broker", (broker, _) => BrokerAloneAsync(broker.Options, seconds)),
            ("repeats", (broker, redis) => EndToEndAsync(broker, redis, seconds, everyOneIsNews: false)),
            ("news", (broker, redis) => EndToEndAsync(broker, redis, seconds, everyOneIsNews: true)),
        ];
        foreach ((_, Func<RabbitMqProcess, RedisProcess, Task> measure) in parts.Where(part => only is null || part.Name == only))
        {
            // Each with servers of its own: what the one before left on their disks would be written during the next.
            await using RabbitMqProcess broker = await RabbitMqProcess.StartAsync(CancellationToken.None);
            await using RedisProcess redis = await RedisProcess.StartAsync(CancellationToken.None, "--appendonly", "yes", "--appendfsync", "everysec");
            await measure(broker, redis);
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
        byte[] body = ObservationJson.Write(new ObservationMessage { Cluster = "bench", Node = "n1", Batches = [DistributedLoad.Observations("n1", 0, 0, everyOneIsNews: false)] });
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

    private static async Task EndToEndAsync(RabbitMqProcess broker, RedisProcess redis, int seconds, bool everyOneIsNews)
    {
        const string Decided = "glusterbus_observations_total";
        string cluster = everyOneIsNews ? "news" : "repeats";
        await using RoleProcess router = RoleProcess.Start("route", "r1", cluster, broker, redis);
        await using ChannelListener listener = await ChannelListener.StartAsync(broker.Options with { Partitions = 1 }, CancellationToken.None, cluster);
        await router.UntilAsync("glusterbus_partition_owned", 1);
        await using DistributedLoad collectors = DistributedLoad.Start(broker, cluster, everyOneIsNews);

        await Task.Delay(WarmUp, TimeProvider.System);
        double observations = await router.MetricAsync(Decided);
        (int transitions, TimeSpan deciding, TimeSpan collecting, long began) = (listener.Heard.Count, router.ProcessorTime, collectors.ProcessorTime, Stopwatch.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System);
        observations = await router.MetricAsync(Decided) - observations;
        double took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        (transitions, deciding, collecting) = (listener.Heard.Count - transitions, router.ProcessorTime - deciding, collectors.ProcessorTime - collecting);
        Row(everyOneIsNews ? "end to end, every observation a transition: decided and committed" : "end to end, batches of repeats: decided and committed", observations / took);
        if (everyOneIsNews)
        {
            Row("  transitions received by a consumer of glusterbus.all", transitions / took);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  (collectors used {collecting.TotalSeconds / took:F2} cores, the router {deciding.TotalSeconds / took:F2} and {router.Resident / 1e6:F0} MB)"));
    }
}
