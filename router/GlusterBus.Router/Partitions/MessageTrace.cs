using GlusterBus.Contracts.Messages;

namespace GlusterBus.Router.Partitions;

/// <summary>Brings the trace context of a message together with those of its batches.</summary>
internal static class MessageTrace
{
    /// <summary>The header names the span of the publishing, which is one further than what the batches of the same trace name. Where no batch names a trace,
    /// somebody published who knows headers alone, and all of them belong to it.</summary>
    /// <param name="message">What arrived.</param>
    /// <param name="header">The checked trace context of its header; null when it has none.</param>
    public static ObservationMessage Continue(ObservationMessage message, string? header) =>
        header is null || message.Batches.Count == 0 ? message : message with { Batches = Continued(message.Batches, header) };

    // Apart, so that the usual case, without a header, does not pay for what the lambda captures.
    private static ObservationBatch[] Continued(IReadOnlyList<ObservationBatch> batches, string header)
    {
        bool isAllThereIs = batches.All(batch => batch.TraceParent is null);
        return
        [
            .. batches.Select(batch => isAllThereIs || (batch.TraceParent is { } own && TraceParents.AreOfOneTrace(own, header))
                ? batch with { TraceParent = header }
                : batch),
        ];
    }
}
