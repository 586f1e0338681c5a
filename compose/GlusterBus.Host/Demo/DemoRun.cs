using GlusterBus.Host.Demo.Simulation;
using GlusterBus.Host.Demo.View;
using GlusterBus.Host.Hosting;
using GlusterBus.Router;
using GlusterBus.Router.State.Sqlite;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Host.Demo;

/// <summary>Plays the story: three simulated nodes, each with the real collectors, the real router on a SQLite file and the real delivery path.</summary>
/// <param name="options">How to play it.</param>
/// <param name="show">Makes the view; gets a way to read the counters.</param>
internal sealed class DemoRun(DemoOptions options, Func<Func<Tally>, Story, IDemoView> show, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    private RouterCounters? _counters;
    private DateTimeOffset? _began;

    /// <summary>Plays until the story's end, or until Ctrl-C.</summary>
    /// <param name="root">An empty folder for logs, checkpoints and the database.</param>
    /// <returns>The verdict; null when it was stopped before the story's end.</returns>
    public async Task<Verdict?> RunAsync(string root, CancellationToken stop)
    {
        var story = Story.Compile(options.Seed);
        using TextWriter log = TextWriter.Synchronized(File.CreateText(Path.Combine(root, "glusterbus.log")));
        using ILoggerFactory loggers = LoggerFactory.Create(logging => logging
            .SetMinimumLevel(LogLevel.Information)
            .AddProvider(new StandardErrorLoggers(log, forJournal: false, LogLevel.Information, clock)));
        await using SqliteStore store = await SqliteStore.OpenAsync(
            Path.Combine(root, "glusterbus.db"), new SqliteStoreOptions(), clock, loggers.CreateLogger<SqliteStore>(), stop);
        var nodes = new Dictionary<string, DemoNode>(StringComparer.Ordinal);
        using var stage = new Stage(
            root, story.AtStart, node => nodes[node].Port, (node, isOn, ct) => isOn ? nodes[node].StartAsync(ct) : nodes[node].StopAsync(), clock, options.Speed);
        stage.Prepare();
        await using IDemoView view = show(() => Count(stage), story);
        var receiver = new DemoNotifier(view);
        Verdict? verdict = null;
        try
        {
            await using EmbeddedPipeline pipeline = await EmbeddedPipeline.StartAsync(
                new EmbeddedPipelineOptions
                {
                    Router = new RouterOptions { Cluster = "demo" },
                    Store = EmbeddedStore.Of(store),
                    Notifiers = [new("demo", receiver, Contracts.Pipeline.TransitionFilter.All)],
                    Clock = clock,
                    Random = new Random(options.Seed),
                    Loggers = loggers,
                },
                stop);
            _counters = pipeline.Router.Counters;
            pipeline.Router.Routed += routed => view.Observed(routed.Observation, routed.Outcome);
            foreach (SimulatedNode node in story.AtStart.Nodes)
            {
                var cli = new SimulatedGlusterCli(() => stage.State, node.Name);
                nodes[node.Name] = new DemoNode(node.Name, root, cli, pipeline.Router, clock, options.Seed, loggers);
            }

            try
            {
                verdict = await PlayAsync(story, stage, nodes.Values, pipeline.Router.Completion, view, receiver, stop);
            }
            finally
            {
                await Task.WhenAll(nodes.Values.Select(n => n.DisposeAsync().AsTask()));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl-C is a good end too.
        }

        view.Conclude(verdict, Count(stage));
        return verdict;
    }

    private async Task<Verdict> PlayAsync(
        Story story, Stage stage, IReadOnlyCollection<DemoNode> nodes, Task broken, IDemoView view, DemoNotifier receiver, CancellationToken stop)
    {
        await Task.WhenAll(nodes.Select(n => n.StartAsync(stop)));
        await Task.WhenAll(nodes.Select(n => n.Context!.WhenKnown)).WaitAsync(Patience, clock, stop);

        _began = clock.GetUtcNow();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task narrating = NarrateAsync(story, view, ended.Token);
        await UnlessAsync(broken, stage.PlayAsync(story.Cues, stop));
        await narrating;
        Verdict verdict = await SettleAsync(story, nodes, receiver, stop);
        if (options.Once)
        {
            return verdict;
        }

        view.Begin(story.Chapters.Count, new Chapter(
            verdict.IsGood ? "The story is told, the storm goes on" : "The story is told, and it went wrong",
            $"{verdict.Arrived} of {story.Expects.Count()} expected transitions arrived, {verdict.Extra.Count} unexpected; Ctrl-C ends", Story.Length, []));
        try
        {
            while (true)
            {
                await UnlessAsync(broken, stage.PlayAsync(story.Epilogue(), stop));
                await Task.Delay(Quiet / options.Speed, clock, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Verdict.Of(story.Expects, receiver.Arrived);
        }
    }

    private async Task NarrateAsync(Story story, IDemoView view, CancellationToken stop)
    {
        long begin = clock.GetTimestamp();
        for (int i = 0; i < story.Chapters.Count; i++)
        {
            TimeSpan wait = (story.Chapters[i].Begins / options.Speed) - clock.GetElapsedTime(begin);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, clock, stop);
            }

            view.Begin(i + 1, story.Chapters[i]);
        }
    }

    /// <summary>Waits for what is still on its way, then has every node look once more: a last chance for what must not come.</summary>
    private async Task<Verdict> SettleAsync(Story story, IReadOnlyCollection<DemoNode> nodes, DemoNotifier receiver, CancellationToken stop)
    {
        long begin = clock.GetTimestamp();
        while (Verdict.Of(story.Expects, receiver.Arrived).Missing.Count > 0 && clock.GetElapsedTime(begin) < Patience)
        {
            await Task.Delay(Glance, clock, stop);
        }

        foreach (DemoNode node in nodes)
        {
            node.Context!.RequestReconcile(TimeSpan.Zero);
        }

        await Task.Delay(Quiet, clock, stop);
        return Verdict.Of(story.Expects, receiver.Arrived);
    }

    /// <summary>A router that stopped ends the story at once, with its own error.</summary>
    private static async Task UnlessAsync(Task broken, Task playing)
    {
        if (await Task.WhenAny(playing, broken) != playing)
        {
            await broken;
        }

        await playing;
    }

    private Tally Count(Stage stage) => new(
        stage.Lines,
        stage.Datagrams,
        _counters?.Seen ?? 0,
        _counters?.Published ?? 0,
        [.. (_counters?.Suppressed ?? new Dictionary<string, long>()).OrderByDescending(s => s.Value).ThenBy(s => s.Key, StringComparer.Ordinal)],
        _began is { } began ? clock.GetUtcNow() - began : TimeSpan.Zero);
}
