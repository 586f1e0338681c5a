using System.Globalization;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Host.Demo.View;

/// <summary>The words of both displays: short forms, times, and what the reasons for silence mean.</summary>
internal static class Wording
{
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    public static string Elapsed(TimeSpan elapsed) => $"{(int)elapsed.TotalMinutes:00}:{elapsed.Seconds:00}";

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>What an observation claims, in one word where it can be.</summary>
    public static string Claim(Observation o) => o.State ?? o.Occurrence ?? o.Change ?? "described";

    /// <summary>A source's name in three characters.</summary>
    public static string Short(string source) => source switch
    {
        "gf_event" => "evt",
        "get_state" => "get",
        "logs" => "log",
        "runner" => "run",
        _ => source.Length <= 3 ? source : source[..3],
    };

    /// <summary>The proof of a transition: where it was seen, and its text without line breaks.</summary>
    public static string Proof(Transition transition)
    {
        string options = string.Join(", ", transition.Changed.Select(c => $"{c.Key} {c.Value.From ?? "(unset)"} → {c.Value.To ?? "(unset)"}"));
        string evidence = transition.Evidence is [var first, ..] ? OneLine(first.Text) : transition.Reason.Text();
        return options.Length > 0 ? $"{options} · {evidence}" : evidence;
    }

    public static string Seen(Transition transition) => string.Join(' ', transition.Observers);

    /// <summary>A colour for each source; the periodic looks stay in the background.</summary>
    public static string SourceColour(string source) => source switch
    {
        "gf_event" => "lightskyblue3",
        "logs" => "wheat4",
        _ => "grey42",
    };

    public static string Colour(Severity severity) => severity switch
    {
        Severity.Ok => "green",
        Severity.Info => "deepskyblue1",
        Severity.Unknown => "mediumpurple1",
        Severity.Warning => "yellow",
        Severity.Error => "orangered1",
        _ => "red",
    };

    /// <summary>Shortens in the middle, where names of bricks and addresses are least telling.</summary>
    public static string Fit(string text, int width)
    {
        if (text.Length <= width)
        {
            return text;
        }

        int tail = width / 2;
        return width < 2 ? text[..Math.Max(0, width)] : string.Concat(text.AsSpan(0, width - tail - 1), "…", text.AsSpan(text.Length - tail));
    }

    /// <summary>Shortens at the end.</summary>
    public static string Cut(string text, int width) => text.Length <= width ? text : width < 1 ? "" : string.Concat(text.AsSpan(0, width - 1), "…");

    /// <summary>Evidence comes from outside: a control character in it must not reach the terminal.</summary>
    private static string OneLine(string text) => string.Create(text.Length, text, static (span, source) =>
    {
        for (int i = 0; i < span.Length; i++)
        {
            span[i] = char.IsControl(source[i]) ? ' ' : source[i];
        }
    }).Trim();
}
