using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;

namespace GlusterBus.TestKit;

/// <summary>A journal of transitions and, per notifier, its cursor and its error queue: what survives a crash.</summary>
/// <remarks>Opening a notifier's queue again is the restart after a crash: the queue opened before is dead, and whatever still holds it
/// changes nothing any more.</remarks>
public sealed class InMemoryDeliveryQueues : IDeliveryQueues
{
    private readonly Lock _gate = new();
    private readonly List<ArchivedTransition> _journal = [];
    private readonly Dictionary<string, InMemoryDeliveryQueue> _open = [];
    private readonly Dictionary<string, long> _cursors = [];
    private readonly List<(string Notifier, ArchivedTransition Transition, string Reason)> _rejected = [];
    private TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The error queues of all notifiers, in order of arrival.</summary>
    public IReadOnlyList<(string Notifier, ArchivedTransition Transition, string Reason)> Rejected
    {
        get
        {
            lock (_gate)
            {
                return [.. _rejected];
            }
        }
    }

    /// <summary>Records transitions; positions are 10, 20, 30 …, since gaps are allowed.</summary>
    public void Append(params IEnumerable<Transition> transitions)
    {
        lock (_gate)
        {
            foreach (Transition transition in transitions)
            {
                Record(TransitionJson.Write(transition));
            }

            Announce();
        }
    }

    /// <summary>Records bytes as they are.</summary>
    public void AppendJson(byte[] json)
    {
        lock (_gate)
        {
            Record(json);
            Announce();
        }
    }

    /// <summary>The last position acknowledged by a notifier; 0 when none.</summary>
    public long Cursor(string notifier)
    {
        lock (_gate)
        {
            return _cursors.GetValueOrDefault(notifier);
        }
    }

    /// <summary>The newest position.</summary>
    public long Head
    {
        get
        {
            lock (_gate)
            {
                return _journal.Count * 10;
            }
        }
    }

    /// <summary>Waits until a notifier has acknowledged everything recorded so far.</summary>
    public async Task WhenEmptyAsync(string notifier, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_cursors.GetValueOrDefault(notifier) == _journal.Count * 10)
                {
                    return;
                }

                changed = _appended.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    public ValueTask<IDeliveryQueue> OpenAsync(string notifier, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Crash(notifier);
            var queue = new InMemoryDeliveryQueue(this, notifier, _cursors.GetValueOrDefault(notifier));
            _open[notifier] = queue;
            return ValueTask.FromResult<IDeliveryQueue>(queue);
        }
    }

    /// <summary>Cuts the open queue of a notifier off, as <c>kill -9</c> would: from now on it neither gives nor changes anything.</summary>
    public void Crash(string notifier)
    {
        lock (_gate)
        {
            if (_open.Remove(notifier, out InMemoryDeliveryQueue? queue))
            {
                queue.IsDead = true;
                Announce();
            }
        }
    }

    internal async ValueTask<IReadOnlyList<ArchivedTransition>> ReceiveAsync(InMemoryDeliveryQueue queue, int maximum, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                ThrowIfDead(queue);
                ArchivedTransition[] some = [.. _journal.Skip((int)(queue.HandedOut / 10)).Take(maximum)];
                if (some.Length > 0)
                {
                    queue.HandedOut = some[^1].Position;
                    return some;
                }

                changed = _appended.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    internal void Acknowledge(InMemoryDeliveryQueue queue, long position)
    {
        lock (_gate)
        {
            ThrowIfDead(queue);
            if (position > queue.HandedOut || position < _cursors.GetValueOrDefault(queue.Notifier))
            {
                throw new InvalidOperationException($"position {position} can't be acknowledged: {_cursors.GetValueOrDefault(queue.Notifier)} is, {queue.HandedOut} was handed out");
            }

            _cursors[queue.Notifier] = position;
            queue.Acknowledgements++;
            Announce();
        }
    }

    internal void Reject(InMemoryDeliveryQueue queue, ArchivedTransition transition, string reason)
    {
        lock (_gate)
        {
            ThrowIfDead(queue);
            _rejected.Add((queue.Notifier, transition, reason));
        }
    }

    private static void ThrowIfDead(InMemoryDeliveryQueue queue)
    {
        if (queue.IsDead)
        {
            throw new IOException("the queue's process has crashed");
        }
    }

    private void Record(byte[] json) => _journal.Add(new ArchivedTransition((_journal.Count + 1) * 10, json));

    private void Announce()
    {
        _appended.TrySetResult();
        _appended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>The queue of one notifier over an <see cref="InMemoryDeliveryQueues"/>.</summary>
public sealed class InMemoryDeliveryQueue : IDeliveryQueue
{
    private readonly InMemoryDeliveryQueues _owner;

    internal InMemoryDeliveryQueue(InMemoryDeliveryQueues owner, string notifier, long cursor)
    {
        _owner = owner;
        Notifier = notifier;
        HandedOut = cursor;
    }

    public string Notifier { get; }

    /// <summary>How often progress was written.</summary>
    public int Acknowledgements { get; internal set; }

    public long Backlog => (_owner.Head - _owner.Cursor(Notifier)) / 10;

    internal bool IsDead { get; set; }

    internal long HandedOut { get; set; }

    public ValueTask<IReadOnlyList<ArchivedTransition>> ReceiveAsync(int maximum, CancellationToken cancellationToken) =>
        _owner.ReceiveAsync(this, maximum, cancellationToken);

    public ValueTask AcknowledgeAsync(long position, CancellationToken cancellationToken)
    {
        _owner.Acknowledge(this, position);
        return ValueTask.CompletedTask;
    }

    public ValueTask RejectAsync(ArchivedTransition transition, string reason, CancellationToken cancellationToken)
    {
        _owner.Reject(this, transition, reason);
        return ValueTask.CompletedTask;
    }
}
