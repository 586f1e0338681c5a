using GlusterBus.Contracts.Messages;

namespace GlusterBus.Router.Decisions;

/// <summary>How far the clock of each node is off the router's, learnt from heartbeats (docs/adr/0010).</summary>
/// <remarks>A heartbeat shows the node's clock as it was when it was sent. Its way only ever adds to the difference, so the smallest one of late is the
/// best. A new owner begins with what the owner before had learnt: from the table, and from the collectors, which were told and bring it along. Between two
/// nodes that is exact; beside what it has learnt itself it is as exact as the comparison with the table's clock, by which such things are handed on.</remarks>
internal sealed class NodeClocks
{
    /// <summary>How many heartbeats count: a minute's worth, so that a clock that was set back is believed after a minute.</summary>
    public const int Window = 12;

    /// <summary>How long a node must have been heard before its clock is believed. What waited in the queue while no router ran arrives at once and tells
    /// nothing but how long it waited; after this time a heartbeat has come that did not wait.</summary>
    public static readonly TimeSpan Settling = Heartbeat.Interval / 2;

    private readonly Dictionary<string, Samples> _nodes = new(StringComparer.Ordinal);

    /// <summary>What the owner before had learnt, by the own clock; used while a node is not yet known by itself.</summary>
    private readonly Dictionary<string, TimeSpan> _inherited = new(StringComparer.Ordinal);

    private sealed class Samples(DateTimeOffset firstHeard)
    {
        private readonly Queue<TimeSpan> _recent = new(Window);

        public DateTimeOffset FirstHeard { get; } = firstHeard;

        /// <summary>What to add to an instant of the node's to have it by the router's clock.</summary>
        public TimeSpan Offset { get; private set; }

        public bool IsSettled { get; private set; }

        public void Add(TimeSpan difference, DateTimeOffset now)
        {
            if (_recent.Count == Window)
            {
                _recent.Dequeue();
            }

            _recent.Enqueue(difference);
            Offset = _recent.Min();
            IsSettled |= now - FirstHeard >= Settling;
        }
    }

    /// <summary>How the own clock stands to the state table's.</summary>
    public TableClock Table { get; set; }

    /// <summary>Takes note of a heartbeat.</summary>
    /// <returns>How much longer it was on its way than the quickest one of late.</returns>
    public TimeSpan Hear(string node, DateTimeOffset sentAt, DateTimeOffset now)
    {
        if (!_nodes.TryGetValue(node, out Samples? samples))
        {
            _nodes[node] = samples = new Samples(now);
        }

        TimeSpan difference = now - sentAt;
        samples.Add(difference, now);
        return difference - samples.Offset;
    }

    /// <summary>A node that was not heard for a while may come back with another clock.</summary>
    public void Forget(string node)
    {
        _nodes.Remove(node);
        _inherited.Remove(node);
    }

    /// <summary>Takes what an owner before had learnt.</summary>
    /// <param name="behind">How far the node's clock is behind the table's.</param>
    public void Inherit(string node, TimeSpan behind) => _inherited[node] = behind + Table.Ahead;

    /// <summary>How far a node's clock is off, by the router's own; null while that is not known.</summary>
    public TimeSpan? Settled(string node) => _nodes.TryGetValue(node, out Samples? samples) && samples.IsSettled ? samples.Offset : null;

    /// <summary>How far a node's clock is behind the table's, to be handed on; null while that is not known.</summary>
    public TimeSpan? Behind(string node) => Settled(node) - Table.Ahead;

    /// <summary>True when instants of the two can be put in order either way.</summary>
    public bool AreComparable(string? one, string? other) => one is not null && other is not null && (one == other || Difference(one, other) is not null);

    /// <summary>True when it is known that the one was before the other; false when it was not, and when nobody can tell.</summary>
    public bool IsBefore(Moment one, Moment other) => AreComparable(one.Node, other.Node)
        ? Translate(one, other.Node) < other.At
        : LargestDifference(one.Node, other.Node) is { } difference && Shift(one.At, difference) < other.At;

    /// <summary>A moment by the clock of another node; as it is where the clocks can't be compared.</summary>
    public DateTimeOffset Translate(Moment moment, string? to) =>
        moment.Node is { } from && to is not null && from != to && Difference(from, to) is { } difference ? Shift(moment.At, difference) : moment.At;

    /// <summary>A clock may be wrong by thousands of years: the ends of the calendar are the ends.</summary>
    private static DateTimeOffset Shift(DateTimeOffset at, TimeSpan by) =>
        new(Math.Clamp(at.UtcTicks + by.Ticks, DateTimeOffset.MinValue.Ticks, DateTimeOffset.MaxValue.Ticks), TimeSpan.Zero);

    /// <summary>What to add to an instant of the one node to have it by the other's clock; null when nobody can tell.</summary>
    private TimeSpan? Difference(string from, string to) =>
        Settled(from) is { } theirs && Settled(to) is { } ours ? theirs - ours
        : _inherited.TryGetValue(from, out theirs) && _inherited.TryGetValue(to, out ours) ? theirs - ours
        : null;

    /// <summary>The same from a node whose clock is not settled: its way only ever adds, so that what is before another moment by this is so indeed. A collector
    /// that was cut off comes back with a heartbeat, and then with all that it saw meanwhile: none of that may be told as if it were now.</summary>
    private TimeSpan? LargestDifference(string? from, string? to) => from is not null && to is not null ? Most(from) - Least(to) : null;

    /// <summary>What to add at most to an instant of the node's to have it by the router's clock.</summary>
    private TimeSpan? Most(string node) => _nodes.TryGetValue(node, out Samples? samples) ? samples.Offset
        : _inherited.TryGetValue(node, out TimeSpan inherited) ? inherited + Table.Error
        : null;

    /// <summary>What to add at least. A heartbeat that perhaps waited says nothing of that; what the owner before had learnt does.</summary>
    private TimeSpan? Least(string node) => Settled(node)
        ?? (_inherited.TryGetValue(node, out TimeSpan inherited) ? inherited - Table.Error : null);
}
