using System.Collections;
using System.Text.Json.Nodes;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Runtime.Plugins;

namespace GlusterBus.Runtime.Configuration;

/// <summary>A configuration that holds: the common options, and every enabled plugin with its own.</summary>
public sealed record LoadedConfiguration(string Source, GlusterBusOptions Options, IReadOnlyList<ConfiguredPlugin> Collectors, IReadOnlyList<ConfiguredPlugin> Notifiers)
{
    /// <summary>Where the file is when nobody says otherwise.</summary>
    public const string DefaultPath = "/etc/glusterbus/glusterbus.json";

    private static readonly string[] CollectorKeys = ["enabled", "plugin"];
    private static readonly string[] NotifierKeys = ["enabled", "plugin", "clusters", "channels", "entities", "minimumSeverity"];

    /// <summary>Reads the file and the environment, and binds everything to the plugins there are.</summary>
    /// <param name="path">The file; null for the usual place, where it may be missing.</param>
    /// <param name="environment">The environment variables.</param>
    /// <param name="catalog">The plugins that exist.</param>
    /// <exception cref="ConfigurationException">Something is wrong; the message has a line for each problem.</exception>
    public static LoadedConfiguration Load(string? path, IDictionary environment, PluginCatalog catalog) =>
        From(ConfigurationDocument.Load(path ?? DefaultPath, path is not null, environment), catalog);

    /// <exception cref="ConfigurationException">Something is wrong; the message has a line for each problem.</exception>
    public static LoadedConfiguration From(ConfigurationDocument document, PluginCatalog catalog)
    {
        var binder = new StrictBinder(document);
        GlusterBusOptions? options = binder.Bind<GlusterBusOptions>(document.Root, "");
        List<ConfiguredPlugin> collectors = BindAll(binder, document, "collectors", [.. catalog.Collectors], CollectorKeys);

        // The program for Gluster nodes has no notifiers, and nodes may have the same file as everyone: what it says of notifiers is for others.
        PluginEntry[] known = [.. catalog.Notifiers];
        List<ConfiguredPlugin> notifiers = known.Length == 0 ? [] : BindAll(binder, document, "notifiers", known, NotifierKeys);
        binder.ThrowIfAny();
        return new LoadedConfiguration(document.Source, options!, collectors, notifiers);
    }

    private static List<ConfiguredPlugin> BindAll(
        StrictBinder binder, ConfigurationDocument document, string part, IReadOnlyList<PluginEntry> plugins, string[] commonKeys)
    {
        List<ConfiguredPlugin> bound = [];
        HashSet<string> mentioned = new(StringComparer.Ordinal);
        foreach ((string name, JsonNode? node) in document.Root[part] as JsonObject ?? [])
        {
            // What is no object was reported when the common options were bound.
            if (node is JsonObject section)
            {
                Bind(binder, $"{part}.{name}", name, section, plugins, commonKeys, mentioned, bound);
            }
        }

        bound.AddRange(plugins
            .Where(p => p.Spec.OnByDefault && !mentioned.Contains(p.Spec.Name))
            .Select(p => new ConfiguredPlugin(p.Spec.Name, p, Activator.CreateInstance(p.Spec.OptionsType)!, TransitionFilter.All, $"{part}.{p.Spec.Name}")));
        return bound;
    }

    private static void Bind(
        StrictBinder binder, string path, string name, JsonObject section, IReadOnlyList<PluginEntry> plugins, string[] commonKeys, HashSet<string> mentioned, List<ConfiguredPlugin> bound)
    {
        var own = (JsonObject)section.DeepClone();
        var common = new JsonObject();
        foreach (string written in own.Select(p => p.Key).ToArray())
        {
            if (commonKeys.FirstOrDefault(k => string.Equals(k, written, binder.CaseOf(path, written))) is { } key)
            {
                JsonNode? value = own[written];
                own.Remove(written);
                common[key] = value;
            }
        }

        if (binder.Bind<PluginSectionOptions>(common, path) is not { } settings)
        {
            return;
        }

        string wanted = settings.Plugin ?? name;
        if (plugins.FirstOrDefault(p => p.Spec.Name == wanted) is not { } plugin)
        {
            string kind = path[..(path.IndexOf('.', StringComparison.Ordinal) - 1)];
            string[] names = [.. plugins.Select(p => p.Spec.Name)];
            string where = settings.Plugin is null ? path : path + ".plugin";
            binder.Report(where, $"there is no {kind} '{wanted}'; {Spelling.Meant(wanted, names)}there are: {string.Join(", ", names)}"
                + (settings.Plugin is null ? "; a name of your own needs \"plugin\"" : ""));
            return;
        }

        mentioned.Add(plugin.Spec.Name);
        int before = binder.Problems.Count;
        object? options = binder.Bind(plugin.Spec.OptionsType, own, path, commonKeys);
        CheckChannels(binder, path, settings);
        if (options is not null && binder.Problems.Count == before && settings.Enabled)
        {
            var filter = new TransitionFilter { Clusters = settings.Clusters, Channels = settings.Channels, Entities = settings.Entities, MinimumSeverity = settings.MinimumSeverity };
            bound.Add(new ConfiguredPlugin(name, plugin, options, filter.IsAll ? TransitionFilter.All : filter, path));
        }
    }

    private static void CheckChannels(StrictBinder binder, string path, PluginSectionOptions settings)
    {
        for (int i = 0; i < settings.Channels.Count; i++)
        {
            string channel = settings.Channels[i];
            if (channel != "all" && EntityKinds.Named(channel) is null)
            {
                string[] known = ["all", .. EntityKinds.All.Select(k => k.Name).Order(StringComparer.Ordinal)];
                binder.Report($"{path}.channels[{i}]", $"there is no channel '{channel}'; {Spelling.Meant(channel, known)}there are: {string.Join(", ", known)}");
            }
        }
    }
}
