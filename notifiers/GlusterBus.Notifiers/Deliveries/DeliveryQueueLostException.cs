namespace GlusterBus.Notifiers.Deliveries;

/// <summary>The queue can't go on, but opened anew it will: what was not acknowledged then comes again.</summary>
/// <param name="message">For people; one line, free of secrets.</param>
/// <param name="inner">What made it so.</param>
public sealed class DeliveryQueueLostException(string message, Exception? inner = null) : Exception(message, inner);
