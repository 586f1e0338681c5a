using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using GlusterBus.Collectors.GlusterEvents;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Gluster;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Benchmarks;

/// <summary>How many gf_event datagrams the collector takes without losing one, through a real socket on loopback, and how fast it reads them.</summary>
/// <remarks>The sender is a thread of the same process, so it competes for the same cores; the sink counts and keeps nothing.</remarks>
public static class DatagramBench
{
    /// <summary>Runs all three measurements and prints a table.</summary>
    /// <returns>0 when nothing was lost, else 1.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        Console.WriteLine($"{"run",-24} {"sent",8} {"send s",8} {"received",9} {"lost",6} {"all published after s",22}");
        long lost = 0;
        lost += await MeasureAsync("warm-up", 5_000, rate: null);
        lost += await MeasureAsync("burst of 50,000", 50_000, rate: null);
        lost += await MeasureAsync("burst of 50,000, again", 50_000, rate: null);
        lost += await MeasureAsync("20,000/s for 10 s", 200_000, rate: 20_000);
        Parse();
        return lost == 0 ? 0 : 1;
    }

    private static async Task<long> MeasureAsync(string name, int total, int? rate)
    {
        var node = new NodeContext("gl1", new NoGluster(), Path.GetTempPath(), epoch: 1);
        node.MarkKnown();
        var sink = new CountingSink(total);
        var collector = new GlusterEventsCollector(new GlusterEventsOptions { Port = 0 }, node, TimeProvider.System, NullLogger<GlusterEventsCollector>.Instance);
        using var ending = new CancellationTokenSource();
        Task running = collector.RunAsync(sink, ending.Token);
        int port = (await collector.Listening)[0].Port;

        long start = Stopwatch.GetTimestamp();
        await Task.Factory.StartNew(() => Send(port, total, rate), TaskCreationOptions.LongRunning);
        TimeSpan sending = Stopwatch.GetElapsedTime(start);
        await Task.WhenAny(sink.Done, Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System));
        TimeSpan all = Stopwatch.GetElapsedTime(start);
        await ending.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        long lost = total - sink.Count;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-24} {total,8} {sending.TotalSeconds,8:f2} {sink.Count,9} {lost,6} {all.TotalSeconds,22:f2}"));
        return lost;
    }

    private static void Send(int port, int total, int? rate)
    {
        byte[][] datagrams = [.. Enumerable.Range(0, 1000).Select(i => Datagram(i))];
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < total; i++)
        {
            // Paced by yielding, because sleeping would send in lumps.
            while (rate is { } r && Stopwatch.GetElapsedTime(start).TotalSeconds * r < i)
            {
                Thread.Yield();
            }

            socket.Send(datagrams[i % datagrams.Length]);
        }
    }

    private static byte[] Datagram(int volume) => Encoding.ASCII.GetBytes($"1795338998 76 peer=gl2;volume=v{volume};brick=/srv/rv1");

    private static void Parse()
    {
        var node = new NodeContext("gl1", new NoGluster(), Path.GetTempPath(), epoch: 1);
        var options = new GlusterEventsOptions();
        byte[] datagram = Datagram(1);
        const int count = 500_000;
        Rate("parse (one core)", count, () => _ = GlusterDatagram.TryParse(datagram, out _, out _));
        Rate("parse and map (one core)", count, () => GlusterEventReader.Read(datagram, IPAddress.Loopback, true, DateTimeOffset.UnixEpoch, node, options));
        if (GlusterDatagram.TryParse(datagram, out GlusterEvent? e, out _))
        {
            Rate("classic JSON (one core)", count, () => ClassicEvent.Write(e, "688ca721-7d96-4a0c-bf81-baab725e2b2b"));
        }
    }

    private static void Rate(string name, int count, Action act)
    {
        for (int i = 0; i < count / 10; i++)
        {
            act();
        }

        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            act();
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-24} {count / Stopwatch.GetElapsedTime(start).TotalSeconds,8:n0} per s"));
    }

    private sealed class CountingSink(int total) : IObservationSink
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _count;

        public long Count => Interlocked.Read(ref _count);

        public Task Done => _done.Task;

        public ValueTask PublishAsync(ObservationBatch batch, CancellationToken cancellationToken)
        {
            if (Interlocked.Add(ref _count, batch.Observations.Count) >= total)
            {
                _done.TrySetResult();
            }

            return ValueTask.CompletedTask;
        }
    }
}
