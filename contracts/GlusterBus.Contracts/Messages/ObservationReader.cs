using System.Text;
using System.Text.Json;
using GlusterBus.Contracts.Entities;

namespace GlusterBus.Contracts.Messages;

/// <summary>Reads an <see cref="ObservationMessage"/> in one pass. Members that it does not know are passed over: a newer collector may say more.</summary>
internal ref struct ObservationReader
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

    /// <summary>The reader stands on the observation's opening brace.</summary>
    private Observation ReadObservation()
    {
        Expect(JsonTokenType.StartObject, "an observation");
        EntityId? entity = null;
        string? state = null;
        string? occurrence = null;
        Severity severity = Severity.Info;
        IReadOnlyDictionary<string, string?> attributes = Observation.NoAttributes;
        string? change = null;
        IReadOnlyList<string> unless = [];
        bool isHint = false;
        bool trusted = true;
        string node = _node;
        string source = _source;
        DateTimeOffset? observedAt = null;
        long sequence = 0;
        int count = 1;
        (string Kind, string Text, string? Where, string? Node, DateTimeOffset? At)? evidence = null;
        Actor? actor = null;
        while (NextMember())
        {
            if (_json.ValueTextEquals("entity"u8))
            {
                entity = EntityId.Parse(Text());
            }
            else if (_json.ValueTextEquals("state"u8))
            {
                state = Word();
            }
            else if (_json.ValueTextEquals("observedAt"u8))
            {
                observedAt = Instant();
            }
            else if (_json.ValueTextEquals("sequence"u8))
            {
                sequence = Number();
            }
            else if (_json.ValueTextEquals("attributes"u8))
            {
                attributes = ReadAttributes();
            }
            else if (_json.ValueTextEquals("evidence"u8))
            {
                evidence = ReadEvidence();
            }
            else if (_json.ValueTextEquals("occurrence"u8))
            {
                occurrence = Word();
            }
            else if (_json.ValueTextEquals("severity"u8))
            {
                severity = Severities.Parse(Word());
            }
            else if (_json.ValueTextEquals("change"u8))
            {
                change = Word();
            }
            else if (_json.ValueTextEquals("unless"u8))
            {
                unless = Texts();
            }
            else if (_json.ValueTextEquals("hint"u8))
            {
                isHint = Flag();
            }
            else if (_json.ValueTextEquals("trusted"u8))
            {
                trusted = Flag();
            }
            else if (_json.ValueTextEquals("node"u8))
            {
                node = Word();
            }
            else if (_json.ValueTextEquals("source"u8))
            {
                source = Word();
            }
            else if (_json.ValueTextEquals("count"u8))
            {
                count = Count();
            }
            else if (_json.ValueTextEquals("actor"u8))
            {
                actor = ReadActor();
            }
            else
            {
                Skip();
            }
        }

        DateTimeOffset at = observedAt ?? throw Missing("observedAt");
        return new Observation
        {
            Entity = entity ?? throw Missing("entity"),
            State = state,
            Occurrence = occurrence,
            OccurrenceSeverity = severity,
            Attributes = attributes,
            Change = change,
            Unless = unless,
            Weight = isHint ? Weight.Hint : Weight.Fact,
            Trusted = trusted,
            Source = source,
            Node = node,
            ObservedAt = at,
            Sequence = sequence,
            Count = count,
            Evidence = evidence is { } e ? new Evidence(e.Kind, e.Text, e.Where, e.Node ?? node, e.At ?? at) : null,
            Actor = actor,
        };
    }

    private Dictionary<string, string?> ReadAttributes()
    {
        var attributes = new Dictionary<string, string?>(StringComparer.Ordinal);
        Begin(JsonTokenType.StartObject, "attributes");
        while (NextMember())
        {
            string name = Current();
            _json.Read();
            attributes[name] = _json.TokenType == JsonTokenType.Null ? null : Current();
        }

        return attributes;
    }

    /// <summary>Node and time are null where they are the observation's own, which may come later in the text.</summary>
    private (string Kind, string Text, string? Where, string? Node, DateTimeOffset? At) ReadEvidence()
    {
        string? kind = null;
        string? text = null;
        string? where = null;
        string? node = null;
        DateTimeOffset? at = null;
        Begin(JsonTokenType.StartObject, "evidence");
        while (NextMember())
        {
            if (_json.ValueTextEquals("kind"u8))
            {
                kind = Word();
            }
            else if (_json.ValueTextEquals("text"u8))
            {
                text = Evidence.Bound(Text());
            }
            else if (_json.ValueTextEquals("where"u8))
            {
                where = Text();
            }
            else if (_json.ValueTextEquals("node"u8))
            {
                node = Word();
            }
            else if (_json.ValueTextEquals("at"u8))
            {
                at = Instant();
            }
            else
            {
                Skip();
            }
        }

        return (kind ?? throw Missing("evidence.kind"), text ?? throw Missing("evidence.text"), where, node, at);
    }

    private Actor ReadActor()
    {
        string? command = null;
        string? node = null;
        Begin(JsonTokenType.StartObject, "actor");
        while (NextMember())
        {
            if (_json.ValueTextEquals("command"u8))
            {
                command = Text();
            }
            else if (_json.ValueTextEquals("node"u8))
            {
                node = Text();
            }
            else
            {
                Skip();
            }
        }

        return new Actor(command ?? throw Missing("actor.command"), node ?? throw Missing("actor.node"));
    }

    private void Begin(JsonTokenType token, string what)
    {
        _json.Read();
        Expect(token, what);
    }

    private readonly void Expect(JsonTokenType token, string what)
    {
        if (_json.TokenType != token)
        {
            throw new JsonException($"{what} is expected to be {(token == JsonTokenType.StartArray ? "an array" : "an object")}");
        }
    }

    private bool NextMember() => _json.Read() && _json.TokenType == JsonTokenType.PropertyName;

    private bool NextElement() => _json.Read() && _json.TokenType != JsonTokenType.EndArray;

    private void Skip()
    {
        _json.Read();
        _json.Skip();
    }

    private string Text()
    {
        _json.Read();
        return _json.GetString() ?? throw new JsonException("a text is expected, not null");
    }

    /// <summary>A text that comes again and again.</summary>
    private string Word()
    {
        _json.Read();
        return Current();
    }

    /// <summary>The text that the reader stands on, one string for all its repetitions.</summary>
    private readonly string Current()
    {
        bool isPlain = !_json.ValueIsEscaped && _json.TokenType is JsonTokenType.String or JsonTokenType.PropertyName;
        return isPlain && Ascii.IsValid(_json.ValueSpan)
            ? _texts.Of(_json.ValueSpan)
            : _json.GetString() ?? throw new JsonException("a text is expected, not null");
    }

    private int Count()
    {
        int count = checked((int)Number());
        return count >= 1 ? count : throw new JsonException("'count' is at least 1");
    }

    private bool Flag()
    {
        _json.Read();
        return _json.GetBoolean();
    }

    private long Number()
    {
        _json.Read();
        return _json.GetInt64();
    }

    private List<string> Texts()
    {
        List<string> texts = [];
        Begin(JsonTokenType.StartArray, "a list of texts");
        while (NextElement())
        {
            texts.Add(_json.GetString() ?? throw new JsonException("a text is expected, not null"));
        }

        return texts;
    }

    private DateTimeOffset Instant()
    {
        _json.Read();
        return _json.TryGetDateTimeOffset(out DateTimeOffset time) ? time : throw new JsonException($"'{_json.GetString()}' is no time");
    }

    private static JsonException Missing(string member) => new($"'{member}' is missing");
}
