namespace GlusterBus.Notifiers.Deliveries;

/// <summary>What is in flight: deliveries end in any order, positions are acknowledged in order. Thread-safe.</summary>
internal sealed class DeliveryWindow(int capacity)
{
    private readonly Lock _gate = new();
    private readonly long[] _positions = new long[capacity];
    private readonly bool[] _done = new bool[capacity];
    private long _head;
    private long _tail;
    private long _through;

    /// <summary>How many more may be taken.</summary>
    public int Free
    {
        get
        {
            lock (_gate)
            {
                return capacity - (int)(_tail - _head);
            }
        }
    }

    /// <summary>How many are done with all before them, and the position of the last of these (0 when none).</summary>
    public (long Count, long Position) Done
    {
        get
        {
            lock (_gate)
            {
                return (_head, _through);
            }
        }
    }

    /// <summary>Takes a position, higher than all before, and returns its ticket. There must be room.</summary>
    public long Add(long position)
    {
        lock (_gate)
        {
            if (_tail - _head == capacity)
            {
                throw new InvalidOperationException("the window is full");
            }

            _positions[_tail % capacity] = position;
            _done[_tail % capacity] = false;
            return _tail++;
        }
    }

    /// <summary>Marks a ticket as done. Returns how many are done with all before them.</summary>
    public long Complete(long ticket)
    {
        lock (_gate)
        {
            _done[ticket % capacity] = true;
            while (_head < _tail && _done[_head % capacity])
            {
                _through = _positions[_head % capacity];
                _head++;
            }

            return _head;
        }
    }
}
