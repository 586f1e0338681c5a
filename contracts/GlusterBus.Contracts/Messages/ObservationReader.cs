using System.Text.Json;

namespace GlusterBus.Contracts.Messages;

/// <summary>Reads an <see cref="ObservationMessage"/> in one pass. Members that it does not know are passed over: a newer collector may say more.</summary>
internal ref partial struct ObservationReader
{
    private Utf8JsonReader _json;
    private string _node = "";
    private string _source = "";
    private readonly RepeatedTexts _texts = RepeatedTexts.OfThisThread;

    private ObservationReader(ReadOnlySpan<byte> utf8)
    {
        _json = new Utf8JsonReader(utf8);
    }

    public static ObservationMessage Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new ObservationReader(utf8);
        try
        {
            return reader.ReadMessage();
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or OverflowException)
        {
            throw new FormatException($"not an observation message: {e.Message} (at byte {reader._json.TokenStartIndex})", e);
        }
    }

    private ObservationMessage ReadMessage()
    {
        string? cluster = null;
        string? node = null;
        string? generation = null;
        TimeSpan? clockBehind = null;
        Heartbeat? heartbeat = null;
        List<ObservationBatch> batches = [];
        Begin(JsonTokenType.StartObject, "the message");
        while (NextMember())
        {
            if (_json.ValueTextEquals("cluster"u8))
            {
                cluster = Text();
            }
            else if (_json.ValueTextEquals("node"u8))
            {
                node = _node = Text();
            }
            else if (_json.ValueTextEquals("generation"u8))
            {
                generation = Text();
            }
            else if (_json.ValueTextEquals("clockBehindMs"u8))
            {
                clockBehind = Milliseconds();
            }
            else if (_json.ValueTextEquals("heartbeat"u8))
            {
                heartbeat = ReadHeartbeat();
            }
            else if (_json.ValueTextEquals("batches"u8))
            {
                Begin(JsonTokenType.StartArray, "batches");
                while (NextElement())
                {
                    batches.Add(ReadBatch());
                }
            }
            else
            {
                Skip();
            }
        }

        // Reading on finds what stands behind the message: nothing may.
        _json.Read();
        return new ObservationMessage
        {
            Cluster = cluster ?? throw Missing("cluster"),
            Node = node ?? throw Missing("node"),
            Generation = generation,
            ClockBehind = clockBehind,
            Heartbeat = heartbeat,
            Batches = batches,
        };
    }

    private Heartbeat ReadHeartbeat()
    {
        DateTimeOffset? sentAt = null;
        bool hasLooked = false;
        Begin(JsonTokenType.StartObject, "heartbeat");
        while (NextMember())
        {
            if (_json.ValueTextEquals("sentAt"u8))
            {
                sentAt = Instant();
            }
            else if (_json.ValueTextEquals("hasLooked"u8))
            {
                hasLooked = Flag();
            }
            else
            {
                Skip();
            }
        }

        return new Heartbeat(sentAt ?? throw Missing("heartbeat.sentAt"), hasLooked);
    }

    /// <summary>The reader stands on the batch's opening brace.</summary>
    private ObservationBatch ReadBatch()
    {
        string? stream = null;
        long? epoch = null;
        string? traceParent = null;
        Snapshot? snapshot = null;
        List<Observation> observations = [];
        _source = "";
        Expect(JsonTokenType.StartObject, "a batch");
        while (NextMember())
        {
            if (_json.ValueTextEquals("stream"u8))
            {
                stream = Text();
            }
            else if (_json.ValueTextEquals("epoch"u8))
            {
                epoch = Number();
            }
            else if (_json.ValueTextEquals("source"u8))
            {
                _source = Text();
            }
            else if (_json.ValueTextEquals("snapshot"u8))
            {
                snapshot = ReadSnapshot();
            }
            else if (_json.ValueTextEquals("traceparent"u8))
            {
                traceParent = TraceParents.Checked(Text());
            }
            else if (_json.ValueTextEquals("observations"u8))
            {
                Begin(JsonTokenType.StartArray, "observations");
                while (NextElement())
                {
                    observations.Add(ReadObservation());
                }
            }
            else
            {
                Skip();
            }
        }

        return new ObservationBatch { Stream = stream ?? throw Missing("stream"), Epoch = epoch ?? throw Missing("epoch"), Observations = observations, Snapshot = snapshot, TraceParent = traceParent };
    }

    private Snapshot ReadSnapshot()
    {
        string? witness = null;
        string? source = null;
        bool isFirst = false;
        DateTimeOffset? takenAt = null;
        IReadOnlyList<string> scopes = [];
        Begin(JsonTokenType.StartObject, "snapshot");
        while (NextMember())
        {
            if (_json.ValueTextEquals("witness"u8))
            {
                witness = Text();
            }
            else if (_json.ValueTextEquals("scopes"u8))
            {
                scopes = Texts();
            }
            else if (_json.ValueTextEquals("isFirst"u8))
            {
                isFirst = Flag();
            }
            else if (_json.ValueTextEquals("takenAt"u8))
            {
                takenAt = Instant();
            }
            else if (_json.ValueTextEquals("source"u8))
            {
                source = Text();
            }
            else
            {
                Skip();
            }
        }

        return new Snapshot(
            witness ?? throw Missing("snapshot.witness"), scopes, isFirst, takenAt ?? throw Missing("snapshot.takenAt"), source ?? throw Missing("snapshot.source"));
    }
}
