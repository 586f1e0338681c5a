using System.Text.Json;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace GlusterBus.Notifiers.Broker;

/// <summary>Declares what one notifier needs on the broker: its queue with its bindings, and its error queue.</summary>
/// <remarks>Everything is named after the notifier's queue, so that its account needs no right on anything else (<see cref="BrokerPermissions.Notifier"/>):
/// the error queue is fed through an exchange of its own and not through the default one.</remarks>
internal static class NotifierTopology
{
    /// <summary>How often a transition is handed out before the broker parks it: only a transition that ends the process can get there.</summary>
    public const int DeliveryLimit = 20;

    /// <summary>The queue as <see cref="BrokerBus"/> is to receive it.</summary>
    public static QueueDescription Queue(string notifier, ushort prefetch)
    {
        string queue = BrokerNames.NotifierQueue(notifier);
        return new QueueDescription(queue, prefetch, [])
        {
            IsSingleActiveConsumer = true,
            Arguments = new Dictionary<string, object>
            {
                ["x-delivery-limit"] = DeliveryLimit,
                ["x-dead-letter-exchange"] = BrokerNames.ErrorQueue(queue),
                ["x-dead-letter-strategy"] = "at-least-once",
                ["x-overflow"] = "reject-publish",
            },
        };
    }

    /// <summary>Declares the error queue and the exchange that leads to it.</summary>
    public static async Task DeclareErrorQueueAsync(IChannel channel, string notifier, CancellationToken cancellationToken)
    {
        string error = BrokerNames.ErrorQueue(BrokerNames.NotifierQueue(notifier));
        await channel.ExchangeDeclareAsync(error, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
        await BrokerTopology.DeclareErrorQueueAsync(channel, error, cancellationToken);
        await channel.QueueBindAsync(error, error, "", cancellationToken: cancellationToken);
    }

    /// <summary>Declares the queue with the exchange of its name. Returns how many messages wait in it.</summary>
    public static async Task<uint> DeclareQueueAsync(IChannel channel, string notifier, CancellationToken cancellationToken)
    {
        QueueDeclareOk queue = await channel.QueueDeclareAsync(
            BrokerNames.NotifierQueue(notifier), durable: true, exclusive: false, autoDelete: false, Queue(notifier, prefetch: 1).Declaration, cancellationToken: cancellationToken);
        return queue.MessageCount;
    }

    /// <summary>Binds what is wanted.</summary>
    public static async Task BindAsync(IChannel channel, string notifier, IReadOnlySet<NotifierBinding> wanted, CancellationToken cancellationToken)
    {
        foreach (NotifierBinding binding in wanted)
        {
            await channel.QueueBindAsync(BrokerNames.NotifierQueue(notifier), binding.Exchange, binding.RoutingKey, cancellationToken: cancellationToken);
        }
    }

    /// <summary>Unbinds what was wanted formerly, after <see cref="BindAsync"/>.</summary>
    /// <remarks>In this order a crash leaves at most a binding too many, which the next start takes away: the worker drops what it lets through.</remarks>
    public static async Task UnbindAsync(IChannel channel, string notifier, IReadOnlySet<NotifierBinding> wanted, CancellationToken cancellationToken)
    {
        string memory = BrokerNames.BindingsQueue(notifier);
        await BrokerTopology.DeclareErrorQueueAsync(channel, memory, cancellationToken);
        HashSet<NotifierBinding> former = [];
        ulong last = 0;
        while (await channel.BasicGetAsync(memory, autoAck: false, cancellationToken) is { } remembered)
        {
            former.UnionWith(JsonSerializer.Deserialize<NotifierBinding[]>(remembered.Body.Span) ?? []);
            last = remembered.DeliveryTag;
        }

        if (former.SetEquals(wanted))
        {
            // What was taken out goes back when the channel is closed.
            return;
        }

        await RememberAsync(channel, memory, wanted, cancellationToken);
        foreach (NotifierBinding stale in former.Except(wanted))
        {
            await channel.QueueUnbindAsync(BrokerNames.NotifierQueue(notifier), stale.Exchange, stale.RoutingKey, cancellationToken: cancellationToken);
        }

        if (last > 0)
        {
            await channel.BasicAckAsync(last, multiple: true, cancellationToken);
        }
    }

    /// <summary>True when the channels exist. Closes the channel when they don't.</summary>
    public static async Task<bool> HasChannelsAsync(IChannel channel, CancellationToken cancellationToken)
    {
        try
        {
            await channel.ExchangeDeclarePassiveAsync(BrokerNames.AllChannel, cancellationToken);
            return true;
        }
        catch (OperationInterruptedException e) when (BrokerFault.IsAbsence(e))
        {
            return false;
        }
    }

    private static async Task RememberAsync(IChannel channel, string memory, IReadOnlySet<NotifierBinding> bindings, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(memory, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(memory, memory, "", cancellationToken: cancellationToken);
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(bindings.OrderBy(b => (b.Exchange, b.RoutingKey)).ToArray());
        await channel.BasicPublishAsync(memory, "", mandatory: true, new BasicProperties { Persistent = true, ContentType = "application/json" }, body, cancellationToken);
    }
}
