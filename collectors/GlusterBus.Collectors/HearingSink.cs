using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;

namespace GlusterBus.Collectors;

/// <summary>Listens to what the sources of a node publish, and tells the node which entities they report well.</summary>
internal sealed class HearingSink(NodeContext node, IObservationSink sink) : IObservationSink
{
    public ValueTask PublishAsync(ObservationBatch batch, CancellationToken cancellationToken)
    {
        // Before it is published: a look may be under way. What a look itself shows is no second opinion of it.
        if (batch.Snapshot is null)
        {
            foreach (Observation observation in batch.Observations)
            {
                if (observation.State is { } state && EntityKinds.Of(observation.Entity)?.SeverityOf(state) <= Severity.Info)
                {
                    node.TellWell(observation.Entity);
                }
            }
        }

        return sink.PublishAsync(batch, cancellationToken);
    }
}
