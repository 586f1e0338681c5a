using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using GlusterBus.TestKit;

namespace GlusterBus.Benchmarks;

/// <summary>From a datagram on a node to somebody's consumer of the channel: collector and router are processes of the built program, RabbitMQ a quorum queue at
/// each step, Redis as it comes. In the same run the yardstick: a bare publish to a quorum queue and back.</summary>
internal static class LatencyBench
{
    private const int Rate = 200;
    private const string Cluster = "bench";

    public static async Task<int> RunAsync(string[] args)
    {
        int seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 30;
        await using RabbitMqProcess broker = await RabbitMqProcess.StartAsync(CancellationToken.None);
        await using RedisProcess redis = await RedisProcess.StartAsync(CancellationToken.None, "--appendonly", "yes", "--appendfsync", "everysec");
        int port = FreePorts.Take(1)[0];
        await using RoleProcess router = RoleProcess.Start("route", "r1", Cluster, broker, redis);
        await using RoleProcess collector = RoleProcess.Start("collect", "gl1", Cluster, broker, redis, more: string.Create(CultureInfo.InvariantCulture,
            $$"""  "collectors": { "logs": { "enabled": false }, "get_state": { "enabled": false }, "gf_event": { "port": {{port}} } }, """));
        await router.UntilAsync("glusterbus_partition_owned", 1);
        await using ChannelListener listener = await ChannelListener.StartAsync(broker.Options with { Partitions = 1 }, CancellationToken.None);
        await collector.UntilAsync("glusterbus_broker_connected", 1);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
        await MeasureAsync(socket, listener, 1000);
        (TimeSpan routing, TimeSpan collecting) = (router.ProcessorTime, collector.ProcessorTime);
        double[] latencies = await MeasureAsync(socket, listener, Rate * seconds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Rate * seconds} datagrams at {Rate}/s, {latencies.Length} heard: p50 {At(latencies, 0.5):F1} ms, p90 {At(latencies, 0.9):F1} ms, p99 {At(latencies, 0.99):F1} ms, most {latencies[^1]:F1} ms"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  (the router used {(router.ProcessorTime - routing).TotalSeconds / seconds:P1} of a core, the collector {(collector.ProcessorTime - collecting).TotalSeconds / seconds:P1})"));
        return latencies.Length == Rate * seconds ? 0 : 1;
    }

    private static double At(double[] ordered, double share) => ordered[Math.Min(ordered.Length - 1, (int)(share * ordered.Length))];

    /// <summary>Sends at the rate, each another brick that goes down, and waits until all are heard or nothing has come for 5 s.</summary>
    private static async Task<double[]> MeasureAsync(Socket socket, ChannelListener listener, int count)
    {
        string run = Guid.NewGuid().ToString("N")[..8];
        int before = listener.Heard.Count;
        long stamp = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var sent = new Dictionary<string, long>(count);
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            TimeSpan wait = TimeSpan.FromSeconds((double)i / Rate) - Stopwatch.GetElapsedTime(began);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, TimeProvider.System);
            }

            sent[$"brick/gv0/gl1:/{run}/{i}"] = Stopwatch.GetTimestamp();
            socket.Send(Encoding.ASCII.GetBytes($"{stamp} 76 peer=gl1;volume=gv0;brick=/{run}/{i}"));
        }

        for (int last = -1; last != listener.Heard.Count && listener.Heard.Count - before < count;)
        {
            last = listener.Heard.Count;
            await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System);
        }

        return [.. listener.Heard.Where(heard => sent.ContainsKey(heard.Transition.Entity.Value))
            .Select(heard => Stopwatch.GetElapsedTime(sent[heard.Transition.Entity.Value], heard.At).TotalMilliseconds).Order()];
    }
}
