using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Host.Composition;

/// <summary>The notifier of the configuration that keeps everything, and so has the past of every cluster. One that is given only some transitions has holes and is
/// no archive.</summary>
internal sealed class ConfiguredArchive(string name, IArchivingNotifier notifier)
{
    public string Name => name;

    public ITransitionHistory HistoryOf(string cluster) => notifier.HistoryOf(cluster);

    /// <summary>The first that will do; null when there is none. It connects at the first question.</summary>
    public static ConfiguredArchive? Of(LoadedConfiguration configuration, PluginFactory plugins, PartStack parts)
    {
        ConfiguredPlugin? configured = configuration.Notifiers.FirstOrDefault(
            n => n.Plugin.Type.IsAssignableTo(typeof(IArchivingNotifier)) && (n.Filter with { Clusters = [] }).IsAll);
        return configured is null ? null : new ConfiguredArchive(configured.Name, (IArchivingNotifier)parts.Keep<INotifier>(plugins.Notifier(configured)));
    }

    /// <summary>What the banner says.</summary>
    public static string Text(ConfiguredArchive? archive) => archive is null ? "Redis" : $"notifier {archive.Name}";
}
