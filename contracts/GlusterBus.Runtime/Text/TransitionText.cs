using System.Globalization;
using System.Text;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Runtime.Text;

/// <summary>The one text of a transition for everything that people read: console, <c>watch</c>, the environment of scripts.</summary>
/// <remarks>Pure. Evidence comes from logs and from the network, so control characters never pass: a log line can't move the
/// cursor of whoever reads it, and one transition is always one line.</remarks>
public static class TransitionText
{
    /// <summary>The most characters of evidence in a line.</summary>
    public const int MaximumEvidence = 160;

    /// <summary>One line, times in UTC, such as
    /// <c>09:16:38.618 error    brick/rv/gl2:/srv/rv1  online → offline  (gl2: Brick gl2:/srv/rv1 has disconnected from glusterd.)</c>.</summary>
    public static string Line(Transition t)
    {
        var line = new StringBuilder(160);
        line.Append(t.Time.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture))
            .Append(' ').Append(t.Severity.Name().PadRight(8))
            .Append(' ').Append(Clean(t.Entity.Value)).Append("  ").Append(Clean(What(t)));
        if (t.Evidence.Count > 0)
        {
            Evidence evidence = t.Evidence[0];
            line.Append("  (").Append(Clean(evidence.Node)).Append(": ").Append(Shorten(Clean(Essence(evidence)), MaximumEvidence)).Append(')');
        }

        foreach (string mark in Marks(t))
        {
            line.Append("  [").Append(Clean(mark)).Append(']');
        }

        return line.ToString();
    }

    /// <summary>One sentence without a full stop, such as <c>Brick gl2:/srv/rv1 of volume rv went offline</c>.</summary>
    public static string Summary(Transition t)
    {
        string noun = EntityText.Name(t.Entity);
        string sentence = t switch
        {
            { Occurrence: { } occurrence } => $"{noun}: {Words(occurrence)}",
            { Current: { } current } when current != t.Previous => $"{noun} {EntityText.Became(current, t.Previous is null)}",
            { Changed.Count: > 0 } => $"{noun}: {Words(t.Change)}, {Attributes(t)}",
            _ => $"{noun}: {Words(t.Change)}",
        };
        return Clean(char.ToUpperInvariant(sentence[0]) + sentence[1..]);
    }

    /// <summary>The text with control characters turned into blanks, runs of blanks into one.</summary>
    public static string Clean(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\0', '\x1f') < 0 && text.AsSpan().IndexOfAnyInRange('\x7f', '\x9f') < 0
            && !text.AsSpan().ContainsAny('\u2028', '\u2029', '\u202e'))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            bool bad = char.IsControl(c) || c is '\u2028' or '\u2029' or '\u202e';
            if (!bad)
            {
                clean.Append(c);
            }
            else if (clean.Length > 0 && clean[^1] != ' ')
            {
                clean.Append(' ');
            }
        }

        return clean.ToString().TrimEnd();
    }

    private static string What(Transition t) => t switch
    {
        { Occurrence: { } occurrence } => occurrence,
        { Current: { } current, Previous: null } => current,
        { Current: { } current, Previous: { } previous } when current != previous => $"{previous} → {current}",
        { Changed.Count: > 0 } => $"{t.Change} {Attributes(t)}",
        _ => t.Change,
    };

    private static string Attributes(Transition t)
    {
        const int most = 3;
        string shown = string.Join(", ", t.Changed.Take(most).Select(c => $"{c.Key}: {Value(c.Value.From)} → {Value(c.Value.To)}"));
        return t.Changed.Count > most ? $"{shown} and {t.Changed.Count - most} more" : shown;
    }

    private static string Value(string? value) => value is null ? "(not set)" : Shorten(value, 60);

    private static IEnumerable<string> Marks(Transition t)
    {
        if (t.Reason is not (TransitionReason.StateChanged or TransitionReason.AttributesChanged or TransitionReason.Occurred))
        {
            yield return t.Reason.Name();
        }

        if (t.Actor is { } actor)
        {
            yield return $"by {actor.Node}: {Shorten(actor.Command, 80)}";
        }

        if (t.Cause is { } cause)
        {
            yield return $"because of {cause}";
        }

        if (!t.Trusted)
        {
            yield return "untrusted";
        }

        if (t.Replay)
        {
            yield return "replay";
        }
    }

    /// <summary>What a person wants of the evidence: a Gluster log line without stamp, place in the source and graph number.</summary>
    private static string Essence(Evidence evidence)
    {
        string text = evidence.Text.Trim();
        if (evidence.Kind != "log-line")
        {
            return text;
        }

        // "[stamp] I [MSGID: 1] [file.c:123:function] (backtrace) 0-domain: message": the brackets lead, the level stands between two of them.
        int from = 0;
        for (int end = BracketEnd(text, 0); end > 0; end = BracketEnd(text, from))
        {
            from = SkipLevel(text, end);
        }

        return from == 0 || from == text.Length ? text : AfterDomain(text[from..]);
    }

    /// <summary>The place after the bracket that begins at <paramref name="from"/>; 0 when none begins there or it has no end.</summary>
    private static int BracketEnd(string text, int from)
    {
        if (from >= text.Length || text[from] is not ('[' or '('))
        {
            return 0;
        }

        int depth = 0;
        for (int i = from; i < text.Length; i++)
        {
            depth += text[i] is '[' or '(' ? 1 : text[i] is ']' or ')' ? -1 : 0;
            if (depth == 0)
            {
                return i + 1;
            }
        }

        return 0;
    }

    private static int SkipLevel(string text, int at)
    {
        int blanks = text.AsSpan(at).IndexOfAnyExcept(' ');
        int next = blanks < 0 ? text.Length : at + blanks;
        bool isLevel = next + 2 < text.Length && char.IsAsciiLetterUpper(text[next]) && text[next + 1] == ' ' && text[next + 2] == '[';
        return isLevel ? next + 2 : next;
    }

    private static string AfterDomain(string text)
    {
        int dash = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (dash <= 0 || text[dash] != '-')
        {
            return text.TrimStart(':', ' ');
        }

        int colon = text.IndexOf(": ", StringComparison.Ordinal);
        return colon < 0 ? text : text[(colon + 2)..];
    }

    private static string Words(string kebab) => kebab.Replace('-', ' ');

    private static string Shorten(string text, int most) => text.Length <= most ? text : string.Concat(text.AsSpan(0, most - 1), "…");
}
