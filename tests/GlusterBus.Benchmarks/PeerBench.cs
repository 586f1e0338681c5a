using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Benchmarks;

/// <summary>The whole program beside Gluster's own glustereventsd: the same datagrams, the same port, the same receiver, one after the other.</summary>
/// <remarks>Every datagram is another brick that goes down, so that each is news. GlusterBus decides, commits to SQLite and posts the classic
/// payload; glustereventsd (as Debian ships it, in a mount namespace of its own; needs root) forwards.</remarks>
internal static class PeerBench
{
    private const int Port = 55555;
    private static readonly ConcurrentDictionary<string, long> Sent = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, long> Received = new(StringComparer.Ordinal);
    private static long _posts;

    public static async Task<int> RunAsync(string[] args)
    {
        string folder = Directory.CreateTempSubdirectory("glusterbus-peer-").FullName;
        await using WebApplication receiver = await ReceiveAsync();
        string url = receiver.Urls.First() + "/hook";
        Console.WriteLine($"{"system",-16}{"load",-22}{"sent",8}{"delivered",11}{"lost",8}{"doubled",9}{"p50 ms",9}{"p99 ms",9}{"deliveries/s",14}");
        foreach (string system in args.Length > 0 ? args : ["glusterbus", "glustereventsd"])
        {
            foreach ((string load, int count, int? rate) in new (string, int, int?)[] { ("200/s for 10 s", 2_000, 200), ("20,000/s for 10 s", 200_000, 20_000), ("burst of 50,000", 50_000, null) })
            {
                if (system == "glustereventsd" && rate == 20_000)
                {
                    continue; // It needs minutes to lose them all; the burst says the same.
                }

                using Process process = system == "glusterbus" ? StartGlusterBus(folder, url) : StartEventsDaemon(folder, url);
                await UntilListeningAsync();
                await MeasureAsync("warm-up", 200, 200, system, print: false);
                await MeasureAsync(load, count, rate, system, print: true);
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync();
            }
        }

        Directory.Delete(folder, recursive: true);
        return 0;
    }

    private static async Task MeasureAsync(string load, int count, int? rate, string system, bool print)
    {
        Sent.Clear();
        Received.Clear();
        Interlocked.Exchange(ref _posts, 0);
        string run = Guid.NewGuid().ToString("N")[..8];
        long began = Stopwatch.GetTimestamp();
        await Task.Factory.StartNew(() => Send(run, count, rate), TaskCreationOptions.LongRunning);

        // Done when all are there, or when nothing has come for 3 s.
        long last = -1;
        long lastMove = Stopwatch.GetTimestamp();
        while (Received.Count < count && Stopwatch.GetElapsedTime(lastMove) < TimeSpan.FromSeconds(3))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            if (Received.Count != last)
            {
                (last, lastMove) = (Received.Count, Stopwatch.GetTimestamp());
            }
        }

        if (!print)
        {
            return;
        }

        double[] latencies = [.. Received.Where(r => Sent.ContainsKey(r.Key)).Select(r => Stopwatch.GetElapsedTime(Sent[r.Key], r.Value).TotalMilliseconds).Order()];
        double Percentile(double p) => latencies.Length == 0 ? double.NaN : latencies[(int)Math.Min(latencies.Length - 1, p * latencies.Length)];
        double seconds = Stopwatch.GetElapsedTime(began, Received.IsEmpty ? Stopwatch.GetTimestamp() : Received.Values.Max()).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{system,-16}{load,-22}{count,8}{Received.Count,11}{count - Received.Count,8}{_posts - Received.Count,9}{Percentile(0.5),9:F1}{Percentile(0.99),9:F1}{Received.Count / seconds,14:F0}"));
    }

    private static void Send(string run, int count, int? rate)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(new IPEndPoint(IPAddress.Loopback, Port));
        long stamp = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        byte[][] datagrams = [.. Enumerable.Range(0, count).Select(i => Encoding.ASCII.GetBytes($"{stamp} 76 peer=gl1;volume=gv0;brick=/{run}/{i}"))];
        string[] bricks = [.. Enumerable.Range(0, count).Select(i => $"/{run}/{i}")];
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            while (rate is { } perSecond && Stopwatch.GetElapsedTime(began).TotalSeconds * perSecond < i)
            {
                Thread.SpinWait(perSecond > 1000 ? 20 : 2000);
            }

            Sent[bricks[i]] = Stopwatch.GetTimestamp();
            socket.Send(datagrams[i]);
        }
    }

    private static async Task<WebApplication> ReceiveAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            long now = Stopwatch.GetTimestamp();
            Interlocked.Increment(ref _posts);
            Received.TryAdd(Brick(body.GetBuffer().AsSpan(0, (int)body.Length)), now);
            context.Response.StatusCode = StatusCodes.Status200OK;
        });
        await app.StartAsync();
        return app;
    }

    private static string Brick(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("brick"u8))
            {
                reader.Read();
                return reader.GetString()!;
            }
        }

        return "";
    }

    private static Process StartGlusterBus(string folder, string url)
    {
        string data = Directory.CreateTempSubdirectory("glusterbus-peer-data-").FullName;
        string file = Path.Combine(folder, "glusterbus.json");
        File.WriteAllText(file, $$"""
            {
              "cluster": "bench", "node": "gl1", "dataDirectory": "{{data}}", "api": { "socket": "{{data}}/api.sock" },
              "collectors": { "logs": { "enabled": false }, "get_state": { "enabled": false } },
              "notifiers": { "hook": { "plugin": "webhook", "url": "{{url}}", "payload": "classic" } }
            }
            """);
        string program = Path.Combine(AppContext.BaseDirectory, "glusterbus.dll");
        return Process.Start(new ProcessStartInfo("dotnet", [program, "up", "--config", file]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
    }

    private static Process StartEventsDaemon(string folder, string url)
    {
        string script = $$"""
            set -e
            mount -t tmpfs tmpfs /var/lib/glusterd; mount -t tmpfs tmpfs /var/log/glusterfs
            mkdir -p /var/lib/glusterd/events
            echo UUID=00000000-0000-0000-0000-000000000001 > /var/lib/glusterd/glusterd.info
            echo '{"log-level":"ERROR","port":{{Port}},"disable-events-log":true}' > /var/lib/glusterd/events/config.json
            echo '{ "{{url}}": { "token": "", "secret": "" } }' > /var/lib/glusterd/events/webhooks.json
            exec /usr/sbin/glustereventsd -p {{folder}}/eventsd.pid
            """;
        return Process.Start(new ProcessStartInfo("unshare", ["--mount", "bash", "-c", script]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
    }

    private static async Task UntilListeningAsync()
    {
        string port = Port.ToString("X4", CultureInfo.InvariantCulture);
        for (int i = 0; i < 200; i++)
        {
            if (File.ReadLines("/proc/net/udp").Any(line => line.Contains($":{port} ", StringComparison.Ordinal)))
            {
                await Task.Delay(TimeSpan.FromSeconds(1.5), TimeProvider.System); // Webhook threads of glustereventsd start after its socket.
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        throw new TimeoutException($"nothing listens on udp port {Port}");
    }
}
