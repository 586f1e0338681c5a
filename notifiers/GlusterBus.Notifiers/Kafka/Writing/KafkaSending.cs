using Confluent.Kafka;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;

namespace GlusterBus.Notifiers.Kafka.Writing;

/// <summary>Sends a batch and says what became of its deliveries.</summary>
internal static class KafkaSending
{
    /// <param name="writer">The way into Kafka; may fail to be made.</param>
    /// <param name="batch">What to send.</param>
    /// <param name="count">How many deliveries the batch is of.</param>
    /// <param name="options">Who is asked.</param>
    /// <param name="cancellationToken">Ends the wait; what is under way may still arrive.</param>
    /// <returns>Those that Kafka has, up to the first that it has not; or the first alone, when Kafka will never take it.</returns>
    /// <exception cref="DeliveryFailedException">Kafka has not even the first.</exception>
    public static async Task<Gathered> SendAsync(Func<KafkaWriter> writer, KafkaBatch batch, int count, KafkaOptions options, CancellationToken cancellationToken)
    {
        KafkaWriter? used = null;
        KafkaReports reports;
        try
        {
            used = writer();
            reports = await used.WriteAsync(batch.Records, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw KafkaFault.Of(e, used?.Connection, options);
        }

        (int done, Error? error) = batch.Judge(reports.Errors, count);
        return error is null || done > 0 ? new Gathered(done)
            : KafkaFault.IsRefusal(error.Code) ? new Gathered(1, Rejection: $"Kafka will never take it: {error.Reason}")
            : throw KafkaFault.Of(error, used.Connection, options);
    }
}
