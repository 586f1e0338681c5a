using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;

namespace GlusterBus.Contracts.Plugins;

/// <summary>Marks a plugin. Kept apart from the seams, so that they can be type arguments.</summary>
public interface IPlugin
{
    /// <summary>Name, summary, options and example of the plugin.</summary>
    static abstract PluginSpec Spec { get; }
}

/// <summary>Turns a source into observations.</summary>
public interface ICollector
{
    /// <summary>Runs until cancelled. An exception makes the tier report the collector as blind and start it again with backoff.</summary>
    Task RunAsync(IObservationSink sink, CancellationToken cancellationToken);
}

/// <summary>Where collectors put what they saw.</summary>
public interface IObservationSink
{
    /// <summary>Returns when the batch is <em>safe</em>: confirmed by the broker, or committed by the router when embedded.
    /// Only then may a checkpoint move. Callers keep the order within their stream by awaiting.</summary>
    /// <exception cref="SnapshotSupersededException">The batch is a snapshot that will never be sent.</exception>
    ValueTask PublishAsync(ObservationBatch batch, CancellationToken cancellationToken);
}

/// <summary>The broker is away, and a snapshot would be old by the time it could be sent: it was thrown away, and a fresh look is asked for when the broker
/// is back. What only this snapshot told must be told by the next one.</summary>
public sealed class SnapshotSupersededException() : Exception("the broker is away; a fresh look will be published when it is back");

/// <summary>Carries transitions outwards.</summary>
public interface INotifier
{
    /// <summary>Delivers one transition. Any exception is tried again later with backoff; <see cref="DeliveryRejectedException"/>
    /// alone parks the delivery in the error queue. Called for different entities at once, never for the same one.</summary>
    /// <param name="delivery">The transition and its JSON as every receiver gets it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task NotifyAsync(Delivery delivery, CancellationToken cancellationToken);

    /// <summary>How many deliveries may run at once, 1 to 256.</summary>
    int Concurrency => 1;
}

/// <summary>A notifier that also shows the state as it is, beside its deliveries.</summary>
public interface IStateFollower
{
    /// <summary>Runs until cancelled, from before the first delivery on. Where nobody calls it, as in a replay or a check, there is no state to show.
    /// An exception makes the tier call it again with backoff.</summary>
    Task FollowAsync(FollowedState state, CancellationToken cancellationToken);
}

/// <summary>The state of one cluster, as the host hands it to whoever follows it.</summary>
/// <param name="Cluster">The cluster's name: transitions of others may be delivered, too.</param>
/// <param name="Reader">Reads it as it is now: at least as new as the transitions delivered so far.</param>
public sealed record FollowedState(string Cluster, IStateReader Reader);

/// <summary>Carries several transitions in one message, where a message for each would be too much for its receivers.</summary>
/// <remarks>Nothing is acknowledged that <see cref="GatherAsync"/> has not taken: what is held for a later message comes again after a crash.</remarks>
public interface IGatheringNotifier : INotifier
{
    /// <summary>The most transitions that one offer may hold, 512 to 4,096. The default is 512.</summary>
    int MaximumOffer => 512;

    /// <summary>Takes what it wants of what waits, from the first on. Called by one caller, when something has come, when the time is over that the last answer
    /// named, and after a failure. What is not taken is offered again, at the same place, with what has come since behind it.</summary>
    /// <param name="waiting">At least one, in the order of the record, of all entities.</param>
    /// <param name="isFull">True when nothing more comes until something is taken.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>What was taken. An exception means nothing was, and is tried again later with backoff.</returns>
    Task<Gathered> GatherAsync(IReadOnlyList<Delivery> waiting, bool isFull, CancellationToken cancellationToken);
}

/// <summary>What became of what was offered.</summary>
/// <param name="Taken">So many, from the first on, are done with; the others wait.</param>
/// <param name="LeftOut">So many of those taken were only counted for the receiver, not told in full.</param>
/// <param name="Again">When to offer what waits again at the latest, more than zero; null waits until something comes.</param>
/// <param name="Rejection">Why the receiver will never take those taken, which then go to the error queue; null when it has them.</param>
public sealed record Gathered(int Taken, int LeftOut = 0, TimeSpan? Again = null, string? Rejection = null);

/// <summary>One transition on its way to one receiver.</summary>
/// <param name="Transition">The transition.</param>
/// <param name="Json">Its CloudEvent as UTF-8.</param>
/// <param name="Attempt">1 for the first try.</param>
public sealed record Delivery(Transition Transition, ReadOnlyMemory<byte> Json, int Attempt)
{
    /// <summary>The W3C trace context that the receiver shall go on with; null, as by default, when there is none.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>The receiver will never take this delivery: do not try again.</summary>
public sealed class DeliveryRejectedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>One line of what <c>glusterbus check</c> found.</summary>
/// <param name="Subject">What was tested.</param>
/// <param name="Problem">Null when all is well; else what is wrong.</param>
/// <param name="Remedy">What to type or change.</param>
/// <param name="IsWarning">True when the start is possible all the same.</param>
public sealed record CheckResult(string Subject, string? Problem = null, string? Remedy = null, bool IsWarning = false);

/// <summary>A plugin that can say before the start whether it would work.</summary>
public interface IConnectionTest
{
    /// <summary>Tests without side effects on the receiver; never throws for a failing test.</summary>
    Task<IReadOnlyList<CheckResult>> CheckAsync(CancellationToken cancellationToken);
}
