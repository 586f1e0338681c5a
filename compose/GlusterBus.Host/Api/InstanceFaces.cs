using GlusterBus.Contracts.Pipeline;
using GlusterBus.Runtime.Telemetry;

namespace GlusterBus.Host.Api;

/// <summary>What the API shows of a running instance.</summary>
/// <param name="State">The state table as it is.</param>
/// <param name="Archive">The record.</param>
/// <param name="Metrics">The meter's exporter.</param>
/// <param name="EmitAsync">Injects observations and tells what became of them.</param>
/// <param name="Unreadiness">Why the instance is not ready; null when it is.</param>
public sealed record InstanceFaces(
    IStateReader State,
    ITransitionArchive Archive,
    PrometheusExporter Metrics,
    Func<EmitRequest, CancellationToken, Task<IReadOnlyList<EmitResult>>> EmitAsync,
    Func<string?> Unreadiness);
