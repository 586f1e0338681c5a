using System.Globalization;
using System.Text;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using RabbitMQ.Client;

namespace GlusterBus.Notifiers.Broker;

/// <summary>A message that rests in an error queue.</summary>
public sealed class ParkedMessage
{
    private readonly Grip _grip;
    private readonly ulong _deliveryTag;
    private readonly Lazy<Transition?> _transition;
    private readonly Lazy<ReadOnlyMemory<byte>> _content;

    internal ParkedMessage(Grip grip, ulong deliveryTag, bool wasLookedAt, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body)
    {
        _grip = grip;
        _deliveryTag = deliveryTag;
        WasLookedAt = wasLookedAt;
        RoutingKey = routingKey;
        Properties = properties;
        Body = body;
        _transition = new Lazy<Transition?>(Parse);
        _content = new Lazy<ReadOnlyMemory<byte>>(Expand);
        (string Reason, DateTimeOffset? At, long Count)? death = MessageHeaders.Death(properties);
        Reason = MessageHeaders.Text(properties, BrokerNames.ReasonHeader) ?? (death is { } known ? OfDeath(known.Reason) : "no reason is given");
        ParkedAt = death?.At;
        if (DateTimeOffset.TryParse(MessageHeaders.Text(properties, BrokerNames.ParkedAtHeader), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at))
        {
            ParkedAt = at;
        }

        Deliveries = MessageHeaders.Number(properties.Headers, BrokerNames.DeliveriesHeader) ?? (death is { Reason: DeliveryLimit } ? NotifierTopology.DeliveryLimit : null);
    }

    private const string DeliveryLimit = "delivery_limit";

    /// <summary>The transition's id; an empty text when the message has none.</summary>
    public string Id => Properties.MessageId is { Length: > 0 } id ? id : Transition?.Id ?? "";

    /// <summary>Why it was parked, for people.</summary>
    public string Reason { get; }

    /// <summary>When; null when nobody noted it.</summary>
    public DateTimeOffset? ParkedAt { get; }

    /// <summary>How often it had been handed out by then; null when nobody noted it.</summary>
    public long? Deliveries { get; }

    /// <summary>The body, parsed; null when it is no transition.</summary>
    public Transition? Transition => _transition.Value;

    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>The body, expanded when it came compressed; as it is when it can't be expanded.</summary>
    internal ReadOnlyMemory<byte> Content => _content.Value;

    /// <summary>True when it was taken out before and given back.</summary>
    internal bool WasLookedAt { get; }

    internal string RoutingKey { get; }

    internal IReadOnlyBasicProperties Properties { get; }

    /// <summary>The body as text, whatever it is, with its control characters made visible.</summary>
    public string BodyText => string.Concat(Encoding.UTF8.GetString(Content.Span).Select(c => char.IsControl(c) ? "·" : c.ToString()));

    /// <summary>Takes it out of the error queue for good.</summary>
    internal ValueTask AcknowledgeAsync(CancellationToken cancellationToken) => _grip.AcknowledgeAsync(_deliveryTag, cancellationToken);

    /// <summary>The message as it was before it was parked.</summary>
    internal BasicProperties Original() => new(Properties) { Persistent = true, Headers = MessageHeaders.WithoutParking(Properties) };

    private static string OfDeath(string reason) => reason == DeliveryLimit
        ? string.Create(CultureInfo.InvariantCulture, $"delivered {NotifierTopology.DeliveryLimit} times without an answer")
        : $"the broker moved it here: {reason}";

    private ReadOnlyMemory<byte> Expand()
    {
        try
        {
            return CompressedBody.Read(Properties, Body, static body => body.ToArray());
        }
        catch (FormatException)
        {
            // That may be why it was parked.
            return Body;
        }
    }

    private Transition? Parse()
    {
        try
        {
            return TransitionJson.Parse(Body.Span);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
