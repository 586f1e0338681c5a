using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Host.Hosting;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Plugins;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Host.Composition;

/// <summary>Makes plugins: their options and node come from the caller, clock and loggers from here.</summary>
public sealed class PluginFactory(TimeProvider clock, ILoggerFactory loggers)
{
    private readonly ServiceProvider _services = new ServiceCollection()
        .AddSingleton(clock)
        .AddSingleton(loggers)
        .Replace(ServiceDescriptor.Singleton(typeof(ILogger<>), typeof(Logger<>)))
        .BuildServiceProvider();

    /// <summary>All plugins that ship with the program.</summary>
    public static PluginCatalog Catalog { get; } = Edition.CollectsOnly
        ? new(typeof(NodeContext).Assembly)
        : new(typeof(NodeContext).Assembly, typeof(Notifiers.Deliveries.NotifierRunner).Assembly);

    public ICollector Collector(ConfiguredPlugin plugin, NodeContext node) => (ICollector)plugin.Plugin.Create(_services, plugin.Options, node);

    public INotifier Notifier(ConfiguredPlugin plugin) => (INotifier)plugin.Plugin.Create(_services, plugin.Options);
}
