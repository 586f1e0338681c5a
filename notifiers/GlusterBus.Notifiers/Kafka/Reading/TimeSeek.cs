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
        bool[] isUnknown = [.. partitions.Select((range, i) => range.Count > 0 && indexed[i] is null)];
        IReadOnlyList<long?> last = isUnknown.Contains(true) ? topic.TimesAt([.. partitions.Select((range, i) => isUnknown[i] ? range.Next - 1 : (long?)null)]) : indexed;
        bool[] isHalved = [.. partitions.Select((_, i) => isUnknown[i] && last[i] >= target)];
        long[] halved = isHalved.Contains(true) ? Halve(topic, [.. partitions.Select((range, i) => isHalved[i] ? range : default)], target - (long)Lateness.TotalMilliseconds) : [];
        return [.. partitions.Select((range, i) => isHalved[i] ? halved[i] : range.Count > 0 && indexed[i] is { } offset ? Math.Clamp(offset, range.First, range.Next) : range.Next)];
    }

    /// <summary>All partitions in step, so that it takes as many questions as the longest needs.</summary>
    private static long[] Halve(ITimedTopic topic, OffsetRange[] ranges, long target)
    {
        while (Array.Exists(ranges, range => range.Count > 0))
        {
            IReadOnlyList<long?> times = topic.TimesAt([.. ranges.Select(range => range.Count > 0 ? Middle(range) : (long?)null)]);
            for (int i = 0; i < ranges.Length; i++)
            {
                if (ranges[i].Count > 0)
                {
                    ranges[i] = times[i] is { } time && time < target ? ranges[i] with { First = Middle(ranges[i]) + 1 } : ranges[i] with { Next = Middle(ranges[i]) };
                }
            }
        }

        return [.. ranges.Select(range => range.First)];
    }

    private static long Middle(OffsetRange range) => range.First + (range.Count / 2);
}
