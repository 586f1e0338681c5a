namespace GlusterBus.Notifiers.Kafka.Reading;

/// <summary>Finds where a time begins in each partition.</summary>
/// <remarks>By the brokers' time index; where a broker has none, by halving: some that speak Kafka's protocol answer every such question with "nothing that late".
/// Records lie nearly in the order of their times, but not quite: <see cref="Lateness"/> says how far off one may be.</remarks>
internal static class TimeSeek
{
    /// <summary>The longest that a transition may be archived behind others that happened later, and still be found by halving, or before an end.</summary>
    public static readonly TimeSpan Lateness = TimeSpan.FromDays(1);

    /// <summary>For each partition an offset before which nothing is of that time or later.</summary>
    /// <param name="topic">Who knows.</param>
    /// <param name="partitions">Where to look in each.</param>
    /// <param name="time">The instant.</param>
    public static long[] Find(ITimedTopic topic, IReadOnlyList<OffsetRange> partitions, DateTimeOffset time)
    {
        long target = time.ToUnixTimeMilliseconds();
        IReadOnlyList<long?> indexed = topic.OffsetsAt(target);
        return [.. partitions.Select((range, i) =>
            range.Count == 0 ? range.Next
            : indexed[i] is { } offset ? Math.Clamp(offset, range.First, range.Next)
            : topic.TimeAt(i, range.Next - 1) is { } last && last >= target ? Halve(topic, i, range, target - (long)Lateness.TotalMilliseconds)
            : range.Next)];
    }

    private static long Halve(ITimedTopic topic, int partition, OffsetRange range, long target)
    {
        (long low, long high) = (range.First, range.Next);
        while (low < high)
        {
            long middle = low + ((high - low) / 2);
            if (topic.TimeAt(partition, middle) is { } time && time < target)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
