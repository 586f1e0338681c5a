using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;

namespace GlusterBus.Collectors;

/// <summary>Publishes whether one collector works. Calls must not overlap.</summary>
internal sealed class CollectorHealth(NodeContext node, string collector, IObservationSink sink, TimeProvider clock)
{
    private const string Source = "runner";

    private long _sequence;

    public Task OnlineAsync(CancellationToken cancellationToken) => PublishAsync("online", null, cancellationToken);

    /// <param name="error">Free of secrets.</param>
    public Task BlindAsync(string error, CancellationToken cancellationToken) => PublishAsync("blind", error, cancellationToken);

    private async Task PublishAsync(string state, string? error, CancellationToken cancellationToken)
    {
        DateTimeOffset at = clock.GetUtcNow();

        // As every source: the rebuild comes first.
        await node.WhenKnown.WaitAsync(cancellationToken);
        await sink.PublishAsync(
            new ObservationBatch
            {
                Stream = $"{node.Name}/{Source}/{collector}",
                Epoch = node.Epoch,
                Observations =
                [
                    new Observation
                    {
                        Entity = EntityId.Of("collector", node.Name, collector),
                        State = state,
                        Attributes = new Dictionary<string, string?> { ["error"] = error },
                        Source = Source,
                        Node = node.Name,
                        ObservedAt = at,
                        Sequence = ++_sequence,
                        Evidence = new Evidence("cli", error ?? "the collector runs", $"glusterbus collector {collector}", node.Name, at),
                    },
                ],
            },
            cancellationToken);
    }
}
