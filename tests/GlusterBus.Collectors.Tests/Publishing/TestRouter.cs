using System.Threading.Channels;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace GlusterBus.Collectors.Tests.Publishing;

/// <summary>What arrived at the queue of a partition.</summary>
internal sealed record Arrival(ObservationMessage Message, IReadOnlyBasicProperties Properties);

/// <summary>The far end of the wire without a decision: makes the exchange and the queue of partition 0, acknowledges, and answers heartbeats.</summary>
internal sealed class TestRouter : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly Channel<Arrival> _arrivals = Channel.CreateUnbounded<Arrival>();

    private TestRouter(IConnection connection, IChannel channel)
    {
        (_connection, _channel) = (connection, channel);
    }

    /// <summary>What it answers to heartbeats; null keeps it silent.</summary>
    public Func<ObservationMessage, HeartbeatReply?> Reply { get; set; } = _ => new HeartbeatReply("g1", WantsLook: false);

    /// <summary>Declares what routers declare, without receiving.</summary>
    public static async Task DeclareAsync(IChannel channel, CancellationToken cancellationToken, bool bind = true)
    {
        string queue = BrokerNames.PartitionQueue(0);
        await channel.ExchangeDeclareAsync(BrokerNames.Observations, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: cancellationToken);
        if (bind)
        {
            await channel.QueueBindAsync(queue, BrokerNames.Observations, BrokerNames.PartitionKey(0), cancellationToken: cancellationToken);
        }
    }

    public static async Task<TestRouter> StartAsync(RabbitMqOptions options, CancellationToken cancellationToken)
    {
        IConnection connection = await BrokerConnection.OpenAsync(options, "test router", cancellationToken);
        var router = new TestRouter(connection, await BrokerConnection.OpenChannelAsync(connection, 2, cancellationToken));
        await DeclareAsync(router._channel, cancellationToken);
        await router._channel.BasicQosAsync(0, 100, global: false, cancellationToken);
        var consumer = new AsyncEventingBasicConsumer(router._channel);
        consumer.ReceivedAsync += (_, delivery) => router.ReceiveAsync(delivery);
        await router._channel.BasicConsumeAsync(BrokerNames.PartitionQueue(0), autoAck: false, consumer, cancellationToken);
        return router;
    }

    /// <summary>The next message of any sort.</summary>
    public async Task<Arrival> NextAsync(CancellationToken cancellationToken) => await _arrivals.Reader.ReadAsync(cancellationToken);

    /// <summary>The next message with observations.</summary>
    public async Task<ObservationMessage> NextBatchesAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await NextAsync(cancellationToken) is { Message: { Batches.Count: > 0 } message })
            {
                return message;
            }
        }
    }

    /// <summary>The next sign of life.</summary>
    public async Task<ObservationMessage> NextHeartbeatAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await NextAsync(cancellationToken) is { Message: { Heartbeat: not null } message })
            {
                return message;
            }
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task ReceiveAsync(BasicDeliverEventArgs delivery)
    {
        ObservationMessage message = CompressedBody.Read(delivery.BasicProperties, delivery.Body, ObservationJson.Parse);
        if (message.Heartbeat is not null && Reply(message) is { } reply)
        {
            await _channel.BasicPublishAsync("", delivery.BasicProperties.ReplyTo!, mandatory: false, new BasicProperties(), ObservationJson.Write(reply));
        }

        // The properties live in the client's buffer no longer than this call.
        _arrivals.Writer.TryWrite(new Arrival(message, new BasicProperties(delivery.BasicProperties)));
        await _channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
    }
}
