using GlusterBus.Contracts.Topology;
using RabbitMQ.Client;

namespace GlusterBus.Runtime.Bus;

/// <summary>Declares what several roles need, so that the order in which they start does not matter.</summary>
public static class BrokerTopology
{
    /// <summary>A queue's <c>x-delivery-limit</c> where nothing may ever be dropped for having been handed out often. RabbitMQ 4 drops after twenty times
    /// unless told otherwise; "no limit" has no spelling that older versions take, too.</summary>
    public const int NoDeliveryLimit = 1_000_000_000;

    /// <summary>The queue of a partition: its one consumer is the partition's owner, the others stand by.</summary>
    public static QueueDescription Partition(int partition, ushort prefetch) =>
        new(BrokerNames.PartitionQueue(partition), prefetch, [(BrokerNames.Observations, BrokerNames.PartitionKey(partition))])
        {
            IsSingleActiveConsumer = true,
            Arguments = new Dictionary<string, object> { ["x-delivery-limit"] = NoDeliveryLimit },
        };

    /// <summary>The channel exchanges, and <see cref="BrokerNames.AllChannel"/> bound to each.</summary>
    public static async Task DeclareChannelsAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(BrokerNames.AllChannel, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancellationToken);
        foreach (string exchange in BrokerNames.Channels)
        {
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancellationToken);
            await channel.ExchangeBindAsync(BrokerNames.AllChannel, exchange, "#", cancellationToken: cancellationToken);
        }
    }

    /// <summary>A durable queue in which messages wait for a human.</summary>
    /// <remarks>Looking at them hands them out and gives them back, which counts as a delivery.</remarks>
    public static Task<QueueDeclareOk> DeclareErrorQueueAsync(IChannel channel, string queue, CancellationToken cancellationToken) =>
        channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = NoDeliveryLimit }, cancellationToken: cancellationToken);
}
