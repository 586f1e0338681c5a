using System.Diagnostics;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Telemetry;

namespace GlusterBus.Collectors;

/// <summary>Begins a trace for what a collector publishes, where somebody traces: its first span lasts until the batch is safe.</summary>
/// <remarks>Here alone traces begin, so here alone is decided which ones are sampled.</remarks>
public sealed class TracedSink(IObservationSink sink) : IObservationSink
{
    public ValueTask PublishAsync(ObservationBatch batch, CancellationToken cancellationToken) =>
        Telemetry.Activities.HasListeners() ? TraceAsync(batch, cancellationToken) : sink.PublishAsync(batch, cancellationToken);

    private async ValueTask TraceAsync(ObservationBatch batch, CancellationToken cancellationToken)
    {
        using Activity? activity = Telemetry.Activities.StartActivity("collect");
        if (activity is not { IsAllDataRequested: true })
        {
            await sink.PublishAsync(batch, cancellationToken);
            return;
        }

        activity.SetTag("glusterbus.stream", batch.Stream).SetTag("glusterbus.observations", batch.Observations.Count);
        if (batch.Observations is [var first, ..])
        {
            activity.SetTag("glusterbus.node", first.Node).SetTag("glusterbus.source", first.Source).SetTag("glusterbus.entity", first.Entity.Value)
                .SetTag("glusterbus.evidence.where", first.Evidence?.Where);
        }

        try
        {
            await sink.PublishAsync(batch with { TraceParent = activity.Id }, cancellationToken);
        }
        catch (Exception e) when (e is not (OperationCanceledException or SnapshotSupersededException))
        {
            activity.SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
    }
}
