using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using GlusterBus.Dashboard.Tests;

namespace GlusterBus.Benchmarks;

/// <summary>Many listeners to the WebSocket stream at 500 transitions a second, in this process too; one in a hundred takes nothing until the end.</summary>
internal static class StreamBench
{
    private const int PerSecond = 500;
    private static readonly byte[] Mark = "\"specversion\""u8.ToArray();
    private static readonly byte[] Recorded = "\"recordedAt\":\""u8.ToArray();

    public static async Task<int> RunAsync(string[] arguments)
    {
        int listeners = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 1000;
        int seconds = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 10;
        int idle = Math.Max(1, listeners / 100);
        await using ClusterOnStage stage = await ClusterOnStage.StartAsync(CancellationToken.None);
        await stage.BuildAsync(30, 10, 10, TimeProvider.System.GetUtcNow().AddHours(-1));
        Uri address = new UriBuilder(stage.Page) { Scheme = "ws", Path = "/v1/stream" }.Uri;
        var quick = new List<Listener>();
        for (int i = 0; i < listeners; i++)
        {
            quick.Add(await Listener.ConnectAsync(address));
        }

        var slow = new List<Listener>();
        for (int i = 0; i < idle; i++)
        {
            slow.Add(await Listener.ConnectAsync(address));
        }

        int expected = PerSecond * seconds;
        Task[] receiving = [.. quick.Select((listener, i) => listener.ReceiveAsync(expected, measures: i % 50 == 0))];
        TimeSpan processor = Process.GetCurrentProcess().TotalProcessorTime;
        long began = Stopwatch.GetTimestamp();
        for (int told = 0; told < expected; told += PerSecond / 20)
        {
            int batch = told;
            await stage.TellAllAsync(Enumerable.Range(batch, PerSecond / 20).Select(i => ($"brick/gv{1 + (i % 10)}/gl{1 + (i / 10 % 30)}:/srv/gv{1 + (i % 10)}/b{1 + (i / 300 % 10)}", i / 3000 % 2 == 0 ? "offline" : "online")),
                TimeProvider.System.GetUtcNow(), isQuiet: false);
            TimeSpan ahead = TimeSpan.FromSeconds((double)(told + (PerSecond / 20)) / PerSecond) - Stopwatch.GetElapsedTime(began);
            await Task.Delay(ahead > TimeSpan.Zero ? ahead : TimeSpan.Zero, TimeProvider.System);
        }

        await Task.WhenAll(receiving);
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        processor = Process.GetCurrentProcess().TotalProcessorTime - processor;
        double[] latencies = [.. quick.SelectMany(listener => listener.Latencies).Order()];
        await Task.WhenAll(slow.Select(listener => listener.ReceiveAsync(expected, measures: false)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {listeners} listeners, {PerSecond} transitions/s for {seconds} s, {idle} more took nothing until the end
            each received {quick.Min(l => l.Count)} to {quick.Max(l => l.Count)} of {expected}; the idle ones afterwards {slow.Min(l => l.Count)} to {slow.Max(l => l.Count)}
            from the commit to the client p50 {At(latencies, 0.5):F0} ms, p99 {At(latencies, 0.99):F0} ms, most {latencies[^1]:F0} ms
            {(double)listeners * expected / took.TotalSeconds:F0} transitions/s to clients, {processor / took * 100:F0} % of a core for both ends, {Environment.WorkingSet >> 20} MB
            """));
        return quick.Concat(slow).All(listener => listener.Count == expected) ? 0 : 1;
    }

    private static double At(double[] ordered, double part) => ordered[(int)(part * (ordered.Length - 1))];

    private sealed class Listener(ClientWebSocket socket)
    {
        private readonly byte[] _buffer = new byte[16 * 1024];

        public int Count { get; private set; }

        public List<double> Latencies { get; } = [];

        public static async Task<Listener> ConnectAsync(Uri address)
        {
            var socket = new ClientWebSocket();
            await socket.ConnectAsync(address, CancellationToken.None);
            var listener = new Listener(socket);

            // The first message tells the position; what is told later then counts.
            await socket.ReceiveAsync(listener._buffer, CancellationToken.None);
            return listener;
        }

        public async Task ReceiveAsync(int expected, bool measures)
        {
            using var message = new MemoryStream();
            while (Count < expected)
            {
                message.SetLength(0);
                WebSocketReceiveResult received;
                do
                {
                    received = await socket.ReceiveAsync(_buffer, CancellationToken.None);
                    message.Write(_buffer, 0, received.Count);
                }
                while (!received.EndOfMessage);

                Take(message.GetBuffer().AsSpan(0, (int)message.Length), measures);
            }
        }

        private void Take(ReadOnlySpan<byte> message, bool measures)
        {
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            for (int at = message.IndexOf(Mark); at >= 0; at = message.IndexOf(Mark))
            {
                Count++;
                message = message[(at + Mark.Length)..];
                if (measures && message.IndexOf(Recorded) is var recorded and >= 0)
                {
                    string time = Encoding.ASCII.GetString(message.Slice(recorded + Recorded.Length, 27));
                    Latencies.Add((now - DateTimeOffset.Parse(time, CultureInfo.InvariantCulture)).TotalMilliseconds);
                }
            }
        }
    }
}
