using System.Reflection;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Entities;
using GlusterBus.Host.Composition;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Router;
using GlusterBus.Runtime.Plugins;

namespace GlusterBus.Conformance;

/// <summary>The house's arrows: the tiers meet only in the contracts and in the host.</summary>
public sealed class ArrowsTests
{
    private static readonly Assembly Contracts = typeof(EntityId).Assembly;
    private static readonly Assembly Runtime = typeof(PluginCatalog).Assembly;
    private static readonly Assembly Collectors = typeof(NodeContext).Assembly;
    private static readonly Assembly Router = typeof(ObservationRouter).Assembly;
    private static readonly Assembly Notifiers = typeof(NotifierRunner).Assembly;
    private static readonly Assembly Host = typeof(EmbeddedPipeline).Assembly;

    [Fact]
    public void The_contracts_reference_nothing_but_the_framework() => Ours(Contracts).ShouldBeEmpty();

    [Fact]
    public void The_contracts_need_no_package() =>
        Contracts.GetReferencedAssemblies().Select(a => a.Name!).ShouldAllBe(name => name.StartsWith("System.", StringComparison.Ordinal));

    [Fact]
    public void The_runtime_references_the_contracts_only() => Ours(Runtime).ShouldBe([Contracts.GetName().Name!]);

    [Fact]
    public void No_tier_references_another()
    {
        string[] allowed = [Contracts.GetName().Name!, Runtime.GetName().Name!];
        foreach (Assembly tier in new[] { Collectors, Router, Notifiers })
        {
            Ours(tier).ShouldBeSubsetOf(allowed, tier.GetName().Name);
        }
    }

    [Fact]
    public void The_host_is_referenced_by_nobody_in_the_house()
    {
        foreach (Assembly assembly in new[] { Contracts, Runtime, Collectors, Router, Notifiers })
        {
            Ours(assembly).ShouldNotContain(Host.GetName().Name!);
        }
    }

    private static string[] Ours(Assembly assembly) =>
        [.. assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(name => name.StartsWith("GlusterBus.", StringComparison.Ordinal) || name == "glusterbus").Order(StringComparer.Ordinal)];
}
