using System.Threading.Channels;
using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace GlusterBus.Runtime.Bus;

/// <summary>The receiving end of one queue: deliveries in the order of the queue, acknowledged one by one when their receiver says so.</summary>
/// <remarks>A filter at the very front of MassTransit's receive pipe: bodies are read by our own readers, so that a body that is no JSON is our
/// decision, and nothing is moved to a queue of the framework's choice.</remarks>
public sealed class Inbox : IFilter<ReceiveContext>, IReceiveObserver
{
    private readonly Func<InboxMessage, object?> _read;
    private readonly Channel<InboxMessage> _messages = Channel.CreateUnbounded<InboxMessage>(new UnboundedChannelOptions { SingleReader = true });
    // By channel: a delivery may come before the consumer has been told its tag.
    private readonly Dictionary<IChannel, InboxSession> _sessions = new(ReferenceEqualityComparer.Instance);
    private bool _isStopped;

    /// <param name="read">Makes <see cref="InboxMessage.Content"/> of a body; runs on several threads at once and must not throw.</param>
    public Inbox(Func<InboxMessage, object?>? read = null)
    {
        _read = read ?? (static _ => null);
    }

    /// <summary>The messages in order. Those of a session that has ended meanwhile may still come: look at <see cref="InboxSession.Ended"/>.</summary>
    public ChannelReader<InboxMessage> Messages => _messages.Reader;

    /// <summary>What it receives; null until it does.</summary>
    internal QueueDescription? Queue { get; set; }

    /// <summary>The sessions that are open.</summary>
    public IReadOnlyCollection<InboxSession> Sessions
    {
        get
        {
            lock (_sessions)
            {
                return [.. _sessions.Values];
            }
        }
    }

    /// <summary>Ends the sessions there are and every one that the bus may yet open.</summary>
    internal async Task StopAsync()
    {
        lock (_sessions)
        {
            _isStopped = true;
        }

        foreach (InboxSession session in Sessions)
        {
            await session.CloseAsync();
        }
    }

    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        var delivery = (RabbitMqBasicConsumeContext)context;
        InboxSession session = SessionOf(context);

        // A copy: the buffer belongs to the client and is used again.
        var message = new InboxMessage(session, delivery.DeliveryTag, context.Redelivered, delivery.RoutingKey ?? "", delivery.Properties, context.Body.GetBytes());
        message.Content = _read(message);
        context.GetOrAddPayload(() => message);
        session.Order(message, ready => _messages.Writer.TryWrite(ready));

        // Returning acknowledges. When the channel is closed, neither that nor giving back reaches the broker any more.
        await message.Done.WaitAsync(session.Closed);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("glusterbus-inbox");

    Task IReceiveObserver.PreReceive(ReceiveContext context) => Task.CompletedTask;

    /// <summary>The acknowledgement has left.</summary>
    Task IReceiveObserver.PostReceive(ReceiveContext context) => OnAcknowledged(context);

    Task IReceiveObserver.ReceiveFault(ReceiveContext context, Exception exception) => OnAcknowledged(context);

    Task IReceiveObserver.PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) => Task.CompletedTask;

    Task IReceiveObserver.ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) => Task.CompletedTask;

    private static Task OnAcknowledged(ReceiveContext context)
    {
        if (context.TryGetPayload(out InboxMessage? message) && message.Done.IsCompletedSuccessfully)
        {
            message.Session.Acknowledged();
        }

        return Task.CompletedTask;
    }

    private InboxSession SessionOf(ReceiveContext context)
    {
        ChannelContext channel = context.GetPayload<ChannelContext>();
        lock (_sessions)
        {
            if (_sessions.TryGetValue(channel.Channel, out InboxSession? known))
            {
                return known;
            }

            var session = new InboxSession(channel.Channel, channel.ConnectionContext.Connection, Queue);
            _sessions.Add(channel.Channel, session);
            session.Closed.Register(() =>
            {
                lock (_sessions)
                {
                    _sessions.Remove(channel.Channel);
                }
            });
            if (_isStopped)
            {
                // The bus came back between the end of the last session and its own.
                _ = session.CloseAsync();
            }

            return session;
        }
    }
}
