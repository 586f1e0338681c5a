using GlusterBus.Contracts.Messages;
using Spectre.Console;

namespace GlusterBus.Host.Demo.View;

/// <summary>One picture of the live display: a pure function of the data and the terminal's size, to lines of markup.</summary>
internal sealed record LiveFrame(
    int Width,
    int Height,
    IReadOnlyList<(Observation Observation, string Outcome)> Incoming,
    IReadOnlyList<Transition> Outgoing,
    Tally Tally,
    (int Number, Chapter Chapter)? Chapter,
    int Chapters,
    TimeSpan Length)
{
    private const int HeaderRows = 4;
    private const int FooterRows = 5;

    /// <summary>Where the dashboard is served; null when it is not.</summary>
    public string? Dashboard { get; init; }

    private int LeftWidth => ((Width - 3) / 2) + 1;

    private int RightWidth => Width - 3 - LeftWidth;

    private bool IsWide => LeftWidth >= 68;

    /// <summary>Exactly <see cref="Height"/> lines, none wider than <see cref="Width"/>; from 40 columns and 12 rows upwards.</summary>
    public IReadOnlyList<string> Lines()
    {
        int rows = Math.Max(1, Height - HeaderRows - FooterRows);
        string[] left = [.. Incoming.TakeLast(rows).Select(Arrival)];
        string[] right = [.. Outgoing.TakeLast((rows + 1) / 2).SelectMany(Departure).TakeLast(rows)];
        IEnumerable<string> body = Enumerable.Range(0, rows).Select(i =>
            $"{(i < left.Length ? left[i] : new string(' ', LeftWidth))} [grey35]│[/] {(i < right.Length ? right[i] : "")}");
        return [.. Header(), .. body, .. Footer()];
    }

    private IEnumerable<string> Header()
    {
        string clock = $"{Wording.Elapsed(Tally.Elapsed)} / {Wording.Elapsed(Length)} ";
        string number = Chapter is { } c ? $"{c.Number}/{Chapters}" : "…";
        string title = Wording.Cut(Chapter?.Chapter.Title ?? "The collectors look at the cluster for the first time", Width - clock.Length - number.Length - 22);
        int gap = Math.Max(1, Width - 19 - number.Length - title.Length - clock.Length);
        yield return $"[bold green] GlusterBus demo[/]  [grey62]{number}[/] [bold]{Markup.Escape(title)}[/]{new string(' ', gap)}[grey62]{clock}[/]";
        string page = Dashboard is null ? "" : Wording.Cut(Dashboard, Width - 2) + " ";
        yield return $"[grey62] {Markup.Escape(Wording.Cut(Chapter?.Chapter.Tells ?? "", Width - 2 - page.Length).PadRight(Math.Max(0, Width - 1 - page.Length)))}[/][bold]{Markup.Escape(page)}[/]";
        int done = Length > TimeSpan.Zero ? (int)Math.Min(Width, Width * (Tally.Elapsed / Length)) : 0;
        yield return $"[green]{new string('━', done)}[/][grey23]{new string('━', Width - done)}[/]";
        yield return $"{Heading("observations coming in", LeftWidth)} [grey35]│[/] {Heading("transitions going out", RightWidth)}";
    }

    private IEnumerable<string> Footer()
    {
        yield return $"[grey35]{new string('─', LeftWidth + 1)}┴{new string('─', RightWidth + 1)}[/]";
        string ratio = Tally.Published > 0 && Width >= 100 ? $"   1 in {Wording.Number(Tally.Seen / Tally.Published)} is news" : "";
        (string lines, string datagrams, string seen, string published) = Width >= 64 ? (" log lines", " datagrams", " seen", " published") : ("", "", "", "");
        yield return
            $" [bold]{Wording.Number(Tally.Lines)}[/]{lines} + [bold]{Wording.Number(Tally.Datagrams)}[/]{datagrams} → [bold]{Wording.Number(Tally.Seen)}[/]{seen} → [bold green]{Wording.Number(Tally.Published)}[/]{published}[grey62]{ratio}[/]";
        yield return Bar();
        List<string> legend = Legend();
        yield return legend[0];
        yield return legend[1];
    }

    /// <summary>The suppressed observations as one bar, each reason as long as its share; what occurred at all gets one cell.</summary>
    private string Bar()
    {
        long total = Math.Max(1, Tally.SuppressedTotal + Tally.Published);
        int room = Width - 2;
        string bar = "";
        int used = 0;
        IEnumerable<(string Colour, long Count)> parts = [.. Tally.Suppressed.Select(s => (Reasons.Colour(s.Key), s.Value)), ("green", Tally.Published)];
        foreach ((string colour, long count) in parts.Where(p => p.Count > 0))
        {
            int cells = Math.Min(room - used, Math.Max(1, (int)(room * count / total)));
            bar += $"[{colour}]{new string('█', cells)}[/]";
            used += cells;
        }

        return $" {bar}[grey23]{new string('█', Math.Max(0, room - used))}[/]";
    }

    private List<string> Legend()
    {
        var lines = new List<string> { "", "" };
        int line = 0;
        int used = 0;
        foreach ((string reason, long count) in Tally.Suppressed)
        {
            string text = $"{reason} {Wording.Number(count)}";
            if (used + text.Length + 4 > Width && (used = 0) == 0 && ++line > 1)
            {
                break;
            }

            lines[line] += $" [{Reasons.Colour(reason)}]■[/] {Markup.Escape(text)} ";
            used += text.Length + 4;
        }

        if (Tally.Suppressed.Count == 0)
        {
            lines[0] = "[grey62] nothing suppressed yet[/]";
        }

        return lines;
    }

    private string Arrival((Observation Observation, string Outcome) arrival)
    {
        (Observation o, string outcome) = arrival;
        bool isNews = outcome == "published";
        string node = Wording.Cut(o.Node, 3).PadRight(3);
        string claim = Wording.Claim(o);
        int claimWidth = IsWide ? 13 : Math.Min(9, LeftWidth / 4);
        string tail = IsWide ? $" {Wording.Cut(outcome, 13),-13}" : "";
        string head = IsWide ? $"{Wording.Time(o.ObservedAt)} {node} {Wording.Cut(o.Source, 9),-9} " : $"{node}{Wording.Short(o.Source),-4}";
        int room = LeftWidth - head.Length - claimWidth - 1 - tail.Length;
        string entity = Wording.Fit(o.Entity.Value, room).PadRight(room);
        string style = isNews ? "bold " + Wording.Colour(SeverityOf(o)) : o.Source == "get_state" ? "grey46" : "grey78";
        return $"[{Wording.SourceColour(o.Source)}]{Markup.Escape(head)}[/][{style}]{Markup.Escape(entity)} {Markup.Escape(Wording.Cut(claim, claimWidth).PadRight(claimWidth))}[/]"
            + $"[{(isNews ? "green" : Reasons.Colour(outcome))}]{tail}[/]";
    }

    private IEnumerable<string> Departure(Transition t)
    {
        string colour = Wording.Colour(t.Severity);
        string time = IsWide ? $"{Wording.Time(t.Time)} " : "";
        string change = Wording.Cut(t.Change, Math.Min(16, RightWidth / 2));
        string entity = Wording.Fit(t.Entity.Value, RightWidth - 3 - time.Length - change.Length);
        yield return $"[{colour}]●[/] [grey62]{time}[/][bold]{Markup.Escape(entity)}[/] [bold {colour}]{Markup.Escape(change)}[/]";
        string proof = IsWide ? $"{Wording.Seen(t)} · {Wording.Proof(t)}" : Wording.Proof(t);
        yield return $"[grey50]  {Markup.Escape(Wording.Cut(proof, RightWidth - 2))}[/]";
    }

    private static string Heading(string text, int width) => $"[bold grey70]{Wording.Cut(text.ToUpperInvariant(), width).PadRight(width)}[/]";

    private static Contracts.Entities.Severity SeverityOf(Observation o) =>
        o.State is null ? o.OccurrenceSeverity : Contracts.Entities.EntityKinds.Of(o.Entity)?.SeverityOf(o.State) ?? Contracts.Entities.Severity.Unknown;
}
