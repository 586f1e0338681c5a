using System.Diagnostics;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Memory;
using GlusterBus.Router.State.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Benchmarks;

/// <summary>Decision and commit, without sources and receivers: repeats, and observations that are all transitions. In memory, where the decision is
/// all there is, and on SQLite.</summary>
internal static class RouterBench
{
    private const int Count = 300_000;
    private const int Bricks = 1000;

    /// <param name="Stride">How many observations in a row tell the same of the same brick.</param>
    /// <param name="Nodes">How many nodes take turns at telling.</param>
    private sealed record Workload(string Name, int Stride, int Nodes, bool Alternates);

    private static readonly Workload[] Workloads =
    [
        new("repeats of one brick", Count, 1, false),
        new("repeats of 1000 bricks, 9 nodes", 1, 9, false),
        new("one in ten a transition", 10, 1, true),
        new("every one a transition", 1, 1, true),
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        string folder = args.Length > 0 ? args[0] : Directory.CreateTempSubdirectory("glusterbus-bench-").FullName;
        Console.WriteLine($"{"case",-36}{"store",8}{"obs/s",12}{"µs CPU each",14}{"transitions",14}");
        foreach (Workload workload in Workloads)
        {
            // The first run warms up.
            await MeasureAsync(new MemoryStore(), workload);
            Print(workload, "memory", await MeasureAsync(new MemoryStore(), workload));
            await using SqliteStore store = await SqliteStore.OpenAsync(
                Path.Combine(folder, $"bench-{Array.IndexOf(Workloads, workload)}.db"), new SqliteStoreOptions(), TimeProvider.System, NullLogger<SqliteStore>.Instance, default);
            Print(workload, "sqlite", await MeasureAsync(store, workload));
        }

        return 0;
    }

    private static void Print(Workload workload, string store, (TimeSpan Wall, TimeSpan Cpu, long Transitions) m) => Console.WriteLine(
        $"{workload.Name,-36}{store,8}{Count / m.Wall.TotalSeconds,12:N0}{m.Cpu.TotalMicroseconds / Count,14:N2}{m.Transitions,14:N0}");

    private static async Task<(TimeSpan Wall, TimeSpan Cpu, long Transitions)> MeasureAsync(IStateTable table, Workload workload)
    {
        await using var router = new ObservationRouter(table, new RouterOptions(), TimeProvider.System, NullLogger<ObservationRouter>.Instance);
        await router.StartAsync(default);
        ObservationBatch[] batches = Batches(workload);
        GC.Collect();
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        var pending = new Queue<Task>();
        foreach (ObservationBatch batch in batches)
        {
            pending.Enqueue(router.PublishAsync(batch, default).AsTask());
            if (pending.Count > 8)
            {
                await pending.Dequeue();
            }
        }

        await Task.WhenAll(pending);
        return (Stopwatch.GetElapsedTime(started), Environment.CpuUsage.TotalTime - cpu, router.Counters.Published);
    }

    private static ObservationBatch[] Batches(Workload workload)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return [.. Enumerable.Range(0, Count / ObservationBatch.MaximumCount).Select(b => new ObservationBatch
        {
            Stream = $"n{b % workload.Nodes}/gf_event",
            Epoch = 1,
            Observations = [.. Enumerable.Range(b * ObservationBatch.MaximumCount, ObservationBatch.MaximumCount).Select(i => new Observation
            {
                Entity = EntityId.Brick("gv0", $"n1:/data/b{i / workload.Stride % Bricks}"),
                State = workload.Alternates && i / workload.Stride / Bricks % 2 == 1 ? "health-failed" : "offline",
                Source = "gf_event",
                Node = $"n{b % workload.Nodes}",
                ObservedAt = now.AddTicks(i),
                Sequence = i + 1,
                Evidence = new Evidence("datagram", "1795339000 76 peer=gl2;volume=rv;brick=/srv/rv1", "127.0.0.1", "n1", now),
            })],
        })];
    }
}
