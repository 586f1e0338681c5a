using System.Diagnostics;
using System.Globalization;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Distributed;

/// <summary>Two routers, three collectors, broker and Redis, and everything that can end, freeze or lose its line does so at random moments.</summary>
[Collection(Alone.Name)]
public sealed class TakeoverMatrixTests(ITestOutputHelper output)
{
    private const int Volumes = 15;
    private const int Collectors = 3;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_fails_at_whatever_moment_each_change_is_told_once_in_order()
    {
        Assert.SkipWhen((RabbitMqProcess.Obstacle ?? RedisProcess.Obstacle) is not null, RabbitMqProcess.Obstacle ?? RedisProcess.Obstacle ?? "");
        Blow[] all = Environment.GetEnvironmentVariable("GLUSTERBUS_BLOWS") is { } named ? [.. named.Split(',').Select(Enum.Parse<Blow>)] : Enum.GetValues<Blow>();
        int points = Environment.GetEnvironmentVariable("GLUSTERBUS_SLOW") is null ? all.Length : 220;
        int seed = int.Parse(Environment.GetEnvironmentVariable("GLUSTERBUS_SEED") ?? TimeProvider.System.GetTimestamp().ToString(CultureInfo.InvariantCulture)[^6..], CultureInfo.InvariantCulture);
        output.WriteLine($"GLUSTERBUS_SEED={seed}, {points} points");
        var random = new Random(seed);
        await using DistributedSystem system = await DistributedSystem.StartAsync(Token);
        Role[] routers = [await system.AddAsync("route", "r1"), await system.AddAsync("route", "r2")];
        string[] logs = [.. Enumerable.Range(1, Collectors).Select(i => system.FolderOf($"log{i}"))];
        List<Role> collectors = [];
        for (int i = 1; i <= Collectors; i++)
        {
            collectors.Add(await system.AddLogCollectorAsync($"n{i}", logs[i - 1]));
        }

        await using ChannelListener listener = await ChannelListener.StartAsync(system.BrokerOptions, Token);
        foreach (Role role in routers.Concat(collectors))
        {
            role.Start();
        }

        // Reports of several nodes can be put in order when their clocks are known, which takes two heartbeats of a collector that was never heard before.
        await UntilAsync(
            async () => Math.Max(await routers[0].MetricAsync("glusterbus_node_clocks", Token) ?? 0, await routers[1].MetricAsync("glusterbus_node_clocks", Token) ?? 0) >= Collectors,
            TimeSpan.FromSeconds(60),
            () => "the clocks were not learnt: " + Said(routers.Concat(collectors)));
        using var stop = new CancellationTokenSource();
        var reporters = new Reporters(logs, Volumes, random.Next());
        var blows = new Blows(system, routers, [.. collectors], random, listener, () => Said(routers.Concat(collectors)), Token);
        Task happening = Task.Run(() => reporters.RunAsync(stop.Token), Token);
        try
        {
            await UntilAsync(() => listener.Heard.Count > 10, TimeSpan.FromSeconds(60), () => "nothing was told at all: " + Said(routers.Concat(collectors)));

            // In the short run each blow once, so that a failure names its cause; in the long one as chance will have it.
            for (int i = 0; i < points; i++)
            {
                Blow blow = i < all.Length ? all[i] : all[random.Next(all.Length)];
                int before = listener.Heard.Count;
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20, 600)), TimeProvider.System, Token);
                DateTimeOffset began = TimeProvider.System.GetUtcNow();
                string what = await blows.StrikeAsync(blow);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{i,3} {began:HH:mm:ss.fff} to {TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {what}"));
                await UntilAsync(() => listener.Heard.Count > before + 3, TimeSpan.FromSeconds(60), () => $"nothing more after {what} (point {i}): {Said(routers.Concat(collectors))}");
            }
        }
        finally
        {
            await stop.CancelAsync();
            await happening;
        }

        await UntilAsync(
            () => Verdicts.IsComplete(listener.Heard, reporters.Changes),
            TimeSpan.FromSeconds(90),
            () => $"{listener.Heard.DistinctBy(h => h.Transition.Id).Count()} of {reporters.Total} told: {Said(routers.Concat(collectors))}");
        foreach (Heard silent in listener.Heard.Where(h => h.Transition.Entity.Kind == "collector"))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {silent.Transition.RecordedAt:HH:mm:ss.fff} {silent.Transition.Id} {silent.Transition.Change}"));
        }

        int repeats = Verdicts.ShouldTellTheTruth(listener.Heard, reporters.Changes);
        output.WriteLine($"{reporters.Total} changes reported by {Collectors} nodes, {listener.Heard.Count} heard, {repeats} repetitions with the same id");
        blows.Report(output);
        blows.ShouldHaveBeenQuick();
    }

    private static string Said(IEnumerable<Role> roles) => string.Join('\n', roles.Select(r => $"--- {r.Name}\n{r.Process.Error[^Math.Min(2000, r.Process.Error.Length)..]}"));

    private static Task UntilAsync(Func<bool> condition, TimeSpan patience, Func<string> state) => UntilAsync(() => Task.FromResult(condition()), patience, state);

    private static async Task UntilAsync(Func<Task<bool>> condition, TimeSpan patience, Func<string> state)
    {
        for (long began = Stopwatch.GetTimestamp(); !await condition();)
        {
            (Stopwatch.GetElapsedTime(began) < patience).ShouldBeTrue(state());
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }
}
