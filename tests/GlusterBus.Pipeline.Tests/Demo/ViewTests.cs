using System.Text;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Host.Demo;
using GlusterBus.Host.Demo.View;
using Spectre.Console;

namespace GlusterBus.Pipeline.Tests.Demo;

public sealed class ViewTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 9, 16, 38, 619, TimeSpan.Zero);
    private static readonly Chapter Killed = new("A brick is killed", "kill -9 on n2", TimeSpan.FromSeconds(17.5), []);
    private static readonly Tally Counts = new(1234, 56, 789, 2, [new("same-source", 700), new("late", 4)], TimeSpan.FromSeconds(18));

    [Fact]
    public void The_plain_form_is_one_line_for_each_thing_without_control_characters()
    {
        var output = new StringWriter { NewLine = "\n" };
        var view = new PlainView(output);

        view.Serves("http://127.0.0.1:8056/");
        view.Begin(6, Killed);
        view.Observed(Seen("logs"), "other-source");
        view.Announced(Offline(), default);
        view.Conclude(new Verdict([], [], 13), Counts);

        output.ToString().ShouldBe(
            """
            # dashboard http://127.0.0.1:8056/
            # 00:17 chapter 6: A brick is killed (kill -9 on n2)
            obs        09:16:38.619 n2  logs      brick/gv0/n2:/data/gv0 offline -> other-source
            TRANSITION 09:16:38.619 error    brick/gv0/n2:/data/gv0 offline [state-changed] by n2/gf_event: 1795338998 76 peer=n2;volume=gv0;brick=/data/gv0

            log lines written         1,234
            datagrams sent               56
            observations seen           789
              same-source               700  the same source said so before
              late                        4  older than what is known
            transitions published         2
            all 13 expected transitions arrived, each exactly once

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void A_failed_verdict_names_what_is_missing_and_what_is_too_much()
    {
        string summary = PlainView.Summary(new Verdict([new("volume/gv0", "started")], [new("peer/n1/n3", "detached")], 12), Counts);

        summary.ShouldContain("MISSING volume/gv0 started");
        summary.ShouldContain("EXTRA   peer/n1/n3 detached");
        summary.ShouldNotContain("exactly once");
    }

    [Fact]
    public void Json_writes_the_delivered_bytes_and_keeps_its_remarks_apart()
    {
        using var output = new MemoryStream();
        var remarks = new StringWriter();
        var view = new JsonView(output, remarks);

        view.Observed(Seen("logs"), "published");
        view.Announced(Offline(), Encoding.UTF8.GetBytes("""{"a":1}"""));
        view.Conclude(null, Counts);

        Encoding.UTF8.GetString(output.ToArray()).ShouldBe("{\"a\":1}\n");
        remarks.ToString().ShouldContain("stopped before the end");
    }

    [Theory]
    [InlineData(80, 24)]
    [InlineData(160, 45)]
    [InlineData(100, 30)]
    [InlineData(40, 12)]
    public void A_frame_fills_the_terminal_and_never_overflows_it(int width, int height)
    {
        (Observation, string)[] incoming = [.. Enumerable.Range(0, 100).Select(i => (Seen(i % 2 == 0 ? "logs" : "get_state"), i == 99 ? "published" : "same-source"))];
        var frame = new LiveFrame(width, height, incoming, [.. Enumerable.Repeat(Offline(), 40)], Counts, (6, Killed), 10, TimeSpan.FromSeconds(43));

        string[] lines = [.. frame.Lines().Select(Markup.Remove)];

        lines.Length.ShouldBe(height);
        lines.ShouldAllBe(line => line.Length <= width);
        lines.Count(line => line.Contains('●', StringComparison.Ordinal)).ShouldBeGreaterThan(0);
    }

    [Fact]
    public void A_frame_shows_both_sides_and_the_arithmetic()
    {
        var frame = new LiveFrame(160, 45, [(Seen("logs"), "other-source")], [Offline()], Counts, (6, Killed), 10, TimeSpan.FromSeconds(43));

        string text = string.Join('\n', frame.Lines().Select(Markup.Remove));

        text.ShouldContain("6/10 A brick is killed");
        text.ShouldContain("09:16:38.619 n2  logs      brick/gv0/n2:/data/gv0");
        text.ShouldContain("● 09:16:38.619 brick/gv0/n2:/data/gv0 offline");
        text.ShouldContain("n2/gf_event · 1795338998 76 peer=n2");
        text.ShouldContain("1,234 log lines + 56 datagrams → 789 seen → 2 published   1 in 394 is news");
        text.ShouldContain("■ same-source 700  ■ late 4");
    }

    [Theory]
    [InlineData(160)]
    [InlineData(40)]
    public void A_frame_says_where_the_dashboard_is(int width)
    {
        var frame = new LiveFrame(width, 24, [], [], Counts, (6, Killed), 10, TimeSpan.FromSeconds(43)) { Dashboard = "http://127.0.0.1:8056/" };

        string[] lines = [.. frame.Lines().Select(Markup.Remove)];

        lines[1].ShouldContain("http://127.0.0.1:8056/");
        lines.ShouldAllBe(line => line.Length <= width);
    }

    [Fact]
    public void Text_from_outside_is_never_taken_for_markup()
    {
        Observation odd = Seen("logs") with { Entity = EntityId.Parse("brick/gv0/n2:/data/[red]x[/]") };
        var frame = new LiveFrame(160, 45, [(odd, "late")], [Offline() with { Evidence = [new Evidence("log-line", "[bold]\e[2J", null, "n2", At)] }], Counts, null, 10, TimeSpan.FromSeconds(43));

        string text = string.Join('\n', frame.Lines().Select(Markup.Remove));

        text.ShouldContain("[red]x[/]");
        text.ShouldContain("[bold]");
        text.Contains('\e', StringComparison.Ordinal).ShouldBeFalse();
    }

    [Fact]
    public void A_verdict_compares_numbers_and_not_only_names()
    {
        Expectation[] expected = [new("volume/gv0", "option-set"), new("volume/gv0", "option-set"), new("brick/gv0/n2:/data/gv0", "offline")];

        Verdict verdict = Verdict.Of(expected, [Offline(), Offline()]);

        verdict.Arrived.ShouldBe(1);
        verdict.Missing.ShouldBe([new("volume/gv0", "option-set"), new("volume/gv0", "option-set")]);
        verdict.Extra.ShouldBe([new("brick/gv0/n2:/data/gv0", "offline")]);
        verdict.IsGood.ShouldBeFalse();
    }

    private static Observation Seen(string source) => new()
    {
        Entity = EntityId.Brick("gv0", "n2:/data/gv0"),
        State = "offline",
        Source = source,
        Node = "n2",
        ObservedAt = At,
    };

    private static Transition Offline() => new()
    {
        Cluster = "demo",
        Entity = EntityId.Brick("gv0", "n2:/data/gv0"),
        Sequence = 1,
        Change = "offline",
        Previous = "online",
        Current = "offline",
        Severity = Severity.Error,
        Reason = TransitionReason.StateChanged,
        Observers = ["n2/gf_event"],
        Evidence = [new Evidence("datagram", "1795338998 76 peer=n2;volume=gv0;brick=/data/gv0", null, "n2", At)],
        Time = At,
        RecordedAt = At,
    };
}
