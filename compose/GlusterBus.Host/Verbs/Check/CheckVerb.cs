using System.CommandLine;
using System.Text.Json.Nodes;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Host.Composition;
using GlusterBus.Host.Hosting;
using GlusterBus.Runtime.Configuration;
using Spectre.Console;

namespace GlusterBus.Host.Verbs.Check;

/// <summary><c>glusterbus check</c>: would it work, and what to do where it would not.</summary>
internal sealed class CheckVerb : IVerb
{
    public static Command Build()
    {
        var config = new Option<string?>("--config") { Description = "the configuration file; by default " + LoadedConfiguration.DefaultPath, HelpName = "file" };
        var json = new Option<bool>("--json") { Description = "one JSON object a line" };
        var role = new Option<string>("--role")
        {
            Description = "what is to run here: up, collect, route or notify; each is tested with what it needs",
            HelpName = "role",
            DefaultValueFactory = _ => RoleChecks.Roles[0],
        };
        role.AcceptOnlyFromAmong([.. RoleChecks.Roles]);
        var command = new VerbCommand("check", "Test configuration, permissions, ports, glusterd, plugins, broker and Redis, as far as a role needs them, before anything starts",
            "glusterbus check",
            "glusterbus check --role route",
            "glusterbus check --config ./glusterbus.json",
            "glusterbus check --json | jq -r 'select(.problem).remedy'")
        { role, config, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            IReadOnlyList<CheckResult> results = await CheckAsync(parsed.GetValue(role)!, parsed.GetValue(config), cancellationToken);
            Write(results, parsed.GetValue(json));
            return results.Any(r => r is { Problem: not null, IsWarning: false }) ? ExitCode.Failure : ExitCode.Success;
        });
        return command;
    }

    private static async Task<IReadOnlyList<CheckResult>> CheckAsync(string role, string? file, CancellationToken cancellationToken)
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

        return [new CheckResult("configuration " + configuration.Source), .. await RoleChecks.RunAsync(role, configuration, TimeProvider.System, cancellationToken)];
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

        // What is wrong and what to do stand below: beside each other they would leave either one too little room.
        var table = new Table { Border = TableBorder.None, ShowHeaders = false };
        table.AddColumns("", "");
        foreach (CheckResult result in results)
        {
            (string verdict, Color colour) = result.Problem is null ? ("ok", Color.Green) : result.IsWarning ? ("warning", Color.Yellow) : ("FAILED", Color.Red);
            string remedy = result.Remedy is null ? "" : $"\n  → {result.Remedy}";
            string found = result.Problem is null ? "" : $"\n  {result.Problem}{remedy}";
            table.AddRow(new Text(verdict, new Style(colour)), new Text(result.Subject + found));
        }

        Terminal.Output.Write(table);
    }
}
