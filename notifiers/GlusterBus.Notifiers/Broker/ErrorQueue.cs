using System.Runtime.CompilerServices;
using System.Threading.Channels;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace GlusterBus.Notifiers.Broker;

/// <summary>An error queue, looked at and emptied by hand. Looking takes the messages out and gives them back in their order.</summary>
/// <param name="connection">To the broker; stays the caller's.</param>
/// <param name="queue">The queue whose error queue it is: a notifier's, or <see cref="BrokerNames.Observations"/>.</param>
/// <param name="clock">Times the wait for messages that somebody else holds.</param>
public sealed class ErrorQueue(IConnection connection, string queue, TimeProvider clock)
{
    /// <summary>How many messages are under way between the queues at once.</summary>
    private const ushort Window = 256;

    /// <summary>A message that was counted and does not come within this time is in somebody else's hands.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>The name on the broker.</summary>
    public string Name { get; } = BrokerNames.ErrorQueue(queue);

    /// <summary>How many messages rest in it; null when it does not exist, which means that nothing was ever parked.</summary>
    public async Task<uint?> CountAsync(CancellationToken cancellationToken)
    {
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            return await channel.MessageCountAsync(Name, cancellationToken);
        }
        catch (OperationInterruptedException e) when (BrokerFault.IsAbsence(e))
        {
            return null;
        }
    }

    /// <summary>Looks at the oldest messages, at most so many; they stay where they are.</summary>
    public async IAsyncEnumerable<ParkedMessage> ReadAsync(long most, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await CountAsync(cancellationToken) is not ({ } count and > 0))
        {
            yield break;
        }

        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        most = Math.Min(most, count);
        await foreach (ParkedMessage message in TakeAsync(channel, most, most <= ushort.MaxValue ? (ushort)most : (ushort)0, cancellationToken))
        {
            yield return message;
        }
    }

    /// <summary>Sends messages back to where they came from, each confirmed by the broker before it leaves the error queue: never lost, at worst there twice.</summary>
    /// <param name="id">Only those of this transition; null for all that rest there now.</param>
    /// <param name="progress">Hears how many are done.</param>
    /// <param name="cancellationToken">Stops; what is not done stays in the error queue.</param>
    /// <returns>How many were sent.</returns>
    public async Task<long> RetryAsync(string? id, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        await using IChannel target = await BrokerConnection.OpenChannelAsync(connection, Window, cancellationToken);

        // The exchange of the queue's name: it must be there before the first message is touched.
        await target.ExchangeDeclarePassiveAsync(queue, cancellationToken);
        return await SettleAsync(
            id, message => target.BasicPublishAsync(queue, message.RoutingKey, mandatory: true, message.Original(), message.Body, cancellationToken), progress, cancellationToken);
    }

    /// <summary>Throws messages away.</summary>
    /// <param name="id">Only those of this transition; null for all that rest there now.</param>
    /// <param name="progress">Hears how many are done.</param>
    /// <param name="cancellationToken">Stops; what is not done stays in the error queue.</param>
    /// <returns>How many were thrown away.</returns>
    public Task<long> DropAsync(string? id, IProgress<long>? progress, CancellationToken cancellationToken) =>
        SettleAsync(id, _ => ValueTask.CompletedTask, progress, cancellationToken);

    private async Task<long> SettleAsync(string? id, Func<ParkedMessage, ValueTask> settle, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        // What is parked from now on is not meant; else a receiver that still refuses would keep this going for ever.
        if (await CountAsync(cancellationToken) is not ({ } count and > 0))
        {
            return 0;
        }

        long done = 0;
        Queue<(ulong Tag, Task Settling)> underWay = new();
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await foreach (ParkedMessage message in TakeAsync(channel, count, id is null ? Window : (ushort)0, cancellationToken))
        {
            if (id is null || message.Id == id)
            {
                underWay.Enqueue((message.DeliveryTag, settle(message).AsTask()));
            }

            while (underWay.Count >= Window / 2 || (underWay.TryPeek(out (ulong, Task Settling) head) && head.Settling.IsCompletedSuccessfully))
            {
                await AcknowledgeAsync();
            }
        }

        while (underWay.Count > 0)
        {
            await AcknowledgeAsync();
        }

        await channel.CloseAsync(cancellationToken);
        return done;

        async Task AcknowledgeAsync()
        {
            (ulong tag, Task settling) = underWay.Dequeue();
            await settling;
            await channel.BasicAckAsync(tag, multiple: false, cancellationToken);
            progress?.Report(++done);
        }
    }

    /// <summary>Takes out exactly so many messages, which go back when the channel is closed unless they are acknowledged.</summary>
    private async IAsyncEnumerable<ParkedMessage> TakeAsync(IChannel channel, long count, ushort prefetch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var messages = Channel.CreateBounded<ParkedMessage>(new BoundedChannelOptions(Window) { SingleReader = true, SingleWriter = true });
        channel.ChannelShutdownAsync += (_, reason) =>
        {
            messages.Writer.TryComplete(reason.Exception ?? new OperationInterruptedException(reason));
            return Task.CompletedTask;
        };
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            // The buffer is the client's and is used again. A reader that is slow holds up the line and not our memory.
            var message = new ParkedMessage(delivery.DeliveryTag, delivery.RoutingKey, new BasicProperties(delivery.BasicProperties), delivery.Body.ToArray());
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
        await channel.BasicConsumeAsync(Name, autoAck: false, consumer, cancellationToken);
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
}
