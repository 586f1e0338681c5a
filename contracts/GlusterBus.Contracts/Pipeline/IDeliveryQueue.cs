namespace GlusterBus.Contracts.Pipeline;

/// <summary>The durable queue of one notifier: what it has not yet been relieved of comes again after a crash.</summary>
public interface IDeliveryQueue
{
    /// <summary>Waits for transitions that were not handed out since the queue was opened; in order, at most <paramref name="maximum"/>.</summary>
    ValueTask<IReadOnlyList<ArchivedTransition>> ReceiveAsync(int maximum, CancellationToken cancellationToken);

    /// <summary>Says that everything up to and including <paramref name="position"/> is done. Durable when it returns.</summary>
    ValueTask AcknowledgeAsync(long position, CancellationToken cancellationToken);

    /// <summary>Parks a transition in the error queue with the reason. Durable when it returns; does not acknowledge.</summary>
    ValueTask RejectAsync(ArchivedTransition transition, string reason, CancellationToken cancellationToken);

    /// <summary>How many recorded transitions are not yet acknowledged.</summary>
    long Backlog { get; }
}

/// <summary>Opens the queue of a notifier by its configured name. A new notifier starts at the present, not at the beginning of history.</summary>
public interface IDeliveryQueues
{
    ValueTask<IDeliveryQueue> OpenAsync(string notifier, CancellationToken cancellationToken);
}
