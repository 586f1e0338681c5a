using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GlusterBus.Pipeline.Tests.Receivers;

/// <summary>What Slack's reference of incoming webhooks and of secondary attachments demands of a message.</summary>
internal static partial class SlackRules
{
    private static readonly string[] MessageKeys = ["text", "attachments", "blocks", "thread_ts", "mrkdwn", "username", "icon_emoji", "icon_url", "channel"];

    private static readonly string[] AttachmentKeys =
        ["color", "fallback", "pretext", "author_name", "author_link", "author_icon", "title", "title_link", "text", "fields", "image_url", "thumb_url", "footer", "footer_icon", "ts", "mrkdwn_in", "blocks"];

    /// <summary>Slack's own word for what is wrong, with the place; null when the message is taken.</summary>
    public static string? Refusal(string contentType, string body)
    {
        if (!contentType.StartsWith("application/json", StringComparison.Ordinal))
        {
            return "invalid_payload: content type";
        }

        JsonObject? message;
        try
        {
            message = JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            message = null;
        }

        if (message is null || Unknown(message, MessageKeys) is not null)
        {
            return "invalid_payload: " + (message is null ? "no object" : Unknown(message, MessageKeys));
        }

        bool hasText = message["text"] is { } text && IsText(text, 40_000) && (string?)text != "";
        if (!hasText && message["blocks"] is not JsonArray)
        {
            return "no_text";
        }

        if (IsCalling(body))
        {
            return "a value calls people: it was not escaped";
        }

        return (message["attachments"] as JsonArray)?.Count > 100 ? "too_many_attachments"
            : (message["attachments"] as JsonArray)?.Select(Attachment).FirstOrDefault(refusal => refusal is not null);
    }

    private static string? Attachment(JsonNode? node) => node switch
    {
        not JsonObject => "invalid_attachments: no object",
        JsonObject a when Unknown(a, AttachmentKeys) is { } key => "invalid_attachments: " + key,
        JsonObject a when a["color"] is { } color && !Colour().IsMatch((string?)color ?? "") => "invalid_attachments: color",
        JsonObject a when a["ts"] is { } ts && ts.GetValueKind() != JsonValueKind.Number => "invalid_attachments: ts",
        JsonObject a when a["footer"] is { } footer && !IsText(footer, 300) => "invalid_attachments: footer",
        JsonObject a when new[] { "fallback", "pretext", "title", "text" }.Any(key => a[key] is { } text && !IsText(text, 7_900)) => "invalid_attachments: text",
        JsonObject a when a["fields"] is { } fields && !((JsonArray)fields).All(IsField) => "invalid_attachments: fields",
        _ => null,
    };

    private static bool IsField(JsonNode? node) =>
        node is JsonObject field && Unknown(field, ["title", "value", "short"]) is null && IsText(field["title"], 300) && IsText(field["value"], 2_000)
        && field["short"]?.GetValueKind() is null or JsonValueKind.True or JsonValueKind.False;

    private static bool IsText(JsonNode? node, int most) => node?.GetValueKind() == JsonValueKind.String && ((string)node!).Length <= most;

    private static string? Unknown(JsonObject section, string[] known) => section.Select(member => member.Key).FirstOrDefault(key => !known.Contains(key));

    private static bool IsCalling(string body) => body.Contains("<!", StringComparison.Ordinal) || body.Contains("<@", StringComparison.Ordinal);

    [GeneratedRegex("^(good|warning|danger|#[0-9a-fA-F]{6})$")]
    private static partial Regex Colour();
}
