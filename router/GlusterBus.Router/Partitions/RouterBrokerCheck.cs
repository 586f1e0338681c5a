using GlusterBus.Contracts.Plugins;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using RabbitMQ.Client;

namespace GlusterBus.Router.Partitions;

/// <summary>Says before the start whether a router could work: the broker's hosts, encryption, account, virtual host and rights, and whether the partitions'
/// queues suit that are there.</summary>
/// <remarks>Leaves nothing behind, and needs no more than <see cref="BrokerPermissions.Router"/>.</remarks>
public static class RouterBrokerCheck
{
    /// <summary>Runs the whole check; throws for nothing but cancellation.</summary>
    public static Task<IReadOnlyList<CheckResult>> RunAsync(RabbitMqOptions options, TimeProvider clock, CancellationToken cancellationToken) =>
        BrokerCheck.RunAsync(options, BrokerPermissions.Router, (trial, cancelled) => UseAsync(trial, options.Partitions, cancelled), clock, cancellationToken);

    private static async Task UseAsync(BrokerTrial trial, int partitions, CancellationToken cancellationToken)
    {
        // Over the default exchange it answers collectors and parks what it can't read.
        if (await trial.TryBesideAsync(
            "rights on the router's queues and channels",
            BrokerNames.Observations,
            (channel, own) => channel.BasicPublishAsync("", own, mandatory: true, new BasicProperties(), ReadOnlyMemory<byte>.Empty, cancellationToken).AsTask(),
            cancellationToken))
        {
            for (int partition = 0; partition < partitions; partition++)
            {
                await trial.TryShapeAsync(BrokerTopology.Partition(partition, prefetch: 1), cancellationToken);
            }
        }

        // One more than there should be shows that somebody has counted otherwise: clusters in it would never be decided on.
        string beyond = BrokerNames.PartitionQueue(partitions);
        if (await trial.CountAsync(beyond, cancellationToken) is { } left)
        {
            trial.Note(new CheckResult(
                $"partitions ({partitions})", $"{beyond} exists with {left} messages: somewhere rabbitMq.partitions is or was greater", "set rabbitMq.partitions to the same number on every machine", IsWarning: true));
        }

        await trial.NoteParkedAsync(BrokerNames.RejectedObservations, "router", cancellationToken);
    }
}
