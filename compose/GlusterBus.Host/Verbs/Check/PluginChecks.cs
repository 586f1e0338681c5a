using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Host.Composition;
using GlusterBus.Runtime.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Host.Verbs.Check;

/// <summary>The connection tests of the configured plugins.</summary>
internal static class PluginChecks
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public static async Task<IReadOnlyList<CheckResult>> CollectorsAsync(LoadedConfiguration configuration, NodeContext node, TimeProvider clock, CancellationToken cancellationToken)
    {
        var plugins = new PluginFactory(clock, NullLoggerFactory.Instance);
        return await AllAsync(configuration.Collectors, plugin => plugins.Collector(plugin, node), clock, cancellationToken);
    }

    public static async Task<IReadOnlyList<CheckResult>> NotifiersAsync(LoadedConfiguration configuration, TimeProvider clock, CancellationToken cancellationToken)
    {
        var plugins = new PluginFactory(clock, NullLoggerFactory.Instance);
        return await AllAsync(configuration.Notifiers, plugins.Notifier, clock, cancellationToken);
    }

    private static async Task<IReadOnlyList<CheckResult>> AllAsync(
        IReadOnlyList<ConfiguredPlugin> configured, Func<ConfiguredPlugin, object> create, TimeProvider clock, CancellationToken cancellationToken)
    {
        List<CheckResult> results = [];
        foreach (ConfiguredPlugin plugin in configured)
        {
            results.AddRange(await TestAsync(plugin, create, clock, cancellationToken));
        }

        return results;
    }

    private static async Task<IReadOnlyList<CheckResult>> TestAsync(ConfiguredPlugin plugin, Func<ConfiguredPlugin, object> create, TimeProvider clock, CancellationToken cancellationToken)
    {
        object? instance = null;
        try
        {
            instance = create(plugin);
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
}
