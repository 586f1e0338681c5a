namespace GlusterBus.Collectors.GlusterEvents.Receiving;

/// <summary>Gives every datagram a time of its own: two of one batch must not look simultaneous, because the router takes what is not newer for late.</summary>
internal sealed class ArrivalClock(TimeProvider clock)
{
    // The wire format of times has microseconds.
    private const long Step = TimeSpan.TicksPerMicrosecond;
    private long _last;

    public DateTimeOffset Next()
    {
        long now = clock.GetUtcNow().UtcTicks;
        while (true)
        {
            long last = Interlocked.Read(ref _last);
            long next = Math.Max(now - (now % Step), last + Step);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
            {
                return new DateTimeOffset(next, TimeSpan.Zero);
            }
        }
    }
}
