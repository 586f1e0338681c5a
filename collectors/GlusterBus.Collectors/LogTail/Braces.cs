using System.Text;

namespace GlusterBus.Collectors.LogTail;

/// <summary>Splits <c>literal {name} literal</c>; doubled braces stand for themselves.</summary>
internal static class Braces
{
    /// <exception cref="FormatException">A brace is not closed, or closed without being open.</exception>
    public static IReadOnlyList<(string Piece, bool IsCapture)> Split(string text)
    {
        var pieces = new List<(string, bool)>();
        var literal = new StringBuilder();
        for (int at = 0; at < text.Length; at++)
        {
            char c = text[at];
            bool isDouble = at + 1 < text.Length && text[at + 1] == c;
            if (c is '{' or '}' && isDouble)
            {
                literal.Append(c);
                at++;
            }
            else if (c == '}')
            {
                throw new FormatException($"a '}}' at {at} closes nothing; write it twice to mean itself");
            }
            else if (c == '{')
            {
                int close = text.IndexOf('}', at);
                if (close < 0)
                {
                    throw new FormatException($"the '{{' at {at} is not closed; write it twice to mean itself");
                }

                if (literal.Length > 0)
                {
                    pieces.Add((literal.ToString(), false));
                    literal.Clear();
                }

                pieces.Add((text[(at + 1)..close], true));
                at = close;
            }
            else
            {
                literal.Append(c);
            }
        }

        if (literal.Length > 0)
        {
            pieces.Add((literal.ToString(), false));
        }

        return pieces;
    }
}
