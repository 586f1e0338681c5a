using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.DBus;
using GlusterBus.Runtime.DBus;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;
using Tmds.DBus.Protocol;

namespace GlusterBus.Benchmarks;

/// <summary>A large cluster on a private bus: how long it takes to show it, to ask for all of it, and from a transition in the notifier's hands to a listener,
/// which is <c>gdbus monitor</c> with its lines read here.</summary>
internal static partial class DBusBench
{
    private const int Rate = 200;
    private const int Transitions = 1000;

    public static async Task<int> RunAsync(string[] args)
    {
        int volumes = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1000;
        int bricks = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 10;
        await using DBusDaemonProcess bus = await DBusDaemonProcess.StartAsync(CancellationToken.None);
        var log = new RecordingLogger();
        await using var notifier = new DBusNotifier(new DBusOptions { Bus = bus.Address }, TimeProvider.System, new Logger<DBusNotifier>(log));
        using var stop = new CancellationTokenSource();
        var table = new Table(volumes, bricks);
        long began = Stopwatch.GetTimestamp();
        Task following = notifier.FollowAsync(new FollowedState("bench", table), stop.Token);
        while (log.Lines.Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{log.Lines[0].Text}, {Stopwatch.GetElapsedTime(began).TotalMilliseconds:F0} ms after the start"));
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        double[] asked = await AskAsync(bus);
        double processor = (Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds / (asked.Length + 1);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"GetManagedObjects, {asked.Length} times: least {asked[0]:F0} ms, median {asked[asked.Length / 2]:F0} ms, most {asked[^1]:F0} ms, {processor:F0} ms of processor here, both ends"));
        double[] first = await HearAsync(bus, notifier, "v1", 0, Transitions);
        double[] heard = await HearAsync(bus, notifier, "v2", 0, Transitions);
        foreach ((string which, double[] times) in (ReadOnlySpan<(string, double[])>)[("the first", first), ("then", heard)])
        {
            // In the first ones much is compiled yet.
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{which} {Transitions} transitions at {Rate}/s, {times.Length} heard: p50 {times[times.Length / 2]:F2} ms, p99 {times[times.Length * 99 / 100]:F2} ms, most {times[^1]:F2} ms"));
        }

        await stop.CancelAsync();
        await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return first.Length + heard.Length == 2 * Transitions ? 0 : 1;
    }

    /// <summary>From the call to the answer in the caller's hands, which does not unpack it.</summary>
    private static async Task<double[]> AskAsync(DBusDaemonProcess bus)
    {
        using BusConnection caller = await BusConnection.OpenAsync(bus.Address, TimeProvider.System, CancellationToken.None);
        var times = new List<double>();
        for (int i = 0; i < 21; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await CallAsync(caller.Library);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        // The first one compiles.
        return [.. times.Skip(1).Order()];
    }

    private static Task CallAsync(DBusConnection library)
    {
        using MessageWriter writer = library.GetMessageWriter();
        writer.WriteMethodCallHeader(DBusNotifier.Name, "/org/glusterbus", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");
        return library.CallMethodAsync(writer.CreateMessage());
    }

    private static async Task<double[]> HearAsync(DBusDaemonProcess bus, DBusNotifier notifier, string volume, long after, int count)
    {
        var sent = new long[count + 1];
        var heard = new long[count + 1];
        int left = count;
        var ready = new TaskCompletionSource();
        var all = new TaskCompletionSource();
        using Process monitor = Process.Start(new ProcessStartInfo("/usr/bin/gdbus", ["monitor", "--address", bus.Address, "--dest", DBusNotifier.Name]) { RedirectStandardOutput = true })!;
        monitor.OutputDataReceived += (_, line) =>
        {
            long now = Stopwatch.GetTimestamp();
            if (line.Data is { } text && text.Contains("is owned by", StringComparison.Ordinal))
            {
                ready.SetResult();
            }
            else if (line.Data is { } signal && Signal().Match(signal) is { Success: true } match)
            {
                heard[int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)] = now;
                if (--left == 0)
                {
                    all.SetResult();
                }
            }
        };
        monitor.BeginOutputReadLine();
        await ready.Task;
        long began = Stopwatch.GetTimestamp();
        for (int i = 1; i <= count; i++)
        {
            TimeSpan wait = TimeSpan.FromSeconds((double)i / Rate) - Stopwatch.GetElapsedTime(began);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, TimeProvider.System);
            }

            Transition transition = Table.Brick(volume, i % 10, after + i + 1, isUp: i % 20 < 10);
            var delivery = new Delivery(transition, TransitionJson.Write(transition), 1);
            sent[i] = Stopwatch.GetTimestamp();
            await notifier.NotifyAsync(delivery, CancellationToken.None);
        }

        await Task.WhenAny(all.Task, Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System));
        monitor.Kill();
        await monitor.WaitForExitAsync();
        return [.. Enumerable.Range(1, count).Where(i => heard[i] != 0).Select(i => Stopwatch.GetElapsedTime(sent[i], heard[i]).TotalMilliseconds).Order()];
    }

    [GeneratedRegex("StateChanged .*\"number\":\"([0-9]+)\"")]
    private static partial Regex Signal();

    /// <summary>A state table of started volumes with their bricks.</summary>
    private sealed class Table(int volumes, int bricks) : IStateReader
    {
        private static readonly DateTimeOffset At = TimeProvider.System.GetUtcNow();

        private readonly EntityState[] _rows =
        [
            .. Enumerable.Range(0, volumes).Select(v => new EntityState(EntityId.Volume($"v{v}"), "started", Severity.Ok, 1, At, new Dictionary<string, string>
            {
                ["id"] = Guid.NewGuid().ToString(), ["type"] = "Distributed-Replicate", ["transport"] = "tcp", ["brickCount"] = "10", ["replicaCount"] = "2",
                ["options.nfs.disable"] = "on", ["options.transport.address-family"] = "inet", ["options.storage.fips-mode-rchecksum"] = "on",
            })),
            .. from v in Enumerable.Range(0, volumes)
               from b in Enumerable.Range(0, bricks)
               select new EntityState(Id($"v{v}", b), "online", Severity.Ok, 1, At, Attributes(b)),
        ];

        public static Transition Brick(string volume, int brick, long sequence, bool isUp) => new()
        {
            Cluster = "bench",
            Entity = Id(volume, brick),
            Sequence = sequence,
            Change = isUp ? "online" : "offline",
            Previous = isUp ? "offline" : "online",
            Current = isUp ? "online" : "offline",
            Severity = isUp ? Severity.Ok : Severity.Error,
            Reason = TransitionReason.StateChanged,
            Attributes = new Dictionary<string, string>(Attributes(brick)) { ["number"] = (sequence - 1).ToString(CultureInfo.InvariantCulture) },
            Time = At,
            RecordedAt = At,
        };

        public ValueTask<IReadOnlyList<EntityState>> CurrentAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<EntityState>>(_rows);

        private static EntityId Id(string volume, int brick) => EntityId.Brick(volume, $"gl{brick % 5}.storage.example.org:/srv/bricks/{volume}/b{brick}");

        private static Dictionary<string, string> Attributes(int brick) => new() { ["hostUuid"] = $"3dd4e243-30bc-4e30-9274-be052868c29{brick % 5}" };
    }
}
