using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using GlusterBus.Contracts.Entities;

namespace GlusterBus.Contracts.Messages;

/// <summary>The JSON of what collectors publish (<c>schema/observation.v1.json</c>).</summary>
/// <remarks>Written member by member; what is usual is left out. An observation's node and source are its message's and batch's unless it names others.</remarks>
public static class ObservationJson
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>A larger buffer is not kept: only a look at a large cluster needs it, and that is rare.</summary>
    private const int KeptBytes = 1 << 20;

    /// <summary>Written into again and again: batches are large objects, and growing a new buffer for each would cost more than the writing.</summary>
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    public static byte[] Write(ObservationMessage message) => Written(json =>
    {
        Begin(json, message);
        foreach (ObservationBatch batch in message.Batches)
        {
            Write(json, batch, message.Node);
        }

        End(json);
    });

    /// <summary>Writes a message of these batches; those of <paramref name="message"/> itself do not count.</summary>
    public static void Write(ObservationMessage message, IReadOnlyList<OutgoingBatch> batches, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, Plain);
        Begin(json, message);
        foreach (OutgoingBatch outgoing in batches)
        {
            if (outgoing.Batch is { } batch)
            {
                Write(json, batch, message.Node);
            }
            else
            {
                json.WriteRawValue(outgoing.Json.Span, skipInputValidation: true);
            }
        }

        End(json);
    }

    /// <exception cref="FormatException">The bytes are no such message; the text says what is wrong.</exception>
    public static ObservationMessage Parse(ReadOnlySpan<byte> utf8) => ObservationReader.Parse(utf8);

    public static byte[] Write(HeartbeatReply reply)
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("generation"u8, reply.Generation);
            json.WriteBoolean("wantsLook"u8, reply.WantsLook);
            Milliseconds(json, "clockBehindMs"u8, reply.ClockBehind);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="FormatException">The bytes are no such answer.</exception>
    public static HeartbeatReply ParseReply(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            string generation = document.RootElement.GetProperty("generation"u8).GetString() ?? throw new JsonException("'generation' is null");
            return new HeartbeatReply(generation, document.RootElement.GetProperty("wantsLook"u8).GetBoolean())
            {
                ClockBehind = document.RootElement.TryGetProperty("clockBehindMs"u8, out JsonElement behind) ? Milliseconds(behind.GetDouble()) : null,
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FormatException($"not an answer to a heartbeat: {e.Message}", e);
        }
    }

    /// <exception cref="FormatException">No two clocks can be that far apart.</exception>
    internal static TimeSpan Milliseconds(double milliseconds)
    {
        double ticks = Math.Round(milliseconds * TimeSpan.TicksPerMillisecond);
        return Math.Abs(ticks) <= DateTimeOffset.MaxValue.Ticks ? TimeSpan.FromTicks((long)ticks) : throw new FormatException("no two clocks can be as far apart as 'clockBehindMs' says");
    }

    private static byte[] Written(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> buffer = _buffer ?? new ArrayBufferWriter<byte>();
        _buffer = null;
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            write(json);
        }

        byte[] written = buffer.WrittenSpan.ToArray();
        buffer.ResetWrittenCount();
        _buffer = buffer.Capacity <= KeptBytes ? buffer : null;
        return written;
    }

    private static void Begin(Utf8JsonWriter json, ObservationMessage message)
    {
        json.WriteStartObject();
        json.WriteString("cluster"u8, message.Cluster);
        json.WriteString("node"u8, message.Node);
        if (message.Generation is { } generation)
        {
            json.WriteString("generation"u8, generation);
        }

        Milliseconds(json, "clockBehindMs"u8, message.ClockBehind);
        if (message.Heartbeat is { } heartbeat)
        {
            json.WriteStartObject("heartbeat"u8);
            Instant(json, "sentAt"u8, heartbeat.SentAt);
            json.WriteBoolean("hasLooked"u8, heartbeat.HasLooked);
            json.WriteEndObject();
        }

        json.WriteStartArray("batches"u8);
    }

    private static void End(Utf8JsonWriter json)
    {
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ObservationBatch batch, string node)
    {
        string source = batch.Observations.Count > 0 ? batch.Observations[0].Source : batch.Snapshot?.Source ?? "";
        json.WriteStartObject();
        json.WriteString("stream"u8, batch.Stream);
        json.WriteNumber("epoch"u8, batch.Epoch);
        json.WriteString("source"u8, source);
        Optional(json, "traceparent"u8, batch.TraceParent);
        if (batch.Snapshot is { } snapshot)
        {
            json.WriteStartObject("snapshot"u8);
            json.WriteString("witness"u8, snapshot.Witness);
            json.WriteStartArray("scopes"u8);
            foreach (string scope in snapshot.Scopes)
            {
                json.WriteStringValue(scope);
            }

            json.WriteEndArray();
            json.WriteBoolean("isFirst"u8, snapshot.IsFirst);
            Instant(json, "takenAt"u8, snapshot.TakenAt);
            json.WriteString("source"u8, snapshot.Source);
            json.WriteEndObject();
        }

        json.WriteStartArray("observations"u8);
        foreach (Observation observation in batch.Observations)
        {
            Write(json, observation, node, source);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Observation o, string node, string source)
    {
        json.WriteStartObject();
        json.WriteString("entity"u8, o.Entity.Value);
        Optional(json, "state"u8, o.State);
        if (o.Occurrence is { } occurrence)
        {
            json.WriteString("occurrence"u8, occurrence);
            json.WriteString("severity"u8, o.OccurrenceSeverity.Name());
        }

        if (o.Attributes.Count > 0)
        {
            json.WriteStartObject("attributes"u8);
            foreach ((string name, string? value) in o.Attributes)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        Optional(json, "change"u8, o.Change);
        if (o.Unless.Count > 0)
        {
            json.WriteStartArray("unless"u8);
            foreach (string state in o.Unless)
            {
                json.WriteStringValue(state);
            }

            json.WriteEndArray();
        }

        if (o.Weight == Weight.Hint)
        {
            json.WriteBoolean("hint"u8, true);
        }

        if (!o.Trusted)
        {
            json.WriteBoolean("trusted"u8, false);
        }

        Optional(json, "node"u8, o.Node == node ? null : o.Node);
        Optional(json, "source"u8, o.Source == source ? null : o.Source);
        Instant(json, "observedAt"u8, o.ObservedAt);
        json.WriteNumber("sequence"u8, o.Sequence);
        if (o.Count != 1)
        {
            json.WriteNumber("count"u8, o.Count);
        }

        if (o.Evidence is { } evidence)
        {
            Write(json, evidence, o);
        }

        if (o.Actor is { } actor)
        {
            json.WriteStartObject("actor"u8);
            json.WriteString("command"u8, actor.Command);
            json.WriteString("node"u8, actor.Node);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>Evidence is mostly of the observation's own node and time: these are then left out.</summary>
    private static void Write(Utf8JsonWriter json, Evidence evidence, Observation o)
    {
        json.WriteStartObject("evidence"u8);
        json.WriteString("kind"u8, evidence.Kind);
        json.WriteString("text"u8, evidence.Text);
        Optional(json, "where"u8, evidence.Where);
        Optional(json, "node"u8, evidence.Node == o.Node ? null : evidence.Node);
        if (evidence.At != o.ObservedAt)
        {
            Instant(json, "at"u8, evidence.At);
        }

        json.WriteEndObject();
    }

    private static void Instant(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[InstantText.Length];
        InstantText.Write(time, text);
        json.WriteString(name, text);
    }

    /// <summary>To a tenth: no clock is known better.</summary>
    private static void Milliseconds(Utf8JsonWriter json, ReadOnlySpan<byte> name, TimeSpan? time)
    {
        if (time is { } known)
        {
            json.WriteNumber(name, Math.Round(known.TotalMilliseconds, 1));
        }
    }

    private static void Optional(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
