using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Pipeline;

namespace GlusterBus.Host.Api.Streams;

/// <summary>What the stream sends, each one JSON object (docs/api.md).</summary>
internal static class StreamMessages
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary><c>{"position":17,"subscribed":{…}}</c>: what is told from now on, and from where.</summary>
    public static void Subscribed(IBufferWriter<byte> output, long position, TransitionFilter filter)
    {
        using var json = new Utf8JsonWriter(output, Plain);
        json.WriteStartObject();
        json.WriteNumber("position", position);
        json.WriteStartObject("subscribed");
        List(json, "entity", filter.Entities);
        List(json, "channel", filter.Channels);
        json.WriteString("severity", (filter.MinimumSeverity ?? Severity.Ok).Name());
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary><c>{"position":18,"transitions":[…]}</c>: the position counts for all of them together; without any it is a sign of life.</summary>
    public static void Batch(IBufferWriter<byte> output, FeedBatch batch)
    {
        using var json = new Utf8JsonWriter(output, Plain);
        json.WriteStartObject();
        json.WriteNumber("position", batch.Position);
        if (batch.Missed)
        {
            json.WriteBoolean("missed", true);
        }

        if (batch.Transitions.Count > 0)
        {
            json.WriteStartArray("transitions");
            foreach (ArchivedTransition transition in batch.Transitions)
            {
                json.WriteRawValue(transition.Json.Span, skipInputValidation: true);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary><c>{"error":"…"}</c>: a message of the client's was not understood; what was subscribed before stays.</summary>
    public static void Error(IBufferWriter<byte> output, string text)
    {
        using var json = new Utf8JsonWriter(output, Plain);
        json.WriteStartObject();
        json.WriteString("error", text);
        json.WriteEndObject();
    }

    private static void List(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
