using System.Threading.Channels;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;

namespace GlusterBus.Notifiers.Deliveries;

/// <summary>A transition that waits for its delivery.</summary>
/// <param name="Archived">Position and JSON.</param>
/// <param name="Transition">The parsed form.</param>
/// <param name="Ticket">Its place in the <see cref="DeliveryWindow"/>.</param>
internal readonly record struct Pending(ArchivedTransition Archived, Transition Transition, long Ticket)
{
    /// <summary>The trace that it came with, by its message or else by its own word; null when none.</summary>
    public string? TraceParent => Archived.TraceParent ?? Transition.TraceParent;
}

/// <summary>A queue of deliveries that are made one after the other. All transitions of an entity share one.</summary>
internal sealed class Lane
{
    public Lock Gate { get; } = new();

    public Queue<Pending> Queue { get; } = new();

    /// <summary>True while the lane is ready, in work or postponed; its head then belongs to whoever holds the lane.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Set while the lane is postponed.</summary>
    public ITimer? Waking { get; set; }

    /// <summary>Attempts that failed in a row for the head. Only the holder touches it.</summary>
    public int Failures { get; set; }
}

/// <summary>The lanes of one notifier. Whoever gets a lane from <see cref="NextAsync"/> holds it until it gives it back with
/// <see cref="Advance"/> (when that returns false), <see cref="Requeue"/> or <see cref="Postpone"/>: that keeps each entity in order.</summary>
internal sealed class LaneSet : IDisposable
{
    private readonly Channel<Lane> _ready = Channel.CreateUnbounded<Lane>();
    private readonly Lane[] _lanes;
    private readonly TimeProvider _clock;

    public LaneSet(int count, TimeProvider clock)
    {
        _clock = clock;
        _lanes = [.. Enumerable.Range(0, count).Select(_ => new Lane())];
    }

    public void Add(Pending pending)
    {
        Lane lane = LaneOf(pending.Transition.Entity);
        lock (lane.Gate)
        {
            lane.Queue.Enqueue(pending);
            if (lane.IsBusy)
            {
                return;
            }

            lane.IsBusy = true;
        }

        _ready.Writer.TryWrite(lane);
    }

    /// <summary>Waits for a lane with something to deliver.</summary>
    public ValueTask<Lane> NextAsync(CancellationToken cancellationToken) => _ready.Reader.ReadAsync(cancellationToken);

    /// <summary>The delivery to make. Only for the holder.</summary>
    public static Pending Head(Lane lane)
    {
        lock (lane.Gate)
        {
            return lane.Queue.Peek();
        }
    }

    /// <summary>Drops the head. False when the lane is empty: the holder has then lost it.</summary>
    public static bool Advance(Lane lane)
    {
        lock (lane.Gate)
        {
            lane.Queue.Dequeue();
            return lane.IsBusy = lane.Queue.Count > 0;
        }
    }

    /// <summary>Gives the lane back for another turn, behind the others that are ready.</summary>
    public void Requeue(Lane lane) => _ready.Writer.TryWrite(lane);

    /// <summary>Gives the lane back until a time is over, or until <see cref="WakeAll"/>.</summary>
    public void Postpone(Lane lane, TimeSpan wait)
    {
        lock (lane.Gate)
        {
            lane.Waking = _clock.CreateTimer(_ => Wake(lane), null, wait, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Makes all postponed lanes ready at once.</summary>
    public void WakeAll()
    {
        foreach (Lane lane in _lanes)
        {
            Wake(lane);
        }
    }

    public void Dispose()
    {
        foreach (Lane lane in _lanes)
        {
            lock (lane.Gate)
            {
                lane.Waking?.Dispose();
            }
        }
    }

    private void Wake(Lane lane)
    {
        lock (lane.Gate)
        {
            if (lane.Waking is null)
            {
                return;
            }

            lane.Waking.Dispose();
            lane.Waking = null;
        }

        _ready.Writer.TryWrite(lane);
    }

    private Lane LaneOf(EntityId entity) => _lanes[(uint)string.GetHashCode(entity.Value, StringComparison.Ordinal) % (uint)_lanes.Length];
}
