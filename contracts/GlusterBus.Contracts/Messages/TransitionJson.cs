using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using GlusterBus.Contracts.Entities;

namespace GlusterBus.Contracts.Messages;

/// <summary>A transition as CloudEvents 1.0 JSON in structured mode: the public API, described by <c>schema/transition.v1.json</c>.</summary>
/// <remarks>Written member by member, so that the order and the form never depend on a serializer's settings.</remarks>
public static class TransitionJson
{
    /// <summary>What every event type begins with; the kind and the change follow.</summary>
    public const string TypePrefix = "org.glusterbus.";

    /// <summary>The content type of a transition on the wire (CloudEvents, structured mode).</summary>
    public const string ContentType = "application/cloudevents+json";

    /// <summary>The extension attribute that marks what was sent again.</summary>
    public const string ReplayAttribute = "replay";

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The UTF-8 bytes that are archived, signed and sent.</summary>
    public static byte[] Write(Transition transition)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            WriteEvent(json, transition);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="FormatException">The bytes are no transition of this version; the message names the member.</exception>
    public static Transition Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException($"not a GlusterBus transition: {e.Message}", e);
        }
    }

    private static void WriteEvent(Utf8JsonWriter json, Transition t)
    {
        json.WriteStartObject();
        json.WriteString("specversion", "1.0");
        json.WriteString("id", t.Id);
        json.WriteString("source", "/clusters/" + t.Cluster);
        json.WriteString("type", $"{TypePrefix}{t.Entity.Kind}.{t.Change}");
        json.WriteString("subject", t.Entity.Value);
        json.WriteString("time", Time(t.Time));
        json.WriteString("datacontenttype", "application/json");
        json.WriteString("sequence", t.Sequence.ToString(CultureInfo.InvariantCulture));
        Optional(json, "traceparent", t.TraceParent);
        if (t.Replay)
        {
            // An extension attribute of CloudEvents, so that a router or a consumer sees it without knowing our data.
            json.WriteBoolean(ReplayAttribute, true);
        }

        json.WriteStartObject("data");
        json.WriteString("change", t.Change);
        Optional(json, "occurrence", t.Occurrence);
        Optional(json, "previous", t.Previous);
        Optional(json, "current", t.Current);
        json.WriteString("severity", t.Severity.Name());
        json.WriteString("reason", t.Reason.Name());
        json.WriteString("reasonText", t.Reason.Text());
        Optional(json, "cause", t.Cause);
        json.WriteStartObject("changed");
        foreach ((string name, AttributeChange change) in t.Changed)
        {
            json.WriteStartObject(name);
            json.WriteString("from", change.From);
            json.WriteString("to", change.To);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartObject("attributes");
        foreach ((string name, string value) in t.Attributes)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteStartArray("evidence");
        foreach (Evidence evidence in t.Evidence)
        {
            json.WriteStartObject();
            json.WriteString("kind", evidence.Kind);
            json.WriteString("text", evidence.Text);
            Optional(json, "where", evidence.Where);
            json.WriteString("node", evidence.Node);
            json.WriteString("at", Time(evidence.At));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("observers");
        foreach (string observer in t.Observers)
        {
            json.WriteStringValue(observer);
        }

        json.WriteEndArray();
        if (t.Actor is { } actor)
        {
            json.WriteStartObject("actor");
            json.WriteString("command", actor.Command);
            json.WriteString("node", actor.Node);
            json.WriteEndObject();
        }

        json.WriteBoolean("trusted", t.Trusted);
        json.WriteString("recordedAt", Time(t.RecordedAt));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static Transition Read(JsonElement root)
    {
        JsonElement data = root.GetProperty("data");
        string source = root.GetProperty("source").GetString()!;
        return new Transition
        {
            Cluster = source["/clusters/".Length..],
            Entity = EntityId.Parse(root.GetProperty("subject").GetString()!),
            Sequence = long.Parse(root.GetProperty("sequence").GetString()!, NumberStyles.None, CultureInfo.InvariantCulture),
            Change = data.GetProperty("change").GetString()!,
            Occurrence = Text(data, "occurrence"),
            Previous = Text(data, "previous"),
            Current = Text(data, "current"),
            Severity = Severities.Parse(data.GetProperty("severity").GetString()!),
            Reason = TransitionReasons.Parse(data.GetProperty("reason").GetString()!),
            Cause = Text(data, "cause"),
            Changed = data.GetProperty("changed").EnumerateObject().ToDictionary(
                p => p.Name, p => new AttributeChange(Text(p.Value, "from"), Text(p.Value, "to")), StringComparer.Ordinal),
            Attributes = data.GetProperty("attributes").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal),
            Evidence = [.. data.GetProperty("evidence").EnumerateArray().Select(e => new Evidence(
                e.GetProperty("kind").GetString()!, e.GetProperty("text").GetString()!, Text(e, "where"), e.GetProperty("node").GetString()!, Instant(e, "at")))],
            Observers = [.. data.GetProperty("observers").EnumerateArray().Select(o => o.GetString()!)],
            Actor = data.TryGetProperty("actor", out JsonElement actor) ? new Actor(actor.GetProperty("command").GetString()!, actor.GetProperty("node").GetString()!) : null,
            Trusted = data.GetProperty("trusted").GetBoolean(),
            TraceParent = TraceParents.Checked(Text(root, "traceparent")),
            Replay = root.TryGetProperty(ReplayAttribute, out JsonElement replay) && replay.GetBoolean(),
            Time = Instant(root, "time"),
            RecordedAt = Instant(data, "recordedAt"),
        };
    }

    /// <summary>RFC 3339 in UTC with microseconds, as Gluster's own logs have.</summary>
    public static string Time(DateTimeOffset time) => InstantText.Of(time);

    private static DateTimeOffset Instant(JsonElement element, string name) =>
        DateTimeOffset.Parse(element.GetProperty(name).GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static void Optional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
