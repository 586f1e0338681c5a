using System.Globalization;
using System.Text;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Host.Demo.View;

/// <summary>One line per observation and per transition, for pipes and files. Shows the same as the live display, never a colour or a cursor movement.</summary>
/// <param name="output">Where to.</param>
/// <param name="isBrief">True leaves the observations out.</param>
internal sealed class PlainView(TextWriter output, bool isBrief = false) : IDemoView
{
    private readonly Lock _gate = new();

    public void Begin(int number, Chapter chapter) => Write($"# {Wording.Elapsed(chapter.Begins)} chapter {number}: {chapter.Title} ({chapter.Tells})");

    public void Serves(string dashboard) => Write($"# dashboard {dashboard}");

    public void Observed(Observation observation, string outcome)
    {
        if (!isBrief)
        {
            Write(string.Create(
                CultureInfo.InvariantCulture,
                $"obs        {Wording.Time(observation.ObservedAt)} {observation.Node,-3} {observation.Source,-9} {observation.Entity} {Wording.Claim(observation)} -> {outcome}"));
        }
    }

    public void Announced(Transition transition, ReadOnlyMemory<byte> json) => Write(
        $"TRANSITION {Wording.Time(transition.Time)} {transition.Severity.Name(),-8} {transition.Entity} {transition.Change} [{transition.Reason.Name()}] by {Wording.Seen(transition)}: {Wording.Proof(transition)}");

    public void Conclude(Verdict? verdict, Tally tally) => Write(Summary(verdict, tally));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The final table.</summary>
    public static string Summary(Verdict? verdict, Tally tally)
    {
        var text = new StringBuilder("\n");
        void Row(string name, long count, string remark = "") => text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{name,-22} {count,8:N0}  {remark}").TrimEnd());
        Row("log lines written", tally.Lines);
        Row("datagrams sent", tally.Datagrams);
        Row("observations seen", tally.Seen);
        foreach ((string reason, long count) in tally.Suppressed)
        {
            Row("  " + reason, count, Reasons.Meaning(reason));
        }

        Row("transitions published", tally.Published);
        switch (verdict)
        {
            case null:
                text.Append("stopped before the end of the story");
                break;
            case { IsGood: true }:
                text.Append(CultureInfo.InvariantCulture, $"all {verdict.Arrived} expected transitions arrived, each exactly once");
                break;
            default:
                text.Append(CultureInfo.InvariantCulture, $"{verdict.Arrived} transitions arrived as expected");
                verdict.Missing.ToList().ForEach(e => text.Append(CultureInfo.InvariantCulture, $"\nMISSING {e}"));
                verdict.Extra.ToList().ForEach(e => text.Append(CultureInfo.InvariantCulture, $"\nEXTRA   {e}"));
                break;
        }

        return text.ToString();
    }

    private void Write(string line)
    {
        lock (_gate)
        {
            output.WriteLine(line);
        }
    }
}
