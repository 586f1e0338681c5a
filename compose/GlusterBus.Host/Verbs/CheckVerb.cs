using System.CommandLine;
using System.Text.Json.Nodes;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Host.Composition;
using GlusterBus.Host.Hosting;
using GlusterBus.Runtime.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;

namespace GlusterBus.Host.Verbs;

/// <summary><c>glusterbus check</c>: would it work, and what to do where it would not.</summary>
internal sealed class CheckVerb : IVerb
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public static Command Build()
    {
        var config = new Option<string?>("--config") { Description = "the configuration file; by default " + LoadedConfiguration.DefaultPath, HelpName = "file" };
        var json = new Option<bool>("--json") { Description = "one JSON object a line" };
        var command = new VerbCommand("check", "Test configuration, permissions, ports, glusterd and every configured plugin, before anything starts",
            "glusterbus check",
            "glusterbus check --config ./glusterbus.json",
            "glusterbus check --json | jq -r 'select(.problem).remedy'")
        { config, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            IReadOnlyList<CheckResult> results = await CheckAsync(parsed.GetValue(config), cancellationToken);
            Write(results, parsed.GetValue(json));
            return results.Any(r => r is { Problem: not null, IsWarning: false }) ? ExitCode.Failure : ExitCode.Success;
        });
        return command;
    }

    private static async Task<IReadOnlyList<CheckResult>> CheckAsync(string? file, CancellationToken cancellationToken)
    {
        LoadedConfiguration configuration;
        try
        {
            configuration = LoadedConfiguration.Load(file, Environment.GetEnvironmentVariables(), PluginFactory.Catalog);
        }
        catch (ConfigurationException e)
        {
            return [.. e.Problems.Select(p => new CheckResult("configuration", p.ToString(), "correct it; `glusterbus plugins` shows every option"))];
        }

        GlusterBusOptions options = configuration.Options;
        List<CheckResult> results = [new("configuration " + configuration.Source), .. HostChecks.Run(options)];
        TimeProvider clock = TimeProvider.System;
        NodeContext node = await Instance.NodeAsync(options, clock, isAlone: true, cancellationToken);
        results.Add(new CheckResult($"node name {node.Name}"));
        var plugins = new PluginFactory(clock, NullLoggerFactory.Instance);
        foreach ((ConfiguredPlugin plugin, Func<object> create) in configuration.Collectors.Select(c => (c, (Func<object>)(() => plugins.Collector(c, node))))
            .Concat(configuration.Notifiers.Select(n => (n, (Func<object>)(() => plugins.Notifier(n))))))
        {
            results.AddRange(await TestAsync(plugin, create, clock, cancellationToken));
        }

        return results;
    }

    private static async Task<IReadOnlyList<CheckResult>> TestAsync(ConfiguredPlugin plugin, Func<object> create, TimeProvider clock, CancellationToken cancellationToken)
    {
        object? instance = null;
        try
        {
            instance = create();
            return instance is IConnectionTest test
                ? [.. (await test.CheckAsync(cancellationToken).WaitAsync(Longest, clock, cancellationToken)).Select(r => r with { Subject = $"{plugin.Path}: {r.Subject}" })]
                : [new CheckResult(plugin.Path + ": nothing to test")];
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // A plugin that can't even be made or asked is a finding, not the end of the check.
            string problem = e is TimeoutException ? $"no answer within {Longest.TotalSeconds:F0} s" : e.GetBaseException().Message;
            return [new CheckResult(plugin.Path, problem, "look at the section's options with `glusterbus plugins " + plugin.Plugin.Spec.Name + "`")];
        }
        finally
        {
            (instance as IDisposable)?.Dispose();
        }
    }

    private static void Write(IReadOnlyList<CheckResult> results, bool asJson)
    {
        if (asJson)
        {
            foreach (CheckResult result in results)
            {
                string verdict = result.Problem is null ? "ok" : result.IsWarning ? "warning" : "failed";
                Console.Out.WriteLine(new JsonObject { ["subject"] = result.Subject, ["verdict"] = verdict, ["problem"] = result.Problem, ["remedy"] = result.Remedy }
                    .ToJsonString(Spelling.Readable));
            }

            return;
        }

        var table = new Table { Border = TableBorder.None, ShowHeaders = false };
        table.AddColumns("", "", "");
        foreach (CheckResult result in results)
        {
            (string verdict, Color colour) = result.Problem is null ? ("ok", Color.Green) : result.IsWarning ? ("warning", Color.Yellow) : ("FAILED", Color.Red);
            string found = result.Problem is null ? "" : result.Remedy is null ? result.Problem : $"{result.Problem}; {result.Remedy}";
            table.AddRow(new Text(verdict, new Style(colour)), new Text(result.Subject), new Text(found));
        }

        Terminal.Output.Write(table);
    }
}
