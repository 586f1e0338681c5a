using GlusterBus.Contracts.Topology;
using RabbitMQ.Client;

namespace GlusterBus.Router.Partitions;

/// <summary>A message that the owner of a partition keeps unacknowledged: when the owner goes, the broker hands it to the next one, who knows within
/// milliseconds that the partition is now its own, although no collector has anything to say.</summary>
internal sealed class OwnershipToken
{
    public static readonly OwnershipToken Instance = new();

    private OwnershipToken()
    {
    }

    /// <summary>Puts a token into a partition's queue. One too many does no harm: the owner keeps the newest.</summary>
    /// <exception cref="RabbitMQ.Client.Exceptions.PublishException">The queue is not there, or the broker did not take it.</exception>
    public static ValueTask PublishAsync(IChannel channel, int partition, CancellationToken cancellationToken) => channel.BasicPublishAsync(
        BrokerNames.Observations,
        BrokerNames.PartitionKey(partition),
        mandatory: true,
        new BasicProperties { Persistent = true, Type = BrokerNames.TokenType },
        ReadOnlyMemory<byte>.Empty,
        cancellationToken);
}
