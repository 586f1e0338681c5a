namespace GlusterBus.Notifiers.Deliveries;

/// <summary>A time of trouble as a whole.</summary>
/// <param name="Duration">From the first failure to the end.</param>
/// <param name="Attempts">How many attempts failed in it.</param>
internal readonly record struct StreakEnd(TimeSpan Duration, long Attempts);

/// <summary>Tells the beginning and the end of a time of trouble over all lanes: it lasts as long as any lane is failing. Thread-safe.</summary>
internal sealed class FailureStreak(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private int _failingLanes;
    private long _attempts;
    private long _began;

    /// <summary>Notes a failed attempt. True when the streak begins with it.</summary>
    /// <param name="isLaneNew">True for the lane's first failure in a row.</param>
    public bool Failed(bool isLaneNew)
    {
        lock (_gate)
        {
            _attempts++;
            _failingLanes += isLaneNew ? 1 : 0;
            if (!isLaneNew || _failingLanes > 1)
            {
                return false;
            }

            _began = clock.GetTimestamp();
            _attempts = 1;
            return true;
        }
    }

    /// <summary>Notes that a failing lane is well again. Not null when that ends the streak.</summary>
    public StreakEnd? Recovered()
    {
        lock (_gate)
        {
            return --_failingLanes == 0 ? new StreakEnd(clock.GetElapsedTime(_began), _attempts) : null;
        }
    }
}
