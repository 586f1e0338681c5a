using System.Text;

namespace GlusterBus.Collectors.LogTail;

/// <summary>How a rule writes an entity id or an attribute: literal text, <c>{captures}</c>, <c>{captures:resolved}</c> and values of the line's place such as <c>{node}</c>.</summary>
internal sealed class LogValue
{
    private readonly Piece[] _pieces;

    private LogValue(Piece[] pieces, string kind)
    {
        _pieces = pieces;
        Kind = kind;
    }

    /// <summary>The literal text up to the first slash or brace: the kind of an entity id. Empty when a resolver writes the whole.</summary>
    public string Kind { get; }

    /// <summary>Compiles a value.</summary>
    /// <param name="text">The value.</param>
    /// <param name="captures">The names that the rule's templates capture.</param>
    /// <param name="maps">The rule's own tables.</param>
    /// <exception cref="FormatException">The value is malformed or names what does not exist; the message says what.</exception>
    public static LogValue Parse(string text, List<string> captures, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> maps)
    {
        var pieces = new List<Piece>();
        foreach ((string piece, bool isCapture) in Braces.Split(text))
        {
            pieces.Add(!isCapture ? new Piece(piece, -1, null) : ParseCapture(piece, captures, maps));
        }

        string start = pieces is [{ Literal: { } literal }, ..] ? literal : "";
        return new LogValue([.. pieces], start.Split('/')[0]);
    }

    /// <summary>Writes the value for a line; null when a capture is missing or can't be resolved.</summary>
    public string? Write(in LogLine line, ReadOnlySpan<Range> captures, in LogLineContext context)
    {
        if (_pieces.Length == 1)
        {
            return Write(_pieces[0], line, captures, context);
        }

        var parts = new string[_pieces.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (Write(_pieces[i], line, captures, context) is not { } part)
            {
                return null;
            }

            parts[i] = part;
        }

        return string.Concat(parts);
    }

    private static string? Write(Piece piece, in LogLine line, ReadOnlySpan<Range> captures, in LogLineContext context)
    {
        if (piece.Literal is not null)
        {
            return piece.Literal;
        }

        string value = "";
        if (piece.Capture >= 0)
        {
            ReadOnlySpan<byte> bytes = line.Text[captures[piece.Capture]];
            if (bytes.IsEmpty)
            {
                return null;
            }

            value = Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, LogRule.MaximumValueBytes)]);
        }

        return piece.Resolve is null ? value : piece.Resolve(value, line, context);
    }

    private static Piece ParseCapture(string text, List<string> captures, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> maps)
    {
        if (LogResolvers.OfPlace.TryGetValue(text, out LogResolver? place))
        {
            return new Piece(null, -1, place);
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? text : text[..colon];
        int capture = captures.IndexOf(name);
        if (capture < 0)
        {
            throw new FormatException($"'{{{text}}}' names nothing: no template captures '{name}', and the places are {string.Join(", ", LogResolvers.OfPlace.Keys.Order())}");
        }

        if (colon < 0)
        {
            return new Piece(null, capture, null);
        }

        string resolver = text[(colon + 1)..];
        if (maps.TryGetValue(resolver, out IReadOnlyDictionary<string, string>? map))
        {
            return new Piece(null, capture, (string value, in LogLine _, in LogLineContext _) => Look(map, value));
        }

        return LogResolvers.OfCapture.TryGetValue(resolver, out LogResolver? resolve)
            ? new Piece(null, capture, resolve)
            : throw new FormatException($"'{{{text}}}' names no resolver; there are {string.Join(", ", LogResolvers.OfCapture.Keys.Order())} and the rule's maps");
    }

    private static string? Look(IReadOnlyDictionary<string, string> map, string value)
    {
        foreach ((string part, string meaning) in map)
        {
            if (value.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                return meaning;
            }
        }

        return null;
    }

    private readonly record struct Piece(string? Literal, int Capture, LogResolver? Resolve);
}
