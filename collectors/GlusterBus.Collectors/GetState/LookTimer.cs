using System.Threading.Channels;

namespace GlusterBus.Collectors.GetState;

/// <summary>Waits for the next look as <see cref="LookSchedule"/> has it. Requests may come from any thread; one loop waits.</summary>
internal sealed class LookTimer(TimeSpan interval, TimeProvider clock)
{
    private readonly long _origin = clock.GetTimestamp();
    private readonly LookSchedule _schedule = new(interval);
    private readonly Channel<bool> _asked = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Time since the making of this object, on a clock that is never set.</summary>
    public TimeSpan Now => clock.GetElapsedTime(_origin);

    /// <summary>Asks for a look that begins at <paramref name="at"/> or later.</summary>
    public void Request(TimeSpan at)
    {
        _schedule.Request(at);
        _asked.Writer.TryWrite(true);
    }

    /// <summary>A look begins.</summary>
    public TimeSpan Begin()
    {
        TimeSpan now = Now;
        _schedule.Began(now);
        return now;
    }

    /// <summary>A look ended.</summary>
    public void End() => _schedule.Ended(Now);

    /// <summary>Returns when the next look is due.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Emptied before the schedule is read: a request that comes later wakes the wait.
            _asked.Reader.TryRead(out _);
            TimeSpan pause = _schedule.Next - Now;
            if (pause <= TimeSpan.Zero)
            {
                return;
            }

            using var timer = new CancellationTokenSource(pause, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
            try
            {
                await _asked.Reader.WaitToReadAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The time has come; the loop looks whether the timer fired a little early.
            }
        }
    }

    /// <summary>Returns at an instant.</summary>
    public async Task WaitUntilAsync(TimeSpan at, CancellationToken cancellationToken)
    {
        // Asked anew after each wait, since a timer may fire a little early.
        while (at > Now)
        {
            await Task.Delay(at - Now, clock, cancellationToken);
        }
    }
}
