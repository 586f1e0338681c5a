using Spectre.Console;
using Spectre.Console.Rendering;

namespace GlusterBus.Host.Demo.View;

/// <summary>What stays on the terminal when the live display is gone.</summary>
internal static class LiveSummary
{
    public static IRenderable Render(Verdict? verdict, Tally tally)
    {
        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle("[bold]GlusterBus demo[/]") };
        table.AddColumn("").AddColumn(new TableColumn("count").RightAligned()).AddColumn("");
        table.AddRow("log lines written", Wording.Number(tally.Lines), "");
        table.AddRow("datagrams sent", Wording.Number(tally.Datagrams), "");
        table.AddRow("[bold]observations seen[/]", $"[bold]{Wording.Number(tally.Seen)}[/]", "");
        foreach ((string reason, long count) in tally.Suppressed)
        {
            table.AddRow($"  [{Reasons.Colour(reason)}]■[/] {Markup.Escape(reason)}", Wording.Number(count), $"[grey62]{Markup.Escape(Reasons.Meaning(reason))}[/]");
        }

        table.AddRow("[bold green]transitions published[/]", $"[bold green]{Wording.Number(tally.Published)}[/]", "");
        return new Rows([table, .. Conclusion(verdict).Select(line => new Markup(line))]);
    }

    private static IEnumerable<string> Conclusion(Verdict? verdict) => verdict switch
    {
        null => ["[yellow]stopped before the end of the story[/]"],
        { IsGood: true } => [$"[green]all {verdict.Arrived} expected transitions arrived, each exactly once[/]"],
        _ =>
        [
            .. verdict.Missing.Select(e => $"[red]MISSING[/] {Markup.Escape(e.ToString())}"),
            .. verdict.Extra.Select(e => $"[red]EXTRA[/]   {Markup.Escape(e.ToString())}"),
        ],
    };
}
