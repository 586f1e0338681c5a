namespace GlusterBus.Notifiers.Kafka.Reading;

/// <summary>What can be asked of a topic about time.</summary>
internal interface ITimedTopic
{
    /// <summary>For each partition the first offset whose record is of that time or later, by the brokers' time index; null where they know of none.</summary>
    IReadOnlyList<long?> OffsetsAt(long milliseconds);

    /// <summary>For each partition the timestamp of the record at an offset; null where there is none, or none was asked for. All at once: each question is a way
    /// to the brokers and back.</summary>
    /// <param name="offsets">One for each partition; null asks nothing there.</param>
    IReadOnlyList<long?> TimesAt(IReadOnlyList<long?> offsets);
}

/// <summary>The offsets of a partition: from the first that is still there up to the one that will come next.</summary>
internal readonly record struct OffsetRange(long First, long Next)
{
    public long Count => Math.Max(0, Next - First);
}
