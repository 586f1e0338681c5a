using System.Text.Json;
using GlusterBus.Contracts.Entities;

namespace GlusterBus.Contracts.Messages;

/// <content>One observation and what is in it.</content>
internal ref partial struct ObservationReader
{
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
}
