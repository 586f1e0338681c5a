using GlusterBus.Contracts.Pipeline;
using GlusterBus.Runtime.Telemetry;

namespace GlusterBus.Host.Api;

/// <summary>What the API shows of a running instance. What a role does not have is null, and the API says which role has it.</summary>
/// <param name="Role">The verb that started it.</param>
/// <param name="State">The state table as it is.</param>
/// <param name="Archive">The record.</param>
/// <param name="Metrics">The meter's exporter.</param>
/// <param name="EmitAsync">Injects observations and tells what became of them.</param>
/// <param name="Unreadiness">Why the instance is not ready; null when it is.</param>
public sealed record InstanceFaces(
    string Role,
    IStateReader? State,
    ITransitionArchive? Archive,
    PrometheusExporter Metrics,
    Func<EmitRequest, CancellationToken, Task<IReadOnlyList<EmitResult>>>? EmitAsync,
    Func<string?> Unreadiness)
{
    /// <summary>State and record of another cluster than the configured one; null where there is only that one.</summary>
    public Func<string, (IStateReader State, ITransitionArchive Archive)>? Others { get; init; }

    /// <summary>The past of a cluster where an archive of its own keeps it; null where <see cref="Archive"/> does.</summary>
    public Func<string, ITransitionHistory>? History { get; init; }

    /// <summary>The cluster that is configured; empty where the role knows none.</summary>
    public string Cluster { get; init; } = "";
}
