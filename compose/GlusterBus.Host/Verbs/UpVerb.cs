using System.CommandLine;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Host.Composition;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Host.Verbs;

/// <summary><c>glusterbus up</c>: everything on this node.</summary>
internal sealed class UpVerb : IVerb
{
    public static Command Build() => RoleRun.Verb(
        "up",
        "Run collectors, router and notifiers on this node until stopped",
        [
            "glusterbus up",
            "glusterbus up --config ./glusterbus.json",
            "GLUSTERBUS__DATADIRECTORY=/tmp/gb GLUSTERBUS__API__SOCKET=/tmp/gb/api.sock glusterbus up",
        ],
        async (configuration, clock, loggers, stop) => await Instance.StartAsync(configuration, clock, loggers, stop),
        WithConsole);

    /// <summary>Shows transitions where somebody looks, a terminal or the journal, unless the configuration says something of the console itself.</summary>
    private static LoadedConfiguration WithConsole(LoadedConfiguration configuration)
    {
        const string console = "console";
        bool isSeen = !Console.IsOutputRedirected || Environment.GetEnvironmentVariable("JOURNAL_STREAM") is not null;
        bool isMentioned = configuration.Options.Notifiers.Any(n => n.Key == console || (string?)n.Value["plugin"] == console);
        return isSeen && !isMentioned && PluginFactory.Catalog.Find(console) is { } plugin
            ? configuration with
            {
                Notifiers = [.. configuration.Notifiers, new ConfiguredPlugin(console, plugin, Activator.CreateInstance(plugin.Spec.OptionsType)!, TransitionFilter.All, "notifiers." + console)],
            }
            : configuration;
    }
}
