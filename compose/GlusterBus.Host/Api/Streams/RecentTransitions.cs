using GlusterBus.Contracts.Pipeline;

namespace GlusterBus.Host.Api.Streams;

/// <summary>The newest transitions of the record, shared by all who follow it: everything announced between two positions, at most 4,096 transitions and 8 MiB.</summary>
/// <remarks>Who falls behind its beginning reads the record itself, so one that is slow costs the others neither memory nor time.</remarks>
internal sealed class RecentTransitions(long start)
{
    /// <summary>The most transitions kept.</summary>
    public const int MaximumCount = 4096;

    /// <summary>The most bytes kept.</summary>
    public const int MaximumBytes = 8 << 20;

    private readonly Lock _lock = new();
    private readonly Queue<ArchivedTransition> _kept = new();
    private ArchivedTransition[]? _flat = [];
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _start = start;
    private long _end = start;
    private long _bytes;

    /// <summary>The position up to which everything is here.</summary>
    public long End => Interlocked.Read(ref _end);

    /// <summary>Completes when <see cref="Append"/> is called next, and fails when there will be no next time.</summary>
    public Task Moved => Volatile.Read(ref _moved).Task;

    /// <summary>Adds what follows.</summary>
    /// <param name="transitions">Every transition announced since <see cref="End"/>.</param>
    /// <param name="end">Up to where that is all; grows with what is quiet too.</param>
    public void Append(IReadOnlyList<ArchivedTransition> transitions, long end)
    {
        TaskCompletionSource moved;
        lock (_lock)
        {
            foreach (ArchivedTransition transition in transitions)
            {
                _kept.Enqueue(transition);
                _bytes += transition.Json.Length;
            }

            while (_kept.Count > MaximumCount || _bytes > MaximumBytes)
            {
                ArchivedTransition oldest = _kept.Dequeue();
                (_start, _bytes) = (oldest.Position, _bytes - oldest.Json.Length);
            }

            _flat = null;
            Interlocked.Exchange(ref _end, end);
            moved = Interlocked.Exchange(ref _moved, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        moved.TrySetResult();
    }

    /// <summary>Tells all who wait that nothing will follow.</summary>
    public void Fail(Exception reason)
    {
        TaskCompletionSource moved = Volatile.Read(ref _moved);
        moved.TrySetException(reason);

        // Often nobody waits.
        _ = moved.Task.Exception;
    }

    /// <summary>What follows a position.</summary>
    /// <param name="after">The position.</param>
    /// <param name="end">Up to where that is all.</param>
    /// <param name="following">The transitions, in order.</param>
    /// <returns>False when the position is older than what is kept.</returns>
    public bool TryRead(long after, out long end, out ArraySegment<ArchivedTransition> following)
    {
        lock (_lock)
        {
            (end, following) = (_end, ArraySegment<ArchivedTransition>.Empty);
            if (after >= _end)
            {
                end = after;
                return true;
            }

            if (after < _start)
            {
                return false;
            }

            // One copy serves all readers until the next is appended.
            ArchivedTransition[] all = _flat ??= [.. _kept];
            int first = FirstAfter(all, after);
            following = new ArraySegment<ArchivedTransition>(all, first, all.Length - first);
            return true;
        }
    }

    private static int FirstAfter(ArchivedTransition[] all, long after)
    {
        int low = 0, high = all.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = all[middle].Position > after ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}
