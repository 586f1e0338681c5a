namespace GlusterBus.Notifiers.Deliveries;

/// <summary>When to try again and when to acknowledge: decisions over values, no clock and no randomness of their own.</summary>
public static class DeliveryPolicy
{
    /// <summary>The shortest wait before another attempt.</summary>
    public static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait before another attempt.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    /// <summary>The longest that a receiver's <c>Retry-After</c> is obeyed; a receiver in error must not silence itself for a day.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    /// <summary>The least time between two acknowledgements, unless <see cref="AcknowledgeBatch"/> deliveries have gathered.</summary>
    public static readonly TimeSpan AcknowledgeInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>So many deliveries are acknowledged without waiting for the interval.</summary>
    public const int AcknowledgeBatch = 500;

    /// <summary>How long in-flight attempts may go on after the order to stop, so that a plain stop repeats nothing.</summary>
    public static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    /// <summary>The wait after the <paramref name="failures"/>th failure in a row (from 1): doubles from 200 ms to 60 s, with a share of
    /// chance, so that many lanes don't strike a recovering receiver together.</summary>
    /// <param name="chance">From 0 to below 1.</param>
    public static TimeSpan Backoff(int failures, double chance)
    {
        double step = Math.Min(LongestWait.TotalMilliseconds, 2 * ShortestWait.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 20)));
        return TimeSpan.FromMilliseconds(step * (0.5 + (0.5 * chance)));
    }

    /// <summary>The receiver's wish within its bounds; zero when it has none.</summary>
    public static TimeSpan Pause(TimeSpan? retryAfter) =>
        retryAfter is not { } wish || wish <= TimeSpan.Zero ? TimeSpan.Zero : wish < LongestRetryAfter ? wish : LongestRetryAfter;

    /// <summary>How long the acknowledgement may wait for more; zero means now. The first delivery after a pause is acknowledged at once.</summary>
    /// <param name="pending">Deliveries done and not yet acknowledged.</param>
    /// <param name="sinceLast">Time since the last acknowledgement.</param>
    public static TimeSpan AcknowledgeIn(long pending, TimeSpan sinceLast) =>
        pending >= AcknowledgeBatch || sinceLast >= AcknowledgeInterval ? TimeSpan.Zero : AcknowledgeInterval - sinceLast;

    /// <summary>How many lanes a notifier has. One at a time means one lane, so that a notifier without concurrency keeps the order over all
    /// entities; else a few per slot, so that an entity that keeps failing holds up few others.</summary>
    public static int Lanes(int concurrency) => concurrency <= 1 ? 1 : concurrency * 4;
}
