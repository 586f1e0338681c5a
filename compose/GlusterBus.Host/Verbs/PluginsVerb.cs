using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using GlusterBus.Host.Composition;
using GlusterBus.Host.Hosting;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Plugins;
using Spectre.Console;

namespace GlusterBus.Host.Verbs;

/// <summary><c>glusterbus plugins</c>: what can be configured.</summary>
internal sealed class PluginsVerb : IVerb
{
    private static readonly JsonSerializerOptions Indented = new(Spelling.Readable) { WriteIndented = true };

    public static Command Build()
    {
        var name = new Argument<string?>("name") { Description = "only this plugin, with its options", Arity = ArgumentArity.ZeroOrOne };
        name.CompletionSources.Add(_ => All(PluginFactory.Catalog).Select(p => new System.CommandLine.Completions.CompletionItem(p.Spec.Name)));
        var json = new Option<bool>("--json") { Description = "one JSON object a line" };
        var schema = new Option<bool>("--schema") { Description = "the JSON Schema of the configuration file" };
        var command = new VerbCommand("plugins", "List collectors and notifiers with their options, defaults and an example",
            "glusterbus plugins",
            "glusterbus plugins webhook",
            "glusterbus plugins --schema > configuration.v1.json")
        { name, json, schema };
        command.SetAction(parsed =>
        {
            PluginCatalog catalog = PluginFactory.Catalog;
            if (parsed.GetValue(schema))
            {
                Console.Out.WriteLine(SchemaText(catalog));
                return ExitCode.Success;
            }

            PluginEntry[] chosen = parsed.GetValue(name) is { } wanted
                ? [catalog.Find(wanted) ?? throw new UserException($"there is no plugin '{wanted}'; there are: {string.Join(", ", All(catalog).Select(p => p.Spec.Name))}", ExitCode.Usage)]
                : [.. All(catalog)];
            if (parsed.GetValue(json))
            {
                foreach (PluginEntry plugin in chosen)
                {
                    Console.Out.WriteLine(Json(plugin).ToJsonString(Spelling.Readable));
                }
            }
            else if (chosen is [var only] && parsed.GetValue(name) is not null)
            {
                Describe(only, Terminal.Output);
            }
            else
            {
                List(chosen, Terminal.Output);
            }

            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>The schema as it is published.</summary>
    internal static string SchemaText(PluginCatalog catalog) => ConfigurationSchema.Of(catalog).ToJsonString(Indented);

    private static IEnumerable<PluginEntry> All(PluginCatalog catalog) => catalog.Collectors.Concat(catalog.Notifiers);

    private static void List(PluginEntry[] plugins, IAnsiConsole console)
    {
        var table = new Table { Border = TableBorder.None };
        table.AddColumns("PLUGIN", "KIND", "RUNS", "WHAT IT DOES");
        foreach (PluginEntry plugin in plugins)
        {
            table.AddRow(new Text(plugin.Spec.Name), new Text(Kind(plugin)), new Text(plugin.Spec.OnByDefault ? "by default" : "if configured"), new Text(plugin.Spec.Summary));
        }

        console.Write(table);
    }

    private static void Describe(PluginEntry plugin, IAnsiConsole console)
    {
        console.WriteLine($"{plugin.Spec.Name} ({Kind(plugin)}): {plugin.Spec.Summary}");
        console.WriteLine();
        foreach (OptionDescription option in OptionDescription.Of(plugin.Spec.OptionsType, new XmlSummaries()))
        {
            string bounds = option.Bounds is null ? "" : $"; {option.Bounds}";
            console.Write(new Text(option.Name, new Style(decoration: Decoration.Bold)));
            console.WriteLine($"  {option.Type}, default {option.Default ?? "none"}{bounds}");
            if (option.Description is { } description)
            {
                console.Write(new Padder(new Text(description), new Padding(4, 0, 0, 0)));
            }
        }

        console.WriteLine();
        console.WriteLine("Example:");
        string part = plugin.IsCollector ? "collectors" : "notifiers";
        console.WriteLine(new JsonObject { [part] = new JsonObject { [plugin.Spec.Name] = JsonNode.Parse(plugin.Spec.Example) } }.ToJsonString(Indented));
    }

    private static JsonObject Json(PluginEntry plugin) => new()
    {
        ["name"] = plugin.Spec.Name,
        ["kind"] = Kind(plugin),
        ["summary"] = plugin.Spec.Summary,
        ["onByDefault"] = plugin.Spec.OnByDefault,
        ["options"] = new JsonArray([.. OptionDescription.Of(plugin.Spec.OptionsType, new XmlSummaries()).Select(o => new JsonObject
        {
            ["name"] = o.Name,
            ["type"] = o.Type,
            ["default"] = o.Default is null ? null : JsonNode.Parse(o.Default),
            ["bounds"] = o.Bounds,
            ["description"] = o.Description,
        })]),
        ["example"] = JsonNode.Parse(plugin.Spec.Example),
    };

    private static string Kind(PluginEntry plugin) => plugin.IsCollector ? "collector" : "notifier";
}
