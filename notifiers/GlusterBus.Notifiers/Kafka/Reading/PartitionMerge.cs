namespace GlusterBus.Notifiers.Kafka.Reading;

/// <summary>Puts what several partitions bring into one order by time, each partition's own order kept. Pure: it decides, and somebody else reads.</summary>
/// <typeparam name="T">What is ordered.</typeparam>
internal sealed class PartitionMerge<T>(int partitions)
{
    private readonly Queue<(long Time, T Item)>[] _waiting = [.. Enumerable.Range(0, partitions).Select(_ => new Queue<(long, T)>())];

    /// <summary>How far each partition is read; the end of time when there is no more in it.</summary>
    private readonly long[] _reached = [.. Enumerable.Repeat(long.MinValue, partitions)];

    public void Add(int partition, long time, T item)
    {
        _waiting[partition].Enqueue((time, item));
        Reach(partition, time);
    }

    /// <summary>Notes that a partition was read up to a time, though nothing there is wanted.</summary>
    public void Reach(int partition, long time) => _reached[partition] = Math.Max(_reached[partition], time);

    public void End(int partition) => _reached[partition] = long.MaxValue;

    /// <summary>How much of a partition waits for the others.</summary>
    public int Waiting(int partition) => _waiting[partition].Count;

    /// <summary>The next one; null when something earlier may still come.</summary>
    public bool TryTake(out T item)
    {
        int first = -1;
        for (int i = 0; i < _waiting.Length; i++)
        {
            if (_waiting[i].Count > 0 && (first < 0 || _waiting[i].Peek().Time < _waiting[first].Peek().Time))
            {
                first = i;
            }
        }

        item = default!;
        if (first < 0)
        {
            return false;
        }

        long time = _waiting[first].Peek().Time;
        for (int i = 0; i < _waiting.Length; i++)
        {
            if (_waiting[i].Count == 0 && _reached[i] < time)
            {
                return false;
            }
        }

        item = _waiting[first].Dequeue().Item;
        return true;
    }
}
