using System.Runtime.CompilerServices;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace GlusterBus.Notifiers.Broker;

/// <summary>Takes messages out of a queue, and on disposal gives back, in their order, all that were not acknowledged.</summary>
internal sealed class QueueLook(IConnection connection, string queue, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>The most messages that we hold in memory unread.</summary>
    private const int Unread = 256;

    /// <summary>A message that was counted and does not come within this time is in somebody else's hands.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly List<IChannel> _channels = [];

    /// <summary>Takes messages out, the oldest first, until there were <paramref name="count"/> or no more come.</summary>
    /// <param name="count">How many.</param>
    /// <param name="prefetch">The most that are held and not acknowledged. Whoever acknowledges none must ask for no more than these.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async IAsyncEnumerable<ParkedMessage> TakeAsync(long count, ushort prefetch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        _channels.Add(channel);
        var messages = Channel.CreateBounded<ParkedMessage>(new BoundedChannelOptions(Unread) { SingleReader = true, SingleWriter = true });
        channel.ChannelShutdownAsync += (_, reason) =>
        {
            messages.Writer.TryComplete(reason.Exception ?? new OperationInterruptedException(reason));
            return Task.CompletedTask;
        };
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            // The buffer is the client's and is used again.
            var message = new ParkedMessage(
                channel, delivery.DeliveryTag, delivery.Redelivered, delivery.RoutingKey, new BasicProperties(delivery.BasicProperties), delivery.Body.ToArray());
            try
            {
                await messages.Writer.WriteAsync(message, delivery.CancellationToken);
            }
            catch (Exception e) when (e is ChannelClosedException or OperationCanceledException)
            {
                // Nobody wants it any more; it goes back.
            }
        };
        await channel.BasicQosAsync(0, prefetch, global: false, cancellationToken);
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellationToken);
        try
        {
            for (long taken = 0; taken < count; taken++)
            {
                ParkedMessage message;
                try
                {
                    message = await messages.Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(Patience, clock, cancellationToken);
                }
                catch (TimeoutException)
                {
                    break;
                }

                yield return message;
            }
        }
        finally
        {
            messages.Writer.TryComplete();
        }
    }

    /// <summary>Closes what was opened first before what was opened later: what comes back queues up behind what came back before.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (IChannel channel in _channels)
        {
            await channel.DisposeAsync();
        }
    }
}
