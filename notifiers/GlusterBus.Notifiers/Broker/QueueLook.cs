using System.Runtime.CompilerServices;
using System.Threading.Channels;
using GlusterBus.Runtime.Bus;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace GlusterBus.Notifiers.Broker;

/// <summary>Takes messages out of a queue, and on disposal gives back, in their order, all that were not acknowledged.</summary>
internal sealed class QueueLook(IConnection connection, string queue, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>The most messages that we hold in memory unread.</summary>
    private const int Unread = 256;

    /// <summary>A message that was counted and does not come within this time is in somebody else's hands.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly List<Grip> _grips = [];

    /// <summary>Takes messages out, the oldest first, until there were <paramref name="count"/> or no more come.</summary>
    /// <param name="count">How many.</param>
    /// <param name="prefetch">The most that are held and not acknowledged. Whoever acknowledges none must ask for no more than these.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async IAsyncEnumerable<ParkedMessage> TakeAsync(long count, ushort prefetch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var messages = Channel.CreateBounded<ParkedMessage>(new BoundedChannelOptions(Unread) { SingleReader = true, SingleWriter = true });
        channel.ChannelShutdownAsync += (_, reason) =>
        {
            messages.Writer.TryComplete(reason.Exception ?? new OperationInterruptedException(reason));
            return Task.CompletedTask;
        };
        _grips.Add(await Grip.BeginAsync(
            channel,
            queue,
            prefetch,
            async (grip, delivery) =>
            {
                // The buffer is the client's and is used again.
                var message = new ParkedMessage(
                    grip, delivery.DeliveryTag, delivery.Redelivered, delivery.RoutingKey, new BasicProperties(delivery.BasicProperties), delivery.Body.ToArray());
                try
                {
                    await messages.Writer.WriteAsync(message, delivery.CancellationToken);
                }
                catch (Exception e) when (e is ChannelClosedException or OperationCanceledException)
                {
                    // Nobody wants it any more; it goes back.
                }
            },
            cancellationToken));
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

    /// <summary>Gives back what was taken first before what was taken later: what comes back queues up behind what came back before.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            // All of them first: one that still takes would get what another gives back.
            foreach (Grip grip in _grips)
            {
                await grip.StopAsync(clock);
            }

            foreach (Grip grip in _grips)
            {
                await grip.GiveBackAsync(CountAsync, clock);
            }
        }
        catch (Exception e) when (BrokerFault.Is(e))
        {
            // The broker gives back by itself what a connection held that has broken.
        }

        foreach (Grip grip in _grips)
        {
            await grip.DisposeAsync();
        }
    }

    private async Task<uint> CountAsync()
    {
        await using IChannel channel = await connection.CreateChannelAsync();
        return await channel.MessageCountAsync(queue);
    }
}
