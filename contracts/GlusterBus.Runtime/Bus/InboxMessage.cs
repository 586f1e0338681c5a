using System.Text;
using GlusterBus.Contracts.Messages;
using RabbitMQ.Client;

namespace GlusterBus.Runtime.Bus;

/// <summary>One delivery of a queue. It stays with the broker until it is acknowledged.</summary>
public sealed class InboxMessage
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal InboxMessage(InboxSession session, ulong deliveryTag, bool redelivered, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body)
    {
        Session = session;
        DeliveryTag = deliveryTag;
        Redelivered = redelivered;
        RoutingKey = routingKey;
        Properties = properties;
        Body = body;
    }

    public InboxSession Session { get; }

    /// <summary>Its place in the session, from 1, without gaps.</summary>
    public ulong DeliveryTag { get; }

    /// <summary>True when the broker has handed it out before.</summary>
    public bool Redelivered { get; }

    public string RoutingKey { get; }

    public IReadOnlyBasicProperties Properties { get; }

    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>What the receiver made of the body, on the thread that received it: parsing is not bound to the order.</summary>
    public object? Content { get; internal set; }

    /// <summary>The W3C trace context of its header; null when there is none that can be read.</summary>
    public string? TraceParent => Properties.Headers?.TryGetValue(Telemetry.Telemetry.TraceParentHeader, out object? value) == true
        ? TraceParents.Checked(value is byte[] ascii ? Encoding.ASCII.GetString(ascii) : value as string)
        : null;

    internal Task Done => _done.Task;

    /// <summary>Tells the broker that it is done with. Without effect when the session is over: then it comes again.</summary>
    public void Acknowledge()
    {
        Session.Acknowledging();
        if (!_done.TrySetResult())
        {
            Session.Acknowledged();
        }
    }
}
