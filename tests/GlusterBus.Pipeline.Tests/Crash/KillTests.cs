using System.Diagnostics;
using System.Globalization;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Pipeline.Tests.Distributed;
using GlusterBus.Router.State.Sqlite;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Pipeline.Tests.Crash;

/// <summary><c>kill -9</c> of the built program at random moments, while logs are written and rotated and a receiver is told.</summary>
[Collection(Alone.Name)]
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Volumes = 7;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_at_random_moments_it_loses_nothing_doubles_only_ids_and_skips_no_delivery()
    {
        int kills = Environment.GetEnvironmentVariable("GLUSTERBUS_SLOW") is null ? 12 : 200;
        int seed = int.Parse(Environment.GetEnvironmentVariable("GLUSTERBUS_SEED") ?? TimeProvider.System.GetTimestamp().ToString(CultureInfo.InvariantCulture)[^6..], CultureInfo.InvariantCulture);
        output.WriteLine($"GLUSTERBUS_SEED={seed}, {kills} kills");
        var random = new Random(seed);
        using var folder = new TemporaryFolder();
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        string configuration = Configure(folder, receiver.Url);
        using var stopWriting = new CancellationTokenSource();
        Task<long[]> writing = Task.Run(() => WriteAsync(folder.File("log"), random.Next(), stopWriting.Token), Token);

        // What was rotated away before the very first start is history by design; so the kills begin when it has once been at work.
        using (Process first = Start(configuration))
        {
            await UntilAsync(() => receiver.Requests.Count > 0, () => "nothing was delivered at all");
            first.Kill();
            await first.WaitForExitAsync(Token);
        }

        for (int i = 0; i < kills; i++)
        {
            using Process process = Start(configuration);
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(50, 1500)), TimeProvider.System, Token);
            process.Kill();
            await process.WaitForExitAsync(Token);
        }

        await stopWriting.CancelAsync();
        long[] written = await writing;
        using (Process last = Start(configuration))
        {
            await UntilAsync(() => Delivered(receiver).Count >= written.Sum(), () => $"{Delivered(receiver).Count} of {written.Sum()} delivered");
            last.Kill();
            await last.WaitForExitAsync(Token);
        }

        written.Sum().ShouldBeGreaterThan(kills);
        await using SqliteStore store = await SqliteStore.OpenAsync(folder.File("data/glusterbus.db"), new SqliteStoreOptions(), TimeProvider.System, NullLogger<SqliteStore>.Instance, Token);
        IReadOnlyList<ArchivedTransition> archive = await store.QueryAsync(new ArchiveQuery { Limit = 100_000 }, Token);
        for (int volume = 0; volume < Volumes; volume++)
        {
            string entity = $"quorum/v{volume}";
            Transition[] told = [.. archive.Select(a => a.Transition).Where(t => t.Entity.Value == entity)];
            told.Select(t => t.Sequence).ShouldBe(Enumerable.Range(1, (int)written[volume]).Select(i => (long)i), entity);
            told.Select(t => t.Current).ShouldBe(Enumerable.Range(0, (int)written[volume]).Select(i => i % 2 == 0 ? "lost" : "met"), entity);
        }

        // Each receiver sees each id at least once; a repetition never runs ahead of what is new.
        foreach (IGrouping<string, (string Entity, long Sequence)> entity in Requests(receiver).GroupBy(r => r.Entity))
        {
            long highest = 0;
            foreach ((_, long sequence) in entity)
            {
                sequence.ShouldBeLessThanOrEqualTo(highest + 1, $"{entity.Key} skipped a delivery");
                highest = Math.Max(highest, sequence);
            }
        }

        output.WriteLine($"{written.Sum()} changes, {Requests(receiver).Count()} deliveries");
    }

    /// <summary>Writes quorum lines, each the opposite of the one before for its volume, and rotates the file now and then as logrotate does.</summary>
    /// <returns>How many lines of each volume were written.</returns>
    private static async Task<long[]> WriteAsync(string folder, int seed, CancellationToken stop)
    {
        Directory.CreateDirectory(folder);
        var random = new Random(seed);
        long[] written = new long[Volumes];
        string path = Path.Combine(folder, "glusterd.log");
        int rotations = 0;
        while (!stop.IsCancellationRequested)
        {
            int volume = random.Next(Volumes);
            string line = QuorumLine.Of($"v{volume}", isLost: written[volume]++ % 2 == 0);
            await File.AppendAllTextAsync(path, line, CancellationToken.None);
            if (written.Sum() > 500 && random.Next(100) == 0)
            {
                File.Move(path, $"{path}-{++rotations:D4}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1, 20)), TimeProvider.System, CancellationToken.None);
        }

        return written;
    }

    private static string Configure(TemporaryFolder folder, Uri url)
    {
        string file = folder.File("glusterbus.json");
        File.WriteAllText(file, $$"""
            {
              "cluster": "crash", "node": "n1", "dataDirectory": "{{folder.File("data")}}",
              "api": { "socket": "{{folder.File("api.sock")}}" },
              "collectors": {
                "logs": { "directory": "{{folder.File("log")}}", "startAt": "beginning" },
                "gf_event": { "enabled": false },
                "get_state": { "enabled": false }
              },
              "notifiers": { "hook": { "plugin": "webhook", "url": "{{url}}", "channels": ["quorum"] } }
            }
            """);
        return file;
    }

    private static Process Start(string configuration) =>
        Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "glusterbus.dll"), "up", "--quiet", "--config", configuration]))!;

    private static HashSet<(string, long)> Delivered(WebhookReceiver receiver) => [.. Requests(receiver)];

    private static IEnumerable<(string Entity, long Sequence)> Requests(WebhookReceiver receiver) =>
        receiver.Requests.Select(request => TransitionJson.Parse(request.Body)).Select(t => (t.Entity.Value, t.Sequence));

    private static async Task UntilAsync(Func<bool> condition, Func<string> state)
    {
        for (long began = Stopwatch.GetTimestamp(); !condition();)
        {
            (Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(60)).ShouldBeTrue(state());
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Token);
        }
    }
}
