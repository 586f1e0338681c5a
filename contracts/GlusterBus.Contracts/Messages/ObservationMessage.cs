namespace GlusterBus.Contracts.Messages;

/// <summary>What a collector process publishes to the broker in one piece: some batches of observations, or a heartbeat.</summary>
/// <remarks>Its JSON form is <see cref="ObservationJson"/>, described by <c>schema/observation.v1.json</c>.</remarks>
public sealed record ObservationMessage
{
    /// <summary>The cluster's configured name.</summary>
    public required string Cluster { get; init; }

    /// <summary>The node that the collector runs on.</summary>
    public required string Node { get; init; }

    /// <summary>The generation of the state table that a router last told this collector of; null before the first answer. A router that finds an
    /// empty table learns from it that there was one before.</summary>
    public string? Generation { get; init; }

    /// <summary>How far the node's clock is behind the state table's, as a router last told this collector; null before a router knows, and from the moment
    /// that the node's clock was set until a router has learnt it anew. A router that has not yet heard the node for itself goes by it.</summary>
    public TimeSpan? ClockBehind { get; init; }

    /// <summary>In the order observed. All or none of a batch is applied.</summary>
    public IReadOnlyList<ObservationBatch> Batches { get; init; } = [];

    /// <summary>Set in a message that says that the collector lives.</summary>
    public Heartbeat? Heartbeat { get; init; }

    public int Count => Batches.Sum(batch => batch.Observations.Count);
}

/// <summary>A collector's sign of life. The router answers to the message's <c>reply-to</c> with a <see cref="HeartbeatReply"/>.</summary>
/// <param name="SentAt">The node's clock when it was sent: from it the router learns how far that clock is off its own.</param>
/// <param name="HasLooked">True when the collector has published a look at the cluster since its start.</param>
public sealed record Heartbeat(DateTimeOffset SentAt, bool HasLooked)
{
    /// <summary>How often a collector gives a sign of life.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>A collector that was not heard of for this long is silent.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
}

/// <summary>What the router tells a collector that gave a sign of life.</summary>
/// <param name="Generation">The state table's generation: changes only when the table was made anew.</param>
/// <param name="WantsLook">True when the router lacks what this node sees: the collector shall look and publish at once.</param>
public sealed record HeartbeatReply(string Generation, bool WantsLook)
{
    /// <summary>How far the node's clock is behind the state table's; null while the router does not know.</summary>
    public TimeSpan? ClockBehind { get; init; }
}
