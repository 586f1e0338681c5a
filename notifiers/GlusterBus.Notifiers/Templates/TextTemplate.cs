using System.Text;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Notifiers.Templates;

/// <summary>A text with placeholders: <c>{entity}</c>, <c>{time:unix}</c>, <c>{severity|critical=#a30200|*=#888888}</c>.</summary>
/// <remarks>Parsed once, rendered often, thread-safe. A brace that no letter follows is text, so is <c>{{</c> for one brace. Behind a
/// bar stand a value and the text to write in its place, which may have placeholders itself; <c>*</c> is any other value, and without it
/// other values stay what they are. Values are never parsed: what a log line says can't become a placeholder.</remarks>
internal sealed class TextTemplate
{
    /// <summary>How deep placeholders may stand within each other.</summary>
    private const int MaximumDepth = 8;

    private readonly Part[] _parts;

    private TextTemplate(Part[] parts) => _parts = parts;

    /// <summary>True when the whole is one placeholder that ends with <c>:number</c>.</summary>
    public bool IsNumber => _parts is [Placeholder { IsNumber: true, Cases.Count: 0 }];

    /// <exception cref="TemplateException">It has a placeholder that does not exist or does not end.</exception>
    public static TextTemplate Parse(string text)
    {
        int at = 0;
        try
        {
            return new TextTemplate(Parts(text, ref at, 0));
        }
        catch (TemplateException e)
        {
            int line = text.AsSpan(0, at).Count('\n') + 1;
            throw new TemplateException([.. e.Faults.Select(fault => fault with { Line = line })]);
        }
    }

    /// <param name="transition">Gives the values.</param>
    /// <param name="escape">Applied to each value, never to the template's own text; null writes values as they are.</param>
    public string Render(Transition transition, Func<string, string>? escape = null)
    {
        var into = new StringBuilder();
        Render(_parts, transition, escape, into);
        return into.ToString();
    }

    private static void Render(Part[] parts, Transition transition, Func<string, string>? escape, StringBuilder into)
    {
        foreach (Part part in parts)
        {
            if (part is not Placeholder placeholder)
            {
                into.Append(((Words)part).Text);
                continue;
            }

            string value = TextFormats.Text(placeholder.Formats.Aggregate(placeholder.Value(transition), (v, format) => format(v)));
            if (placeholder.Cases.FirstOrDefault(c => c.Value == value) is { } same)
            {
                Render(same.Parts, transition, escape, into);
            }
            else if (placeholder.Cases.FirstOrDefault(c => c.Value == "*") is { } other)
            {
                Render(other.Parts, transition, escape, into);
            }
            else
            {
                into.Append(escape is null ? value : escape(value));
            }
        }
    }

    private static Part[] Parts(string text, ref int at, int depth)
    {
        var parts = new List<Part>();
        var words = new StringBuilder();
        while (at < text.Length && (depth == 0 || text[at] is not ('|' or '}')))
        {
            if (text[at] == '{' && at + 1 < text.Length && char.IsAsciiLetter(text[at + 1]))
            {
                parts.Add(new Words(words.ToString()));
                words.Clear();
                parts.Add(Read(text, ref at, depth));
            }
            else
            {
                words.Append(text[at]);
                at += text.AsSpan(at).StartsWith("{{") ? 2 : 1;
            }
        }

        parts.Add(new Words(words.ToString()));
        return [.. parts.Where(part => part is not Words { Text: "" })];
    }

    private static Placeholder Read(string text, ref int at, int depth)
    {
        string shown = Spelling.Shorten(text[at..]);
        int end = text.AsSpan(at).IndexOfAny('|', '}');
        if (end < 0 || depth == MaximumDepth)
        {
            throw new TemplateException(end < 0
                ? $"'{shown}' has no closing brace; write {{{{ for a brace that is text"
                : $"'{shown}' stands more than {MaximumDepth} placeholders deep");
        }

        Placeholder placeholder = Head(text[(at + 1)..(at + end)]);
        at += end;
        while (at < text.Length && text[at] == '|')
        {
            int equals = text.AsSpan(at).IndexOf('=');
            int next = text.AsSpan(at + 1).IndexOfAny('|', '}') + 1;
            if (equals < 0 || (next > 0 && next < equals))
            {
                throw new TemplateException($"'{shown}': behind a bar comes value=text, or *=text for any other value");
            }

            string value = text[(at + 1)..(at + equals)];
            at += equals + 1;
            placeholder.Cases.Add(new Case(value, Parts(text, ref at, depth + 1)));
        }

        if (at == text.Length)
        {
            throw new TemplateException($"'{shown}' has no closing brace; write {{{{ for a brace that is text");
        }

        at++;
        return placeholder;
    }

    private static Placeholder Head(string written)
    {
        string[] words = written.Split(':');
        Func<Transition, object> value = TemplateValues.Find(words[0]) ?? throw new TemplateException(
            $"{{{Spelling.Shorten(words[0])}}} is no placeholder; {Spelling.Meant(words[0], TemplateValues.Names)}known: {string.Join(", ", TemplateValues.Names)}");
        bool isTime = TemplateValues.IsTime(words[0]);
        bool isNumber = words[^1] == TextFormats.Number && words.Length > 1;
        if (isNumber && words[^2] is not ("sequence" or "unix"))
        {
            throw new TemplateException($"{{{written}}} is no number; only {{sequence:number}} and a time's :unix:number are");
        }

        var formats = new List<Func<object, object>>();
        foreach (string format in words[1..(isNumber ? ^1 : ^0)])
        {
            formats.Add(TextFormats.Find(format, ref isTime));
        }

        return new Placeholder(value, formats, [], isNumber);
    }

    private abstract record Part;

    private sealed record Words(string Text) : Part;

    private sealed record Placeholder(Func<Transition, object> Value, List<Func<object, object>> Formats, List<Case> Cases, bool IsNumber) : Part;

    private sealed record Case(string Value, Part[] Parts);
}
