using System.Collections.Concurrent;
using GlusterBus.Contracts.Messages;
using GlusterBus.Host.Demo.Pipelines;
using GlusterBus.Host.Demo.Simulation;
using GlusterBus.Host.Demo.View;
using GlusterBus.Host.Hosting;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Host.Demo;

/// <summary>Starts what takes the observations of the simulated nodes.</summary>
internal delegate Task<IDemoPipeline> StartPipeline(DemoOptions options, string root, DemoEnds ends, TimeProvider clock, ILoggerFactory loggers, CancellationToken stop);

/// <summary>Plays the story: three simulated nodes, each with the real collectors, on a real pipeline.</summary>
/// <param name="options">How to play it.</param>
/// <param name="start">Starts the pipeline.</param>
/// <param name="show">Makes the view; gets a way to read the counters.</param>
internal sealed class DemoRun(DemoOptions options, StartPipeline start, Func<Func<Tally>, Story, IDemoView> show, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private const int RoundsPerLog = 500;

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<(string Node, string Source), bool> _heard = new();
    private IDemoPipeline? _pipeline;
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
        var nodes = new Dictionary<string, DemoNode>(StringComparer.Ordinal);
        using var stage = new Stage(
            root, story.AtStart, node => nodes[node].Port, (node, isOn, ct) => isOn ? nodes[node].StartAsync(ct) : nodes[node].StopAsync(), clock, options.Speed);
        stage.Prepare();
        await using IDemoView view = show(() => Count(stage), story);
        var receiver = new DemoNotifier(view);
        Verdict? verdict = null;
        try
        {
            var ends = new DemoEnds(
                (observation, outcome) =>
                {
                    _heard.TryAdd((observation.Node, observation.Source), true);
                    view.Observed(observation, outcome);
                },
                receiver);
            await using IDemoPipeline pipeline = await start(options, root, ends, clock, loggers, stop);
            _pipeline = pipeline;
            if (pipeline.Dashboard is { } dashboard)
            {
                view.Serves(dashboard);
            }

            foreach (SimulatedNode node in story.AtStart.Nodes)
            {
                var cli = new SimulatedGlusterCli(() => stage.State, node.Name);
                nodes[node.Name] = new DemoNode(node.Name, root, cli, pipeline, clock, options.Seed, loggers);
            }

            try
            {
                verdict = await PlayAsync(story, stage, [.. nodes.Values], pipeline, view, receiver, stop);
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
        Story story, Stage stage, DemoNode[] nodes, IDemoPipeline pipeline, IDemoView view, DemoNotifier receiver, CancellationToken stop)
    {
        await Task.WhenAll(nodes.Select(n => n.StartAsync(stop)));
        await Task.WhenAll(nodes.Select(n => n.Context!.WhenKnown)).WaitAsync(Patience, clock, stop);

        _began = clock.GetUtcNow();
        bool keepsUp = true;
        for (int i = 0; i < story.Chapters.Count; i++)
        {
            long began = clock.GetTimestamp();
            view.Begin(i + 1, story.Chapters[i]);
            await UnlessAsync(pipeline.Completion, stage.PlayAsync(story.CuesOf(i), stop));
            TimeSpan ends = i + 1 < story.Chapters.Count ? story.Chapters[i + 1].Begins : Story.Length;
            TimeSpan rest = ((ends - story.Chapters[i].Begins) / options.Speed) - clock.GetElapsedTime(began);
            await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, clock, stop);
            Expectation[] expected = [.. story.Chapters.Take(i + 1).SelectMany(c => c.Expects)];
            keepsUp = keepsUp && await UntilAsync(() => AreHeard(nodes.Length) && Verdict.Of(expected, Told(receiver)).Missing.Count == 0, stop);
        }

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
            for (int round = 1; ; round++)
            {
                await UnlessAsync(pipeline.Completion, stage.PlayAsync(story.Epilogue(), stop));
                if (round % RoundsPerLog == 0)
                {
                    stage.RotateAll();
                }

                await Task.Delay(Quiet / options.Speed, clock, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Verdict.Of(story.Expects, Told(receiver));
        }
    }

    /// <summary>True when every node's logs and datagrams have come through: they start with a look at the name service, which may take its time.</summary>
    private bool AreHeard(int nodes) => _heard.Keys.Count(k => k.Source == "logs") == nodes && _heard.Keys.Count(k => k.Source == "gf_event") == nodes;

    /// <summary>The story goes on when what it told has arrived, so that a machine too slow for the speed only makes it longer.</summary>
    /// <returns>False when it did not arrive in time.</returns>
    private async Task<bool> UntilAsync(Func<bool> isDone, CancellationToken stop)
    {
        long begin = clock.GetTimestamp();
        while (!isDone())
        {
            if (clock.GetElapsedTime(begin) >= Patience)
            {
                return false;
            }

            await Task.Delay(Glance, clock, stop);
        }

        return true;
    }

    /// <summary>Has every node look once more: a last chance for what must not come.</summary>
    private async Task<Verdict> SettleAsync(Story story, DemoNode[] nodes, DemoNotifier receiver, CancellationToken stop)
    {
        foreach (DemoNode node in nodes)
        {
            node.Context!.RequestReconcile(TimeSpan.Zero);
        }

        await Task.Delay(Quiet, clock, stop);
        return Verdict.Of(story.Expects, Told(receiver));
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

    /// <summary>What arrived that the story can have caused.</summary>
    private IEnumerable<Transition> Told(DemoNotifier receiver) => receiver.Arrived.Where(transition => _pipeline?.IsOfTheStory(transition) ?? true);

    private Tally Count(Stage stage)
    {
        (long seen, long published, IReadOnlyDictionary<string, long> suppressed) = _pipeline?.Count() ?? (0, 0, new Dictionary<string, long>());
        return new Tally(
            stage.Lines,
            stage.Datagrams,
            seen,
            published,
            [.. suppressed.OrderByDescending(s => s.Value).ThenBy(s => s.Key, StringComparer.Ordinal)],
            _began is { } began ? clock.GetUtcNow() - began : TimeSpan.Zero);
    }
}
