namespace GlusterBus.Notifiers.Kafka.Writing;

/// <summary>One record on its way to a topic.</summary>
/// <param name="Topic">Where it goes.</param>
/// <param name="Key">What it is about; records of one key keep their order.</param>
/// <param name="Value">The content; null erases what a compacted topic has under the key.</param>
/// <param name="Time">Its timestamp.</param>
/// <param name="ContentType">What the value is; null where there is none.</param>
/// <param name="TraceParent">The trace that goes on here; null when none.</param>
internal sealed record KafkaRecord(string Topic, byte[] Key, byte[]? Value, DateTimeOffset Time, string? ContentType, string? TraceParent = null);
