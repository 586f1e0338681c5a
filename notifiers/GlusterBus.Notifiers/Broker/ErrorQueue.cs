using System.Runtime.CompilerServices;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace GlusterBus.Notifiers.Broker;

/// <summary>An error queue, looked at and emptied by hand. Looking takes messages out and gives them back, which keeps their order.</summary>
/// <remarks>RabbitMQ hands out first what was given back, in the order in which that happened. A look therefore goes on until it meets a message that nobody has
/// looked at yet: it then holds all that had been given back, and gives it back as a whole.</remarks>
/// <param name="connection">To the broker; stays the caller's.</param>
/// <param name="queue">The queue whose error queue it is: a notifier's, or <see cref="BrokerNames.Observations"/>.</param>
/// <param name="clock">Bounds the wait for messages that somebody else holds.</param>
public sealed class ErrorQueue(IConnection connection, string queue, TimeProvider clock)
{
    /// <summary>How many messages are under way between the queues at once.</summary>
    private const ushort Window = 256;

    /// <summary>An empty queue is asked so often: a busy broker that could not count within a quarter of a second says 0, too.</summary>
    private const int Recounts = 4;

    private static readonly TimeSpan Recount = TimeSpan.FromMilliseconds(100);

    /// <summary>How many messages are taken out at once where all of them must be looked at.</summary>
    private const ushort Page = 10_000;

    /// <summary>Into how many queues the clusters are spread: where an observation message goes back to hangs on it. The default is that of the configuration.</summary>
    public int Partitions { get; init; } = new RabbitMqOptions().Partitions;

    /// <summary>The name on the broker.</summary>
    public string Name { get; } = BrokerNames.ErrorQueue(queue);

    /// <summary>How many messages rest in it and are in nobody's hands; null when it does not exist, which means that nothing was ever parked.</summary>
    public async Task<uint?> CountAsync(CancellationToken cancellationToken)
    {
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            uint count = await channel.MessageCountAsync(Name, cancellationToken);
            for (int asked = 1; count == 0 && asked < Recounts; asked++)
            {
                await Task.Delay(Recount, clock, cancellationToken);
                count = await channel.MessageCountAsync(Name, cancellationToken);
            }

            return count;
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

        await using var look = new QueueLook(connection, Name, clock);
        ushort first = (ushort)Math.Clamp(most, 1, Math.Min(count, Page));
        long taken = 0;
        await foreach (ParkedMessage message in AllAsync(look, count, first, cancellationToken))
        {
            if (taken < most)
            {
                yield return message;
            }

            // The pages are handed out as wholes: only their last message tells what is left behind.
            taken++;
            if (taken >= most && !message.WasLookedAt && (taken == first || (taken - first) % Page == 0))
            {
                break;
            }
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
            id,
            message => target.BasicPublishAsync(queue, ReturnAddress.RoutingKey(queue, message, Partitions), mandatory: true, message.Original(), message.Body, cancellationToken),
            progress,
            cancellationToken);
    }

    /// <summary>Throws messages away.</summary>
    /// <param name="id">Only those of this transition; null for all that rest there now.</param>
    /// <param name="progress">Hears how many are done.</param>
    /// <param name="cancellationToken">Stops; what is not done stays in the error queue.</param>
    /// <returns>How many were thrown away.</returns>
    public Task<long> DropAsync(string? id, IProgress<long>? progress, CancellationToken cancellationToken) =>
        SettleAsync(id, _ => ValueTask.CompletedTask, progress, cancellationToken);

    private Task<long> SettleAsync(string? id, Func<ParkedMessage, ValueTask> settle, IProgress<long>? progress, CancellationToken cancellationToken) =>
        id is null ? SettleAllAsync(settle, progress, cancellationToken) : SettleOneAsync(id, settle, progress, cancellationToken);

    private async Task<long> SettleAllAsync(Func<ParkedMessage, ValueTask> settle, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        // What is parked from now on is not meant; else a receiver that still refuses would keep this going for ever.
        uint count = await CountAsync(cancellationToken) ?? 0;
        long done = 0;
        if (count == 0)
        {
            return 0;
        }

        Queue<(ParkedMessage Message, Task Settling)> underWay = new();
        await using var look = new QueueLook(connection, Name, clock);
        await foreach (ParkedMessage message in look.TakeAsync(count, Window, cancellationToken))
        {
            underWay.Enqueue((message, settle(message).AsTask()));
            while (underWay.Count >= Window / 2 || (underWay.TryPeek(out (ParkedMessage, Task Settling) head) && head.Settling.IsCompletedSuccessfully))
            {
                await FinishAsync();
            }
        }

        while (underWay.Count > 0)
        {
            await FinishAsync();
        }

        return done;

        async Task FinishAsync()
        {
            (ParkedMessage message, Task settling) = underWay.Dequeue();
            await settling;
            await message.AcknowledgeAsync(cancellationToken);
            done++;
            progress?.Report(done);
        }
    }

    private async Task<long> SettleOneAsync(string id, Func<ParkedMessage, ValueTask> settle, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        uint count = await CountAsync(cancellationToken) ?? 0;
        long done = 0;
        await using var look = new QueueLook(connection, Name, clock);
        List<ParkedMessage> found = [];
        await foreach (ParkedMessage message in AllAsync(look, count, Page, cancellationToken))
        {
            if (message.Id == id)
            {
                found.Add(message);
            }
        }

        // Only now: an acknowledgement makes room for further messages in a page that has been read.
        foreach (ParkedMessage message in found)
        {
            await settle(message);
            await message.AcknowledgeAsync(cancellationToken);
            done++;
            progress?.Report(done);
        }

        return done;
    }

    /// <summary>Takes out so many messages, page by page, and acknowledges none.</summary>
    private static async IAsyncEnumerable<ParkedMessage> AllAsync(QueueLook look, long count, ushort first, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long left = count;
        for (long page = Math.Min(first, left); left > 0; page = Math.Min(Page, left))
        {
            long taken = 0;
            await foreach (ParkedMessage message in look.TakeAsync(page, (ushort)page, cancellationToken))
            {
                taken++;
                yield return message;
            }

            if (taken < page)
            {
                // The rest is in somebody else's hands.
                yield break;
            }

            left -= taken;
        }
    }
}
