using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.Decisions;

namespace GlusterBus.Router.State.Memory;

/// <summary>State table, outbox, archive and queues that live as long as the process: for tests and throw-away demonstrations.</summary>
public sealed class MemoryStore : IClusterTable, ITransitionArchive, IDeliveryQueues
{
    private readonly Lock _gate = new();
    private readonly Signal _signal = new();
    private readonly Dictionary<EntityId, byte[]> _entries = [];
    private readonly Dictionary<string, AppliedSequence> _applied = new(StringComparer.Ordinal);
    private readonly List<(ArchivedTransition Transition, bool IsAnnounced)> _transitions = [];
    private readonly Dictionary<string, long> _cursors = new(StringComparer.Ordinal);
    private readonly List<(string Notifier, ArchivedTransition Transition, string Reason)> _rejected = [];
    private long _epoch;
    private long _published;

    public long Head => _signal.Head;

    /// <summary>Deliveries that were given up.</summary>
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

    public ValueTask<TableContents> OpenAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // Stored as bytes, as every other table does: what does not survive storage must not survive here.
            return ValueTask.FromResult(new TableContents(
                ++_epoch,
                [.. _entries.Values.Select(bytes => StateEntryJson.Read(bytes))],
                new Dictionary<string, AppliedSequence>(_applied, StringComparer.Ordinal))
            { Published = _published });
        }
    }

    public ValueTask CommitAsync(long epoch, Commit commit, CancellationToken cancellationToken)
    {
        long head;
        lock (_gate)
        {
            if (epoch != _epoch)
            {
                throw new FencedException(epoch, _epoch);
            }

            foreach (StateEntry entry in commit.Entries)
            {
                _entries[entry.Entity] = StateEntryJson.Write(entry);
            }

            foreach (RecordedTransition recorded in commit.Transitions)
            {
                _transitions.Add((new ArchivedTransition(_transitions.Count + 1, TransitionJson.Write(recorded.Transition)), recorded.IsAnnounced));
            }

            foreach ((string stream, AppliedSequence applied) in commit.Applied)
            {
                _applied[stream] = applied;
            }

            head = _transitions.Count;
        }

        if (commit.Transitions.Count > 0)
        {
            _signal.MoveTo(head);
        }

        return ValueTask.CompletedTask;
    }

    public IReadOnlyList<ArchivedTransition> Next(long epoch, long after, int maximum)
    {
        lock (_gate)
        {
            return epoch == _epoch
                ? [.. _transitions.Where(t => t.IsAnnounced && t.Transition.Position > after).Take(maximum).Select(t => t.Transition)]
                : throw new FencedException(epoch, _epoch);
        }
    }

    public int Unpublished
    {
        get
        {
            lock (_gate)
            {
                return _transitions.Count(t => t.IsAnnounced && t.Transition.Position > _published);
            }
        }
    }

    public ValueTask PublishedAsync(long epoch, long position, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _published = epoch == _epoch ? Math.Max(_published, position) : throw new FencedException(epoch, _epoch);
            return ValueTask.CompletedTask;
        }
    }

    public ValueTask<IReadOnlyList<ArchivedTransition>> QueryAsync(ArchiveQuery query, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            IEnumerable<ArchivedTransition> found = _transitions
                .Where(t => t.IsAnnounced && t.Transition.Position > query.After)
                .Select(t => t.Transition)
                .Where(t => (query.Since is not { } since || t.Transition.Time >= since)
                    && (query.Until is not { } until || t.Transition.Time < until)
                    && query.Filter.Matches(t.Transition));
            return ValueTask.FromResult<IReadOnlyList<ArchivedTransition>>(query.Newest ? [.. found.TakeLast(query.Limit)] : [.. found.Take(query.Limit)]);
        }
    }

    public ValueTask<IReadOnlyList<EntityState>> StateAtAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(PastState.Of(_transitions.Select(t => t.Transition.Transition).Where(t => t.RecordedAt <= at)));
        }
    }

    public ValueTask<long> HeadAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Head);

    public ValueTask WaitAsync(long position, CancellationToken cancellationToken) => _signal.WaitAsync(position, cancellationToken);

    public ValueTask<IDeliveryQueue> OpenAsync(string notifier, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IDeliveryQueue>(new Queue(this, notifier, _cursors.TryGetValue(notifier, out long cursor) ? cursor : _cursors[notifier] = _transitions.Count));
        }
    }

    private sealed class Queue(MemoryStore store, string notifier, long handedOut) : IDeliveryQueue
    {
        public long Backlog
        {
            get
            {
                lock (store._gate)
                {
                    return store._transitions.Skip((int)store._cursors[notifier]).Count(t => t.IsAnnounced);
                }
            }
        }

        public async ValueTask<IReadOnlyList<ArchivedTransition>> ReceiveAsync(int maximum, CancellationToken cancellationToken)
        {
            while (true)
            {
                await store._signal.WaitAsync(handedOut, cancellationToken);
                lock (store._gate)
                {
                    List<ArchivedTransition> next = [.. store._transitions.Skip((int)handedOut).Where(t => t.IsAnnounced).Select(t => t.Transition).Take(maximum)];
                    handedOut = next.Count == maximum ? next[^1].Position : store._transitions.Count;
                    if (next.Count > 0)
                    {
                        return next;
                    }
                }
            }
        }

        public ValueTask AcknowledgeAsync(long position, CancellationToken cancellationToken)
        {
            lock (store._gate)
            {
                store._cursors[notifier] = Math.Max(store._cursors[notifier], position);
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask RejectAsync(ArchivedTransition transition, string reason, CancellationToken cancellationToken)
        {
            lock (store._gate)
            {
                store._rejected.Add((notifier, transition, reason));
            }

            return ValueTask.CompletedTask;
        }
    }
}
