using System.Diagnostics;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router;
using GlusterBus.Router.State.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Benchmarks;

/// <summary>Decision and commit to SQLite, without sources and receivers: repeats, and observations that are all transitions.</summary>
internal static class RouterBench
{
    private const int Count = 200_000;

    public static async Task<int> RunAsync(string[] args)
    {
        string folder = args.Length > 0 ? args[0] : Directory.CreateTempSubdirectory("glusterbus-bench-").FullName;
        Console.WriteLine($"{"case",-32}{"obs/s",12}{"transitions",14}");
        foreach ((string name, int stride) in new[] { ("all repeats", Count), ("every observation a transition", 1), ("one in ten a transition", 10) })
        {
            await using SqliteStore store = await SqliteStore.OpenAsync(Path.Combine(folder, $"bench-{stride}.db"), new SqliteStoreOptions(), TimeProvider.System, NullLogger<SqliteStore>.Instance, default);
            await using var router = new ObservationRouter(store, new RouterOptions(), TimeProvider.System, NullLogger<ObservationRouter>.Instance);
            await router.StartAsync(default);
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            ObservationBatch[] batches = [.. Enumerable.Range(0, Count / ObservationBatch.MaximumCount).Select(b => new ObservationBatch
            {
                Stream = "n1/gf_event",
                Epoch = 1,
                Observations = [.. Enumerable.Range(b * ObservationBatch.MaximumCount, ObservationBatch.MaximumCount).Select(i => new Observation
                {
                    Entity = EntityId.Brick("gv0", $"n1:/data/b{i / stride % 1000}"),
                    State = i / stride / 1000 % 2 == 0 ? "offline" : "health-failed",
                    Source = "gf_event", Node = "n1", ObservedAt = now.AddTicks(i), Sequence = i + 1,
                    Evidence = new Evidence("datagram", "1795339000 76 peer=gl2;volume=rv;brick=/srv/rv1", "127.0.0.1", "n1", now),
                })],
            })];
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
            Console.WriteLine($"{name,-32}{Count / Stopwatch.GetElapsedTime(started).TotalSeconds,12:N0}{router.Counters.Published,14:N0}");
        }

        return 0;
    }
}
