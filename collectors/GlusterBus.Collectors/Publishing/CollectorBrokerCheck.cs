using GlusterBus.Contracts.Plugins;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace GlusterBus.Collectors.Publishing;

/// <summary>Says before the start whether a collector could publish: its hosts, encryption, account, virtual host and the right to publish.</summary>
/// <remarks>Leaves nothing behind, and needs no more than <see cref="BrokerSinkOptions.LeastPermissions"/>.</remarks>
public static class CollectorBrokerCheck
{
    /// <summary>No queue is bound by this key: what is published with it comes back, and shows that publishing is allowed.</summary>
    private const string UnboundKey = "check";

    /// <summary>Runs the whole check; throws for nothing but cancellation.</summary>
    public static Task<IReadOnlyList<CheckResult>> RunAsync(RabbitMqOptions options, TimeProvider clock, CancellationToken cancellationToken) =>
        BrokerCheck.RunAsync(options, BrokerSinkOptions.LeastPermissions, PublishAsync, clock, cancellationToken);

    private static async Task PublishAsync(BrokerTrial trial, CancellationToken cancellationToken)
    {
        string subject = $"publish to {BrokerNames.Observations}";
        await trial.TryAsync(
            subject,
            channel => channel.BasicPublishAsync(BrokerNames.Observations, UnboundKey, mandatory: true, new BasicProperties(), ReadOnlyMemory<byte>.Empty, cancellationToken).AsTask(),
            cancellationToken,
            e => e is PublishException { IsReturn: true } ? new CheckResult(subject) : null);
    }
}
