using System.Text;

namespace GlusterBus.Collectors.LogTail;

/// <summary>The wording of a log message: literal bytes with <c>{captures}</c> between them.</summary>
/// <remarks>
/// <para>A capture ends before the first occurrence of the literal after it, with a star (<c>{path*}</c>) before the last one, and is never empty.
/// <c>{_}</c> passes over anything, nothing included. Braces are doubled to stand for themselves.</para>
/// <para>The template begins where the text begins. It ends where the text ends, but for the <c> [strerror]</c> that Gluster appends
/// (which may be localised, so nothing depends on it); end it with <c>{_}</c> to leave the rest open.</para>
/// </remarks>
internal sealed class LogTemplate
{
    private readonly byte[] _start;
    private readonly Step[] _steps;

    private LogTemplate(byte[] start, Step[] steps)
    {
        _start = start;
        _steps = steps;
    }

    /// <summary>Compiles a template.</summary>
    /// <param name="text">The template.</param>
    /// <param name="names">The captures of the rule so far, in order; new ones are added.</param>
    /// <exception cref="FormatException">The template is malformed; the message says where.</exception>
    public static LogTemplate Parse(string text, List<string> names)
    {
        byte[]? start = null;
        var steps = new List<Step>();
        var literal = new StringBuilder();
        (int Capture, bool Last)? open = null;
        foreach ((string piece, bool isCapture) in Braces.Split(text))
        {
            if (!isCapture)
            {
                literal.Append(piece);
                continue;
            }

            Close(literal);
            bool last = piece.EndsWith('*');
            string name = last ? piece[..^1] : piece;
            if (name != "_" && (name.Length == 0 || !name.All(char.IsAsciiLetterOrDigit)))
            {
                throw new FormatException($"'{{{piece}}}' is no capture: letters and digits are needed");
            }

            open = (name == "_" ? -1 : IndexOf(names, name), last);
        }

        Close(literal);
        return new LogTemplate(start!, [.. steps]);

        void Close(StringBuilder pending)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(pending.ToString());
            pending.Clear();
            if (open is { } capture)
            {
                steps.Add(new Step(capture.Capture, capture.Last, bytes));
            }
            else if (start is null)
            {
                start = bytes;
            }

            if (steps.Count > 1 && steps[^2].Literal.Length == 0)
            {
                throw new FormatException("two captures need some text between them");
            }
        }
    }

    /// <summary>Compares a text with the wording and fills in the captures' places; unfilled ones are left as they are.</summary>
    public bool TryMatch(ReadOnlySpan<byte> text, Span<Range> captures)
    {
        if (!text.StartsWith(_start))
        {
            return false;
        }

        int at = _start.Length;
        foreach (Step step in _steps)
        {
            ReadOnlySpan<byte> rest = text[at..];
            if (step.Literal.Length == 0)
            {
                if (step.Capture < 0)
                {
                    return true;
                }

                int length = WithoutStrerror(rest);
                captures[step.Capture] = new Range(at, at + length);
                return length > 0;
            }

            int end = step.Last ? rest.LastIndexOf(step.Literal) : rest.IndexOf(step.Literal);
            if (end < 0 || (end == 0 && step.Capture >= 0))
            {
                return false;
            }

            if (step.Capture >= 0)
            {
                captures[step.Capture] = new Range(at, at + end);
            }

            at += end + step.Literal.Length;
        }

        ReadOnlySpan<byte> tail = text[at..].TrimStart((byte)' ');
        return tail.IsEmpty || (tail[0] == '[' && tail[^1] == ']');
    }

    private static int WithoutStrerror(ReadOnlySpan<byte> text)
    {
        int open = text.Length > 0 && text[^1] == ']' ? text.LastIndexOf(" ["u8) : -1;
        return open > 0 ? open : text.Length;
    }

    private static int IndexOf(List<string> names, string name)
    {
        int index = names.IndexOf(name);
        if (index < 0)
        {
            index = names.Count;
            names.Add(name);
        }

        return index < LogRule.MaximumCaptures ? index : throw new FormatException($"at most {LogRule.MaximumCaptures} captures are possible");
    }

    /// <param name="Capture">Place of the capture in the rule's list; -1 for <c>{_}</c>.</param>
    /// <param name="Last">True to end before the last occurrence of the literal.</param>
    /// <param name="Literal">What follows the capture; empty at the end of the template.</param>
    private readonly record struct Step(int Capture, bool Last, byte[] Literal);
}
