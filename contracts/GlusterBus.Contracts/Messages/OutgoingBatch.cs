namespace GlusterBus.Contracts.Messages;

/// <summary>A batch on its way into a message: as it was observed, or as it was written before.</summary>
public readonly struct OutgoingBatch
{
    private OutgoingBatch(ObservationBatch? batch, ReadOnlyMemory<byte> json) => (Batch, Json) = (batch, json);

    /// <summary>The batch; null when it was written before.</summary>
    public ObservationBatch? Batch { get; }

    /// <summary>The batch as it was written before; empty when it was not.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>One that is written together with its message.</summary>
    public static OutgoingBatch Of(ObservationBatch batch) => new(batch, default);

    /// <summary>One that was written before.</summary>
    /// <param name="json">The batch as it stood in a message of the same node.</param>
    public static OutgoingBatch Written(ReadOnlyMemory<byte> json) => new(null, json);
}
