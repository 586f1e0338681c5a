using System.Diagnostics;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Decisions;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Redis;
using GlusterBus.Router.State.Redis.Connections;
using GlusterBus.Runtime.Configuration;
using StackExchange.Redis;

namespace GlusterBus.Benchmarks;

/// <summary>The state table in Redis: commits one after the other, as the owner makes them, and the load at a takeover. Writes the cluster <c>bench</c>.</summary>
internal static class RedisBench
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);

    public static async Task<int> RunAsync(string[] args)
    {
        var options = new RedisOptions { Hosts = [args.Length > 0 ? args[0] : "localhost"], Patience = TimeSpan.FromSeconds(30) };
        await using var connection = new RedisConnection(options, "bench", TimeProvider.System);
        var table = new RedisStateTable("bench", connection, options, TimeProvider.System);
        long epoch = (await table.OpenAsync(default)).Epoch;
        Console.WriteLine($"{"case",-40}{"commits/s",12}{"entries/s",12}{"p50 ms",9}{"p99 ms",9}");
        await CommitsAsync("1 entry, 1 transition", 5000, i => Commit(i, 1, 1));
        await CommitsAsync("500 entries, no transition", 200, i => Commit(i * 500, 500, 0));
        await CommitsAsync("500 entries, 500 transitions", 200, i => Commit(i * 500, 500, 500));
        await CommitsAsync("10,000 entries, 1,000 transitions", 10, i => Commit(i * 10_000, 10_000, 1000));

        foreach (int count in new[] { 1_000, 10_000, 100_000 })
        {
            var fresh = new RedisStateTable($"bench-{count}", connection, options, TimeProvider.System);
            long owner = (await fresh.OpenAsync(default)).Epoch;
            for (int from = 0; from < count; from += 1000)
            {
                await fresh.CommitAsync(owner, Commit(from, 1000, 0), default);
            }

            long started = Stopwatch.GetTimestamp();
            TableContents contents = await fresh.OpenAsync(default);
            string key = RedisKeys.Entries($"bench-{count}");
            long bytes = (await connection.ExecuteAsync(new RedisCommand("MEMORY", ["USAGE", (RedisKey)key, "SAMPLES", 1000]), default)).Integer;
            Console.WriteLine($"load {contents.Entries.Count,7:N0} entries: {Stopwatch.GetElapsedTime(started).TotalMilliseconds,6:N0} ms, {bytes / count:N0} bytes an entry in Redis");
            started = Stopwatch.GetTimestamp();
            await fresh.RestoreAsync(contents, default);
            Console.WriteLine($"restore the same: {Stopwatch.GetElapsedTime(started).TotalMilliseconds,12:N0} ms");
        }

        return 0;

        async Task CommitsAsync(string name, int count, Func<int, Commit> make)
        {
            await table.CommitAsync(epoch, make(0), default);
            double[] milliseconds = new double[count];
            for (int i = 0; i < count; i++)
            {
                Commit commit = make(i % 100);
                long started = Stopwatch.GetTimestamp();
                await table.CommitAsync(epoch, commit, default);
                milliseconds[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            }

            await table.PublishedAsync(epoch, long.MaxValue / 1024, default);
            double seconds = milliseconds.Sum() / 1000;
            Array.Sort(milliseconds);
            Console.WriteLine($"{name,-40}{count / seconds,12:N0}{count * make(0).Entries.Count / seconds,12:N0}{milliseconds[count / 2],9:F2}{milliseconds[count * 99 / 100],9:F2}");
        }
    }

    private static Commit Commit(int from, int entries, int transitions) => new(
        [.. Enumerable.Range(from, entries).Select(Entry)],
        [.. Enumerable.Range(from, transitions).Select(i => new RecordedTransition(Transition(i), IsAnnounced: true))],
        new Dictionary<string, AppliedSequence> { ["n1/logs/glusterd.log#1"] = new(1, from) });

    private static StateEntry Entry(int i) => new()
    {
        Entity = EntityId.Brick("gv0", $"gl{i % 10}:/data/b{i}"),
        State = "online",
        Attributes = StateEntry.NoAttributes.Add("pid", "12345").Add("port", "49152").Add("uuid", "0d6c3d1e-7a52-4b5e-9f55-2f0f0c9a8f11"),
        Sequence = 3,
        Since = At,
        ChangedAt = At,
        By = "gl1/get_state",
        Witnesses = System.Collections.Immutable.ImmutableSortedDictionary.Create<string, Witness>(StringComparer.Ordinal)
            .Add("gl1", new Witness(At, 12345678901234567890, At)).Add("gl2", new Witness(At, 12345678901234567890, At)).Add("gl3", new Witness(At, 12345678901234567890, At)),
    };

    private static Transition Transition(int i) => new()
    {
        Cluster = "bench",
        Entity = EntityId.Brick("gv0", $"gl{i % 10}:/data/b{i}"),
        Sequence = 3,
        Change = "online",
        Previous = "offline",
        Current = "online",
        Severity = Severity.Ok,
        Reason = TransitionReason.Recovered,
        Evidence = [new Evidence("datagram", "1795339000 76 peer=gl2;volume=rv;brick=/srv/rv1", "127.0.0.1", "n1", At)],
        Observers = ["gl1/gf_event"],
        Time = At,
        RecordedAt = At,
    };
}
