using GlusterBus.Contracts.Pipeline;
using GlusterBus.Runtime.Plugins;

namespace GlusterBus.Runtime.Configuration;

/// <summary>A plugin with bound and validated options, not yet created.</summary>
/// <param name="Name">The name in the configuration; the plugin's own unless the section names a plugin.</param>
/// <param name="Options">An instance of the plugin's options type.</param>
/// <param name="Filter">Which transitions a notifier wants; does not restrict for a collector.</param>
/// <param name="Path">Where it is configured, for messages.</param>
public sealed record ConfiguredPlugin(string Name, PluginEntry Plugin, object Options, TransitionFilter Filter, string Path);
