using System.CommandLine;
using GlusterBus.Host.Composition;
using GlusterBus.Host.Demo;
using GlusterBus.Host.Demo.Pipelines;
using GlusterBus.Host.Demo.View;
using GlusterBus.Host.Hosting;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Host.Verbs;

/// <summary><c>glusterbus demo</c>: a simulated cluster through the real pipeline.</summary>
internal sealed class DemoVerb : IVerb
{
    public static Command Build()
    {
        var once = new Option<bool>("--once") { Description = "end after the story; exit code 0 when every expected transition arrived exactly once, else 1" };
        var seed = new Option<int?>("--seed") { Description = "a number that makes the story repeatable; any other by default", HelpName = "number" }.Within(0, int.MaxValue);
        var speed = new Option<double?>("--speed") { Description = "how much faster than life, 0.1 to 20, such as 4 or 4x", DefaultValueFactory = _ => 1, HelpName = "factor" }.Within(0.1, 20, "x");
        var keep = new Option<bool>("--keep") { Description = "leave the folder with logs, checkpoints and database behind and tell where it is" };
        var json = new Option<bool>("--json") { Description = "transitions as JSON, one a line; the summary goes to standard error" };
        var distributed = new Option<bool>("--distributed") { Description = "play on the configured broker, with the routers that run there, as three nodes' collectors" };
        var dashboard = new Option<int?>("--dashboard") { Description = "serve the dashboard on that port of 127.0.0.1, such as 8056; 0 takes any that is free", HelpName = "port" }.Within(0, ushort.MaxValue);
        var config = new Option<string?>("--config") { Description = "the configuration file, for --distributed; by default " + LoadedConfiguration.DefaultPath, HelpName = "file" };
        var command = new VerbCommand("demo", "Play a three-node Gluster cluster through the real collectors, router and delivery; needs no Gluster",
            "glusterbus demo",
            "glusterbus demo --dashboard 8056  # and look at http://127.0.0.1:8056/ while it plays",
            "glusterbus demo --once --speed 4 --seed 7",
            "glusterbus demo --once --json | jq -r '.subject + \" \" + .data.change'",
            "glusterbus demo --once --keep  # and look at the logs it wrote",
            "glusterbus demo --distributed  # beside glusterbus route and glusterbus notify")
        {
            once, seed, speed, dashboard, keep, json, distributed, config,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(distributed) && result.GetValue(dashboard) is not null)
            {
                result.AddError("--dashboard: with --distributed it is glusterbus notify that serves the dashboard (api.dashboard)");
            }
        });
        command.SetAction((result, stop) => RunAsync(
            new DemoOptions
            {
                Once = result.GetValue(once),
                Seed = result.GetValue(seed) ?? (int)(TimeProvider.System.GetUtcNow().Ticks / TimeSpan.TicksPerSecond % 100_000),
                Speed = result.GetValue(speed) ?? 1,
                Keep = result.GetValue(keep),
                Json = result.GetValue(json),
                Dashboard = result.GetValue(dashboard),
                Distributed = result.GetValue(distributed),
            },
            result.GetValue(distributed) ? Distributed(result.GetValue(config)) : EmbeddedDemo.StartAsync,
            TimeProvider.System,
            stop));
        return command;
    }

    private static async Task<int> RunAsync(DemoOptions options, StartPipeline start, TimeProvider clock, CancellationToken stop)
    {
        string root = Directory.CreateTempSubdirectory("glusterbus-demo-").FullName;
        bool isGood = false;
        try
        {
            var run = new DemoRun(options, start, (tally, story) => View(options, tally, story, clock), clock);
            Verdict? verdict = await run.RunAsync(root, stop);
            isGood = verdict?.IsGood ?? true;
            return isGood ? ExitCode.Success : ExitCode.Failure;
        }
        finally
        {
            // What went wrong leaves its logs behind to be looked at; a terminal that was closed is no fault.
            bool keep = options.Keep || !(isGood || stop.IsCancellationRequested);
            if (!keep)
            {
                Directory.Delete(root, recursive: true);
            }

            Console.Error.WriteLine(keep ? $"seed {options.Seed}, logs and database in {root}" : $"seed {options.Seed}");
        }
    }

    private static IDemoView View(DemoOptions options, Func<Tally> tally, Story story, TimeProvider clock)
    {
        if (options.Json)
        {
            return new JsonView(Console.OpenStandardOutput(), Console.Error);
        }

        bool isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } and not "dumb";
        return isTerminal
            ? new LiveView(Terminal.Output, Console.Out, tally, story.Chapters.Count, Story.Length / options.Speed, clock)
            : new PlainView(Console.Out, isBrief: options.Distributed);
    }

    private static StartPipeline Distributed(string? config)
    {
        GlusterBusOptions configured = LoadedConfiguration.Load(config, Environment.GetEnvironmentVariables(), PluginFactory.Catalog).Options;
        return (options, root, ends, clock, loggers, stop) => DistributedDemo.StartAsync(configured, options.Seed, root, ends, clock, loggers, stop);
    }
}
