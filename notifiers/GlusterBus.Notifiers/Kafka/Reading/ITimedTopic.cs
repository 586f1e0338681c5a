namespace GlusterBus.Notifiers.Kafka.Reading;

/// <summary>What can be asked of a topic about time.</summary>
internal interface ITimedTopic
{
    /// <summary>For each partition the first offset whose record is of that time or later, by the brokers' time index; null where they know of none.</summary>
    IReadOnlyList<long?> OffsetsAt(long milliseconds);

    /// <summary>The timestamp of the record at an offset, or of the first one after it; null when there is none.</summary>
    long? TimeAt(int partition, long offset);
}

/// <summary>The offsets of a partition: from the first that is still there up to the one that will come next.</summary>
internal readonly record struct OffsetRange(long First, long Next)
{
    public long Count => Math.Max(0, Next - First);
}
