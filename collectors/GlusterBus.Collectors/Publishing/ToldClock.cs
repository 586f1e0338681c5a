namespace GlusterBus.Collectors.Publishing;

/// <summary>What a router told of this node's clock, and whether it still holds (docs/adr/0010).</summary>
/// <remarks>A router tells on one thread, and others ask.</remarks>
internal sealed class ToldClock
{
    /// <summary>How far the clock may move against the counter that nobody can set and count as not set: reading both takes time.</summary>
    private static readonly TimeSpan Steady = TimeSpan.FromMilliseconds(10);

    /// <summary>A difference that is no more than this is the mood of the network.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(5);

    /// <summary>How long it is believed without being told again: two clocks that nobody corrects may drift apart by 100 ms in that time.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromHours(1);

    /// <summary>How old what is on disk may grow.</summary>
    private static readonly TimeSpan KeptAge = TimeSpan.FromMinutes(10);

    private readonly TimeProvider _clock;
    private readonly string _boot;
    private volatile ClockReading? _reading;
    private ClockReading? _kept;

    /// <param name="kept">What an earlier process left.</param>
    public ToldClock(TimeProvider clock, ClockReading? kept)
    {
        _clock = clock;
        _boot = ThisBoot();

        // The counter begins anew with the machine.
        _reading = _kept = kept?.Boot == _boot && _boot.Length > 0 ? kept : null;
    }

    /// <summary>How far the clock is behind the state table's; null when nobody has told for an hour, and when the clock was set since: by hand, by a time
    /// server, or by a sleep of the machine.</summary>
    public TimeSpan? Behind => _reading is { } reading && Holds(reading) ? TimeSpan.FromMilliseconds(reading.BehindMs) : null;

    /// <summary>What was told last.</summary>
    public ClockReading? Reading => _reading;

    /// <summary>Takes what a router tells.</summary>
    /// <returns>True when it is worth keeping on disk.</returns>
    public bool Hear(TimeSpan behind)
    {
        var reading = new ClockReading(behind.TotalMilliseconds, Standing().Ticks, Counter().Ticks, _boot);
        _reading = reading;
        if (_kept is { } kept && Holds(kept) && reading.At - kept.At <= KeptAge.Ticks && Math.Abs(kept.BehindMs - reading.BehindMs) <= Tolerance.TotalMilliseconds)
        {
            return false;
        }

        _kept = reading;
        return true;
    }

    private bool Holds(ClockReading reading) => Math.Abs(Standing().Ticks - reading.Standing) <= Steady.Ticks && Counter().Ticks - reading.At <= Age.Ticks;

    /// <summary>How the clock stands to the counter: the same for as long as the clock is not set.</summary>
    private TimeSpan Standing() => _clock.GetUtcNow() - DateTimeOffset.UnixEpoch - Counter();

    /// <summary>The time since the machine was started.</summary>
    private TimeSpan Counter() => _clock.GetElapsedTime(0);

    /// <summary>Names the time since the machine was started; empty where the kernel tells none.</summary>
    private static string ThisBoot()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

/// <summary>What a router told, and how the clock stood then.</summary>
/// <param name="BehindMs">How far the clock was behind the state table's, in milliseconds.</param>
/// <param name="Standing">The difference between the clock and the counter since the start of the machine, in units of 100 ns.</param>
/// <param name="At">That counter, in the same units.</param>
/// <param name="Boot">Names the start of the machine (<c>/proc/sys/kernel/random/boot_id</c>).</param>
internal sealed record ClockReading(double BehindMs, long Standing, long At, string Boot);
