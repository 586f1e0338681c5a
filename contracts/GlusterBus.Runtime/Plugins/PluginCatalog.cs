using System.Reflection;
using GlusterBus.Contracts.Plugins;
using Microsoft.Extensions.DependencyInjection;

namespace GlusterBus.Runtime.Plugins;

/// <summary>A plugin that exists, whether configured or not.</summary>
public sealed record PluginEntry(PluginSpec Spec, Type Type)
{
    public bool IsCollector => typeof(ICollector).IsAssignableFrom(Type);

    public bool IsNotifier => typeof(INotifier).IsAssignableFrom(Type);

    /// <summary>Makes an instance; constructor parameters come from <paramref name="arguments"/> (the options first) and then from <paramref name="services"/>.</summary>
    public object Create(IServiceProvider services, params object[] arguments) => ActivatorUtilities.CreateInstance(services, Type, arguments);
}

/// <summary>All plugins of the given assemblies, found by their interfaces: a new plugin is a new folder and nothing else.</summary>
/// <remarks>A plugin is a public class. To look at others would load the libraries that they derive from, which only a configured plugin shall.</remarks>
public sealed class PluginCatalog
{
    private readonly Dictionary<string, PluginEntry> _byName;

    public PluginCatalog(params Assembly[] assemblies)
    {
        _byName = assemblies
            .SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => type is { IsClass: true, IsAbstract: false } && typeof(IPlugin).IsAssignableFrom(type))
            .Select(type => new PluginEntry(SpecOf(type), type))
            .ToDictionary(entry => entry.Spec.Name, StringComparer.Ordinal);
    }

    public IEnumerable<PluginEntry> Collectors => _byName.Values.Where(p => p.IsCollector).OrderBy(p => p.Spec.Name, StringComparer.Ordinal);

    public IEnumerable<PluginEntry> Notifiers => _byName.Values.Where(p => p.IsNotifier).OrderBy(p => p.Spec.Name, StringComparer.Ordinal);

    public PluginEntry? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>By the property's name: the map of interfaces knows nothing of static members where the program was compiled ahead of time.</summary>
    private static PluginSpec SpecOf(Type type) =>
        (PluginSpec?)type.GetProperty(nameof(IPlugin.Spec), BindingFlags.Public | BindingFlags.Static)?.GetValue(null)
        ?? throw new InvalidOperationException($"{type} needs a public static property {nameof(IPlugin.Spec)}");
}
