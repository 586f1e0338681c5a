using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using Microsoft.AspNetCore.Http;

namespace GlusterBus.Host.Api;

/// <summary>The forms of an answer: a JSON array, one JSON object a line, plain text, a problem.</summary>
internal static class ApiAnswer
{
    public const string Lines = "application/x-ndjson";
    public const string Events = "text/event-stream";

    /// <summary>Carries the position of the last transition of an answer: the <c>after</c> of the next request.</summary>
    public const string PositionHeader = "GlusterBus-Position";

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static bool Wants(HttpRequest request, string contentType) =>
        request.Headers.Accept.Any(v => v?.Contains(contentType, StringComparison.OrdinalIgnoreCase) == true);

    public static async Task TextAsync(HttpContext context, int status, string contentType, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        await context.Response.WriteAsync(text, context.RequestAborted);
    }

    /// <summary><c>{"error": …}</c>.</summary>
    public static async Task ProblemAsync(HttpContext context, int status, string error)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("error", error);
            json.WriteEndObject();
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        await context.Response.BodyWriter.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }

    /// <summary>A list as the client asked for it: an array, or a line for each element.</summary>
    public static async Task ListAsync(HttpContext context, IEnumerable<ReadOnlyMemory<byte>> elements)
    {
        bool lines = Wants(context.Request, Lines);
        context.Response.ContentType = lines ? Lines : "application/json";
        IBufferWriter<byte> output = context.Response.BodyWriter;
        int pending = 0;
        bool first = true;
        if (!lines)
        {
            output.Write("["u8);
        }

        foreach (ReadOnlyMemory<byte> element in elements)
        {
            output.Write(first || lines ? ""u8 : ","u8);
            output.Write(element.Span);
            output.Write(lines ? "\n"u8 : ""u8);
            first = false;
            pending += element.Length;
            if (pending > 64 * 1024)
            {
                await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
                pending = 0;
            }
        }

        output.Write(lines ? ""u8 : "]\n"u8);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>One row of the state table.</summary>
    public static ReadOnlyMemory<byte> Json(EntityState state)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("entity", state.Entity.Value);
            json.WriteString("state", state.State);
            json.WriteString("severity", state.Severity.Name());
            json.WriteNumber("sequence", state.Sequence);
            json.WriteString("since", state.Since is { } since ? TransitionJson.Time(since) : null);
            json.WriteStartObject("attributes");
            foreach ((string name, string value) in state.Attributes)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Who answers, how far back it knows, and the vocabulary: each kind with its states and what they mean.</summary>
    public static ReadOnlyMemory<byte> About(string role, string cluster, string version, DateTimeOffset now, DateTimeOffset? knownSince)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("role", role);
            json.WriteString("cluster", cluster);
            json.WriteString("version", version);
            json.WriteString("time", TransitionJson.Time(now));
            Optional(json, "knownSince", knownSince is { } since ? TransitionJson.Time(since) : null);
            json.WriteStartObject("kinds");
            foreach (EntityKind kind in EntityKinds.All.OrderBy(kind => kind.Name, StringComparer.Ordinal))
            {
                json.WriteStartObject(kind.Name);
                json.WriteString("summary", kind.Summary);
                Optional(json, "gone", kind.GoneState);
                json.WriteStartObject("states");
                foreach ((string state, Severity severity) in kind.States.OrderBy(state => state.Key, StringComparer.Ordinal))
                {
                    json.WriteString(state, severity.Name());
                }

                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>What became of injected observations.</summary>
    public static ReadOnlyMemory<byte> Json(IReadOnlyList<EmitResult> results)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteStartArray("results");
            foreach (EmitResult result in results)
            {
                json.WriteStartObject();
                json.WriteString("entity", result.Observation.Entity.Value);
                Optional(json, "state", result.Observation.State);
                Optional(json, "occurrence", result.Observation.Occurrence);
                json.WriteString("source", result.Observation.Source);
                json.WriteString("outcome", result.Outcome);
                if (result.Transition is { } transition)
                {
                    json.WritePropertyName("transition");
                    json.WriteRawValue(TransitionJson.Write(transition));
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void Optional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
