using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GlusterBus.Contracts.Entities;
using GlusterBus.Runtime.Telemetry;

namespace GlusterBus.Router;

/// <summary>What the running routers of this process show on <c>/metrics</c> beside what they count. Labels are closed sets.</summary>
internal static class RouterGauges
{
    private static readonly ConcurrentDictionary<ObservationRouter, bool> Running = new();

    private static readonly ObservableGauge<long> Entities = Telemetry.Meter.CreateObservableGauge(
        "glusterbus_entities", () => (long)Running.Keys.Sum(router => router.Population().Entities), description: "Entities in the state table, those that have gone included");

    private static readonly ObservableGauge<long> Collectors = Telemetry.Meter.CreateObservableGauge(
        "glusterbus_collectors", OfCollectors, description: "Collectors that give signs of life, or gave some, by state");

    private static readonly ObservableGauge<long> Clocks = Telemetry.Meter.CreateObservableGauge(
        "glusterbus_node_clocks", () => (long)Running.Keys.Sum(router => router.Population().Clocks), description: "Nodes whose clocks are known, so that their reports can be put in order");

    /// <summary>Shows a router for as long as it runs.</summary>
    public static void Show(ObservationRouter router)
    {
        _ = (Entities, Collectors, Clocks);
        Running[router] = true;
    }

    public static void Hide(ObservationRouter router) => Running.TryRemove(router, out _);

    private static IEnumerable<Measurement<long>> OfCollectors()
    {
        IReadOnlyDictionary<string, int>[] counts = [.. Running.Keys.Select(router => router.Population().Collectors)];
        return EntityKinds.Named("collector")!.States.Keys.Select(state =>
            new Measurement<long>(counts.Sum(of => of.GetValueOrDefault(state)), new KeyValuePair<string, object?>("state", state)));
    }
}
