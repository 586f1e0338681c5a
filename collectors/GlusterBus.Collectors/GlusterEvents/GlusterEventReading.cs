using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.GlusterEvents;

/// <summary>Why an event that could be read is not published. The kebab-case names are metric labels.</summary>
public enum IgnoredReason
{
    /// <summary>A client connected or disconnected, and the option <c>clients</c> is off.</summary>
    Client,

    /// <summary>A short-lived helper such as <c>heal info</c> (client-pid −7) saw its own connections come and go.</summary>
    Helper,
}

/// <summary>What became of one datagram: observations, a reason to ignore it, or an error; exactly one of the three.</summary>
public sealed record GlusterEventReading
{
    /// <summary>The event; null when it could not be read.</summary>
    public GlusterEvent? Event { get; init; }

    /// <summary>What it says, in order, without sequence numbers. Empty when it was ignored or could not be read.</summary>
    public IReadOnlyList<Observation> Observations { get; init; } = [];

    /// <summary>Set when a fresh look at the cluster should follow the publication; how long to wait before.</summary>
    public TimeSpan? Reconcile { get; init; }

    /// <summary>Set when it is counted and not published.</summary>
    public IgnoredReason? Ignored { get; init; }

    /// <summary>Set when it could not be read.</summary>
    public DatagramError? Error { get; init; }
}
