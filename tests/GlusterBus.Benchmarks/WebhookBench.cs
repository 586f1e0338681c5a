using System.Diagnostics;
using System.Globalization;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Notifiers.Webhook;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Benchmarks;

/// <summary>Deliveries per second from a filled queue through worker and webhook to one fast receiver in a process of its own.</summary>
/// <remarks><c>webhook [count] [concurrency]</c>; the receiver is this program with <c>webhook receiver</c>.</remarks>
public static class WebhookBench
{
    private const int Entities = 1000;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Contains("receiver"))
        {
            return await HookReceiver.RunAsync();
        }

        int[] numbers = [.. args.Where(a => a.All(char.IsAsciiDigit)).Select(a => int.Parse(a, CultureInfo.InvariantCulture))];
        int count = numbers.Length > 0 ? numbers[0] : 100_000;
        int concurrency = numbers.Length > 1 ? numbers[1] : new WebhookOptions().Concurrency;
        using Process receiver = StartReceiver();
        string url = $"http://127.0.0.1:{await receiver.StandardOutput.ReadLineAsync()}/hook";

        // The first round warms connections and compiler up.
        await DeliverAsync(url, count / 10, concurrency, firstSequence: 1);
        await ReportAsync(receiver);
        TimeSpan cpuBefore = Process.GetCurrentProcess().TotalProcessorTime;
        (TimeSpan elapsed, long acknowledgements) = await DeliverAsync(url, count, concurrency, firstSequence: 1 + (count / 10 / Entities));
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime - cpuBefore;
        string[] report = (await ReportAsync(receiver)).Split(' ');
        receiver.StandardInput.Close();
        await receiver.WaitForExitAsync();

        (long distinct, long doubled, long inversions) = (Number(report[0]), Number(report[1]), Number(report[2]));
        Console.WriteLine($"webhook: {count} deliveries, {Entities} entities, concurrency {concurrency}");
        Console.WriteLine($"  {count / elapsed.TotalSeconds:F0} deliveries/s ({elapsed.TotalSeconds:F2} s, {cpu.TotalSeconds / elapsed.TotalSeconds:F2} cores for worker and queue, {acknowledgements} acknowledgements)");
        Console.WriteLine($"  order inversions per entity {inversions}, lost {count - distinct}, doubled {doubled}");
        return inversions == 0 && distinct == count && doubled == 0 ? 0 : 1;
    }

    private static async Task<(TimeSpan Elapsed, long Acknowledgements)> DeliverAsync(string url, int count, int concurrency, int firstSequence)
    {
        var queue = new FilledQueue(count, firstSequence);
        using var notifier = new WebhookNotifier(new WebhookOptions { Url = url, Concurrency = concurrency }, TimeProvider.System, NullLogger<WebhookNotifier>.Instance);
        using var worker = new NotifierWorker(
            new ConfiguredNotifier("bench", notifier, TransitionFilter.All), queue, TimeProvider.System, new Random(1), NullLogger<NotifierWorker>.Instance);
        using var stop = new CancellationTokenSource();
        long began = Stopwatch.GetTimestamp();
        Task running = worker.RunAsync(stop.Token);
        await Task.WhenAny(queue.Emptied, running);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(began);
        await stop.CancelAsync();
        await running;
        return (elapsed, queue.Acknowledgements);
    }

    private static Process StartReceiver()
    {
        string self = Environment.ProcessPath!;
        string[] program = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [typeof(WebhookBench).Assembly.Location] : [];
        return Process.Start(new ProcessStartInfo(self, [.. program, "webhook", "receiver"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    private static async Task<string> ReportAsync(Process receiver)
    {
        await receiver.StandardInput.WriteLineAsync("report");
        return await receiver.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the receiver has ended");
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>A queue in memory with brick transitions of about 1 kB, as JSON: parsing them is part of the work.</summary>
    private sealed class FilledQueue : IDeliveryQueue
    {
        private readonly TaskCompletionSource _emptied = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly byte[][] _json;
        private int _next;
        private long _acknowledged;

        public FilledQueue(int count, int firstSequence)
        {
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            _json = [.. Enumerable.Range(0, count).Select(i => TransitionJson.Write(Make(i % Entities, firstSequence + (i / Entities), now)))];
        }

        public Task Emptied => _emptied.Task;

        public long Acknowledgements { get; private set; }

        public long Backlog => _json.Length - _acknowledged;

        public async ValueTask<IReadOnlyList<ArchivedTransition>> ReceiveAsync(int maximum, CancellationToken cancellationToken)
        {
            if (_next == _json.Length)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }

            int from = _next;
            _next = Math.Min(_json.Length, from + maximum);
            return [.. Enumerable.Range(from, _next - from).Select(i => new ArchivedTransition(i + 1, _json[i]))];
        }

        public ValueTask AcknowledgeAsync(long position, CancellationToken cancellationToken)
        {
            Acknowledgements++;
            _acknowledged = position;
            if (position == _json.Length)
            {
                _emptied.TrySetResult();
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask RejectAsync(ArchivedTransition transition, string reason, CancellationToken cancellationToken) =>
            throw new InvalidOperationException($"the receiver rejected a delivery: {reason}");

        private static Transition Make(int entity, long sequence, DateTimeOffset now)
        {
            string node = $"gl{entity % 3}";
            bool isUp = sequence % 2 == 0;
            return new Transition
            {
                Cluster = "bench",
                Entity = EntityId.Brick($"vol{entity / 10}", $"{node}:/srv/bricks/b{entity}"),
                Sequence = sequence,
                Change = isUp ? "online" : "offline",
                Previous = isUp ? "offline" : "online",
                Current = isUp ? "online" : "offline",
                Severity = isUp ? Severity.Ok : Severity.Error,
                Reason = isUp ? TransitionReason.Recovered : TransitionReason.StateChanged,
                Attributes = new Dictionary<string, string> { ["port"] = "49152", ["pid"] = "1783" },
                Evidence =
                [
                    new Evidence(
                        "log-line",
                        $"[2026-11-22 09:16:38.618917 +0000] I [MSGID: 106005] [glusterd-handler.c:6062:__glusterd_brick_rpc_notify] 0-management: Brick {node}:/srv/bricks/b{entity} has disconnected from glusterd.",
                        "/var/log/glusterfs/glusterd.log:48213",
                        node,
                        now),
                ],
                Observers = [$"{node}/logs"],
                Time = now,
                RecordedAt = now,
            };
        }
    }
}
