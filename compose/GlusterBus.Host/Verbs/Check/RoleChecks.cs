using GlusterBus.Collectors.Node;
using GlusterBus.Collectors.Publishing;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Host.Composition;
using GlusterBus.Host.Hosting;
using GlusterBus.Notifiers.Broker;
using GlusterBus.Router.Partitions;
using GlusterBus.Router.State.Redis;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Host.Verbs.Check;

/// <summary>What each role needs beside the machine itself: its plugins, the broker, Redis.</summary>
internal static class RoleChecks
{
    /// <summary>The embedded deployment, which needs neither broker nor Redis.</summary>
    public const string Up = "up";

    /// <summary>Every role that can be checked.</summary>
    public static IReadOnlyList<string> Roles => Edition.CollectsOnly ? [CollectorInstance.Role] : [Up, CollectorInstance.Role, RouterInstance.Role, NotifierInstance.Role];

    /// <summary>Tests everything that the role needs; throws for nothing but cancellation.</summary>
    public static async Task<IReadOnlyList<CheckResult>> RunAsync(string role, LoadedConfiguration configuration, TimeProvider clock, CancellationToken cancellationToken)
    {
        GlusterBusOptions options = role == Up ? configuration.Options : RolePaths.For(role, configuration.Options);
        List<CheckResult> results = [.. HostChecks.Run(options)];
        if (Edition.CollectsOnly || role == CollectorInstance.Role)
        {
            results.Add(HostChecks.Spool(options));
            results.AddRange(await CollectorsAsync(configuration, options, isAlone: false, clock, cancellationToken));
            results.AddRange(await CollectorBrokerCheck.RunAsync(options.RabbitMq, clock, cancellationToken));
            return results;
        }

        switch (role)
        {
            case RouterInstance.Role:
                results.AddRange(await RouterBrokerCheck.RunAsync(options.RabbitMq, clock, cancellationToken));
                results.AddRange(await RedisCheck.RunAsync(options.Redis, RedisRole.Router, options.Cluster, clock, cancellationToken));
                break;

            case NotifierInstance.Role:
                results.AddRange(Some(configuration));
                results.AddRange(await NotifierBrokerCheck.RunAsync(options.RabbitMq, [.. configuration.Notifiers.Select(n => n.Name)], clock, cancellationToken));
                results.AddRange(await PluginChecks.NotifiersAsync(configuration, clock, cancellationToken));

                // Only state, history and replay of this instance read from it: without Redis, notifiers work all the same.
                results.AddRange((await RedisCheck.RunAsync(options.Redis, RedisRole.Reader, options.Cluster, clock, cancellationToken)).Select(r => r.Problem is null ? r : r with { IsWarning = true }));
                break;

            default:
                results.AddRange(await CollectorsAsync(configuration, options, isAlone: true, clock, cancellationToken));
                results.AddRange(await PluginChecks.NotifiersAsync(configuration, clock, cancellationToken));
                break;
        }

        return results;
    }

    private static async Task<IReadOnlyList<CheckResult>> CollectorsAsync(
        LoadedConfiguration configuration, GlusterBusOptions options, bool isAlone, TimeProvider clock, CancellationToken cancellationToken)
    {
        NodeContext node = await Instance.NodeAsync(options, clock, isAlone, cancellationToken);
        return [new CheckResult($"node name {node.Name}"), .. await PluginChecks.CollectorsAsync(configuration, node, clock, cancellationToken)];
    }

    private static IEnumerable<CheckResult> Some(LoadedConfiguration configuration) => configuration.Notifiers.Count > 0
        ? []
        : [new CheckResult("notifiers", $"{configuration.Source} configures none", "add a section below \"notifiers\"; `glusterbus plugins` shows which there are")];
}
