using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.State.Redis.Connections;

namespace GlusterBus.Router.State.Redis;

/// <summary>What the owner of a table knows of it between opening and losing it.</summary>
internal sealed class RedisLease(long epoch, string holder)
{
    private readonly Lock _gate = new();
    private readonly Queue<ArchivedTransition> _unpublished = [];
    private long _commits;
    private long _position;
    private long _published;

    public long Epoch => epoch;

    public string Holder => holder;

    public required string Generation { get; init; }

    public required long Commits
    {
        get => Interlocked.Read(ref _commits);
        init => _commits = value;
    }

    public required long Position
    {
        get => Interlocked.Read(ref _position);
        init => _position = value;
    }

    public long SequenceBase { get; set; }

    /// <summary>True when a commit was sent and never answered.</summary>
    public bool IsUncertain { get; set; }

    public int UnpublishedCount
    {
        get
        {
            lock (_gate)
            {
                return _unpublished.Count;
            }
        }
    }

    /// <summary>What every script but the first is told (see <c>table.lua</c>).</summary>
    public RedisArguments Arguments() => new RedisArguments().Add(epoch).Add(holder).Add(Commits);

    /// <exception cref="FencedException">The script found another owner.</exception>
    /// <exception cref="StateTableEmptiedException">It did not find what this owner had committed.</exception>
    public static void Demand(long epoch, RedisAnswer answer)
    {
        switch (answer.Items[0].Text)
        {
            case "FENCED":
                throw new FencedException(epoch, answer.Items[1].Integer);
            case "EMPTIED":
                throw new StateTableEmptiedException("Redis no longer holds what was committed: it was emptied, or came back with an older copy");
        }
    }

    public void Committed(long commits, long position, long? sequenceBase, IReadOnlyList<(Transition Transition, byte[] Json)> announced)
    {
        lock (_gate)
        {
            for (int i = 0; i < announced.Count; i++)
            {
                Add(new ArchivedTransition(position - announced.Count + 1 + i, announced[i].Json) { Transition = announced[i].Transition });
            }

            SequenceBase = sequenceBase ?? SequenceBase;
            Interlocked.Exchange(ref _position, position);
            Interlocked.Exchange(ref _commits, commits);
        }
    }

    public void Add(ArchivedTransition transition)
    {
        lock (_gate)
        {
            // The relay may have been quicker than the answer to the commit.
            if (transition.Position > _published)
            {
                _unpublished.Enqueue(transition);
            }
        }
    }

    /// <summary>What is not published yet and comes after a position. Positions have no gaps.</summary>
    public IReadOnlyList<ArchivedTransition> Next(long after, int maximum)
    {
        lock (_gate)
        {
            return _unpublished.TryPeek(out ArchivedTransition? first) ? [.. _unpublished.Skip((int)Math.Max(0, after + 1 - first.Position)).Take(maximum)] : [];
        }
    }

    public void Published(long position)
    {
        lock (_gate)
        {
            _published = Math.Max(_published, position);
            while (_unpublished.TryPeek(out ArchivedTransition? first) && first.Position <= _published)
            {
                _unpublished.Dequeue();
            }
        }
    }

    /// <summary>What a table that is written anew must hold of the outbox.</summary>
    public (long Published, long Position, IReadOnlyList<ArchivedTransition> Unpublished) Outbox()
    {
        lock (_gate)
        {
            return (_published, Position, [.. _unpublished]);
        }
    }
}
