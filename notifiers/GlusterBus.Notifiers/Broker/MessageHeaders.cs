using System.Collections;
using System.Globalization;
using System.Text;
using RabbitMQ.Client;

namespace GlusterBus.Notifiers.Broker;

/// <summary>Reads the headers of messages. Whoever may publish may have written them, so nothing here throws.</summary>
internal static class MessageHeaders
{
    /// <summary>The W3C trace context.</summary>
    public const string TraceParent = "traceparent";

    private const string Deaths = "x-death";

    /// <summary>A header's text; null when there is none.</summary>
    public static string? Text(IReadOnlyBasicProperties properties, string name) => Text(properties.Headers, name);

    /// <summary>How often a quorum queue has handed it out before.</summary>
    public static long Deliveries(IReadOnlyBasicProperties properties) => Number(properties.Headers, "x-delivery-count") ?? 0;

    /// <summary>Why, when and how often the broker itself moved the message, the last time; null when it never did.</summary>
    public static (string Reason, DateTimeOffset? At, long Count)? Death(IReadOnlyBasicProperties properties)
    {
        if (properties.Headers?.TryGetValue(Deaths, out object? value) != true || value is not IList { Count: > 0 } deaths || deaths[0] is not IDictionary<string, object?> last)
        {
            return null;
        }

        DateTimeOffset? at = last.TryGetValue("time", out object? time) && time is AmqpTimestamp { UnixTime: >= 0 and < 253_402_300_800 } stamp ? DateTimeOffset.FromUnixTimeSeconds(stamp.UnixTime) : null;
        return (Text(last, "reason") ?? "", at, Number(last, "count") ?? 1);
    }

    public static long? Number(IEnumerable<KeyValuePair<string, object?>>? headers, string name) => Value(headers, name) switch
    {
        long number => number,
        int number => number,
        _ => null,
    };

    /// <summary>The headers without those that tell of a parking.</summary>
    public static Dictionary<string, object?> WithoutParking(IReadOnlyBasicProperties properties) => new((properties.Headers ?? new Dictionary<string, object?>())
        .Where(h => !h.Key.StartsWith("glusterbus-reason", StringComparison.Ordinal)
            && h.Key is not (Contracts.Topology.BrokerNames.ParkedAtHeader or Contracts.Topology.BrokerNames.DeliveriesHeader or Deaths or "x-delivery-count")
            && !h.Key.StartsWith("x-first-death-", StringComparison.Ordinal) && !h.Key.StartsWith("x-last-death-", StringComparison.Ordinal)));

    private static string? Text(IEnumerable<KeyValuePair<string, object?>>? headers, string name) => Value(headers, name) switch
    {
        byte[] utf8 => Encoding.UTF8.GetString(utf8),
        string text => text,
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };

    private static object? Value(IEnumerable<KeyValuePair<string, object?>>? headers, string name) =>
        headers is IDictionary<string, object?> map && map.TryGetValue(name, out object? value) ? value : null;
}
