using GlusterBus.Runtime.Concurrency;

namespace GlusterBus.Notifiers.Deliveries;

/// <summary>What waits for the next message of a notifier that gathers, in the order of the record. Thread-safe; one takes from it.</summary>
internal sealed class GatheringLine
{
    private readonly Lock _gate = new();
    private readonly Signal _changed = new();
    private readonly List<Pending> _waiting = [];

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    public void Add(Pending pending)
    {
        lock (_gate)
        {
            _waiting.Add(pending);
        }

        _changed.Set();
    }

    /// <summary>Ends the wait of who takes: something has come, or the room for it has changed.</summary>
    public void Wake() => _changed.Set();

    /// <summary>Waits for a change, but no longer than that; null waits as long as it takes.</summary>
    public async ValueTask WaitAsync(TimeSpan? atMost, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (atMost is { } bound)
        {
            await _changed.WaitAsync(bound, clock, cancellationToken);
        }
        else
        {
            await _changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The first ones, still in the line.</summary>
    public Pending[] First(int most)
    {
        lock (_gate)
        {
            return [.. _waiting.Take(most)];
        }
    }

    /// <summary>Drops the first ones.</summary>
    public void Drop(int count)
    {
        lock (_gate)
        {
            _waiting.RemoveRange(0, count);
        }
    }
}
