using GlusterBus.Contracts.Messages;

namespace GlusterBus.Router.Partitions;

/// <summary>Brings the trace context of a message together with those of its batches.</summary>
internal static class MessageTrace
{
    /// <summary>The header names the span of the publishing, which is one further than what the batches of the same trace name. Where no batch names a trace,
    /// somebody published who knows headers alone, and all of them belong to it.</summary>
    /// <param name="message">What arrived.</param>
    /// <param name="header">The checked trace context of its header; null when it has none.</param>
    public static ObservationMessage Continue(ObservationMessage message, string? header)
    {
        if (header is null || message.Batches.Count == 0)
        {
            return message;
        }

        bool isAllThereIs = message.Batches.All(batch => batch.TraceParent is null);
        return message with
        {
            Batches =
            [
                .. message.Batches.Select(batch => isAllThereIs || (batch.TraceParent is { } own && TraceParents.AreOfOneTrace(own, header))
                    ? batch with { TraceParent = header }
                    : batch),
            ],
        };
    }
}
