using System.Text;
using System.Text.Json;

namespace GlusterBus.Contracts.Messages;

/// <content>Steps from token to token.</content>
internal ref partial struct ObservationReader
{
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

    private TimeSpan Milliseconds()
    {
        _json.Read();
        return ObservationJson.Milliseconds(_json.GetDouble());
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
