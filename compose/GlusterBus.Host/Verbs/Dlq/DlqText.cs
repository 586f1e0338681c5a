using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GlusterBus.Contracts.Messages;
using GlusterBus.Notifiers.Broker;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Text;

namespace GlusterBus.Host.Verbs.Dlq;

/// <summary>How parked messages are written. Whoever may publish may have made them, so nothing here trusts their contents.</summary>
internal static class DlqText
{
    /// <summary>A message over several lines, for people.</summary>
    public static string Of(ParkedMessage message)
    {
        string deliveries = message.Deliveries is { } count ? string.Create(CultureInfo.InvariantCulture, $", handed out {(count == 1 ? "once" : $"{count} times")}") : "";
        string parked = message.ParkedAt is { } at ? Time(at) : "at an unknown time";
        return string.Join('\n',
        [
            message.Id.Length > 0 ? Visible(message.Id) : "(without an id)",
            $"  reason  {Visible(message.Reason)}",
            $"  parked  {parked}{deliveries}",
            .. message.Transition is { } transition ? [$"  tells   {Visible(TransitionText.Line(transition))}"] : Array.Empty<string>(),
            $"  body    {message.BodyText}",
        ]);
    }

    /// <summary>A message as one line of JSON; its body is JSON where it is that, else a text.</summary>
    public static string Json(ParkedMessage message) => new JsonObject
    {
        ["id"] = message.Id.Length > 0 ? message.Id : null,
        ["reason"] = message.Reason,
        ["parkedAt"] = message.ParkedAt is { } at ? TransitionJson.Time(at) : null,
        ["deliveries"] = message.Deliveries,
        ["body"] = Body(message),
    }.ToJsonString(Spelling.Readable);

    /// <summary>To the second, in UTC as everywhere.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>On one line, and without what would steer a terminal.</summary>
    public static string Visible(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '·' : c));

    private static JsonNode? Body(ParkedMessage message)
    {
        try
        {
            return JsonNode.Parse(message.Body.Span);
        }
        catch (JsonException)
        {
            return JsonValue.Create(message.BodyText);
        }
    }
}
