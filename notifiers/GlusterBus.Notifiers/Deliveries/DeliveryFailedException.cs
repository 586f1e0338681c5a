namespace GlusterBus.Notifiers.Deliveries;

/// <summary>An attempt failed and is to be made again. Plugins throw it where they know more than the bare exception tells.</summary>
/// <param name="kind">For metrics.</param>
/// <param name="message">For people; free of secrets.</param>
/// <param name="retryAfter">How long the receiver asks everybody to stay away; null when it did not ask.</param>
public sealed class DeliveryFailedException(FailureKind kind, string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    public FailureKind Kind { get; } = kind;

    public TimeSpan? RetryAfter { get; } = retryAfter;
}
