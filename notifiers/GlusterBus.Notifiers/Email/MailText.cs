using System.Globalization;
using System.Text;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Text;

namespace GlusterBus.Notifiers.Email;

/// <summary>What a mail says about one entity, before it becomes text or HTML. All of it is free of control characters.</summary>
/// <param name="Headline">One sentence.</param>
/// <param name="Facts">Label and value, a line each.</param>
/// <param name="Evidence">As it was seen.</param>
/// <param name="Look">What to look at next.</param>
internal sealed record MailSection(Severity Severity, string Headline, IReadOnlyList<(string Label, string Value)> Facts, IReadOnlyList<string> Evidence, IReadOnlyList<string> Look);

/// <summary>The words of a mail. Pure.</summary>
internal static class MailText
{
    /// <summary>The most characters of a subject, so that it survives every mail program in one piece.</summary>
    public const int MaximumSubject = 180;

    private const int MaximumEvidence = 3;
    private const int MaximumHistory = 6;
    private const int MaximumClusters = 3;

    /// <summary>Such as <c>[prod] error: brick/gv0/gl2:/srv/b1 is offline, and 12 more changes</c>.</summary>
    public static string Subject(Digest digest)
    {
        Transition lead = digest.Items[0].Last;
        string[] clusters = [.. digest.Items.Concat(digest.Others).Select(item => item.Last.Cluster).Distinct(StringComparer.Ordinal)];
        string cluster = string.Join(", ", clusters.Take(MaximumClusters)) + (clusters.Length > MaximumClusters ? ", …" : "");
        int more = digest.Count - digest.Items[0].Transitions.Count;
        string before = $"[{Shorten(TransitionText.Clean(cluster), 60)}] {(lead.Replay ? "replay: " : "")}{lead.Severity.Name()}: ";
        string after = Shorten(TransitionText.Clean(What(lead)), 60) + more switch { 0 => "", 1 => ", and 1 more change", _ => $", and {Number(more)} more changes" };

        // The middle of a long name gives way: its kind and its end tell most.
        return Whole(before + ShortenMiddle(TransitionText.Clean(lead.Entity.Value), Math.Max(20, MaximumSubject - before.Length - after.Length)) + after);
    }

    public static MailSection Section(DigestItem item)
    {
        Transition last = item.Last;
        List<(string, string)> facts = [("entity", last.Entity.Value)];
        if (last.Previous is { } previous && last.Current is { } current && last.Occurrence is null && previous != current)
        {
            facts.Add(("change", $"{previous} → {current}"));
        }

        facts.Add(("time", Time(last.Time)));
        AddSince(facts, item);
        facts.AddRange(last.Changed.Take(MaximumHistory).Select(c => (c.Key, $"{c.Value.From ?? "(not set)"} → {c.Value.To ?? "(not set)"}")));
        if (item.Transitions.Count > 1)
        {
            string shown = string.Join(", ", item.Transitions.TakeLast(MaximumHistory).Select(t => $"{t.Time.UtcDateTime:HH:mm:ss} {t.Change}"));
            facts.Add(("changes", item.Transitions.Count > MaximumHistory ? $"{Number(item.Transitions.Count)} in all, the last ones: {shown}" : shown));
        }

        if (last.Cause is { } cause)
        {
            facts.Add(("cause", cause));
        }

        if (last.Reason is not (TransitionReason.StateChanged or TransitionReason.AttributesChanged or TransitionReason.Occurred))
        {
            facts.Add(("reason", last.Reason.Text()));
        }

        if (last.Actor is { } actor)
        {
            facts.Add(("ordered", $"on {actor.Node}: {actor.Command}"));
        }

        if (last.Observers.Count > 0)
        {
            facts.Add(("seen by", string.Join(", ", last.Observers.Take(10)) + (last.Observers.Count > 10 ? ", …" : "")));
        }

        if (!last.Trusted)
        {
            facts.Add(("caution", "only senders that could not be proven to belong to the cluster told of it"));
        }

        facts.Add(("id", last.Id));
        string[] evidence = [.. last.Evidence.Take(MaximumEvidence).Select(e => Whole(TransitionText.Clean($"{e.Node}{(e.Where is null ? "" : $" {e.Where}")}: {e.Text.Trim()}")))];
        return new MailSection(
            last.Severity,
            Whole(Shorten(TransitionText.Summary(last), 400)),
            [.. facts.Select(f => (Whole(TransitionText.Clean(f.Item1)), Whole(Shorten(TransitionText.Clean(f.Item2), 1000))))],
            evidence,
            [.. Advice.For(last).Select(Whole)]);
    }

    /// <summary>Such as <c>212 more suppressed: 3 error, 209 ok</c>; null when everything was told.</summary>
    public static string? Suppressed(Digest digest) => digest.LeftOut == 0 ? null
        : $"{Number(digest.LeftOut)} more suppressed: " + string.Join(", ", digest.Others.SelectMany(item => item.Transitions)
            .GroupBy(t => t.Severity).OrderByDescending(g => g.Key).Select(g => $"{Number(g.Count())} {g.Key.Name()}"));

    /// <summary>How to see what a mail did not tell.</summary>
    public static string HistoryCommand(Digest digest) =>
        $"glusterbus history --since {digest.Items.Concat(digest.Others).SelectMany(i => i.Transitions).Min(t => t.Time).UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}";

    /// <summary>The body for mail programs that show text.</summary>
    public static string Body(Digest digest)
    {
        var body = new StringBuilder();
        foreach (MailSection section in digest.Items.Select(Section))
        {
            body.Append(section.Severity.Name().ToUpperInvariant()).Append("  ").Append(section.Headline).Append("\n\n");
            foreach ((string label, string value) in section.Facts)
            {
                body.Append("  ").Append(label.PadRight(9)).Append(' ').Append(value).Append('\n');
            }

            List(body, "evidence", section.Evidence);
            List(body, "look at", section.Look);
            body.Append('\n');
        }

        if (Suppressed(digest) is { } suppressed)
        {
            body.Append(suppressed).Append(".\nAll of it: ").Append(HistoryCommand(digest)).Append("\n\n");
        }

        return body.Append("-- \nGlusterBus\n").ToString();
    }

    private static void List(StringBuilder body, string label, IReadOnlyList<string> lines)
    {
        foreach ((int i, string line) in lines.Index())
        {
            body.Append("  ").Append((i == 0 ? label : "").PadRight(9)).Append(' ').Append(line).Append('\n');
        }
    }

    private static void AddSince(List<(string, string)> facts, DigestItem item)
    {
        Transition last = item.Last;
        bool isOver = item.Incident.Sequence < last.Sequence && !Incidents.IsBad(last.Severity);
        if (item.Incident.Since is { } since && isOver)
        {
            facts.Add(("lasted", $"{Duration(last.Time - since)}, since {Time(since)}"));
        }
        else if (item.Incident.Since is { } began && began != last.Time)
        {
            facts.Add(("bad since", $"{Time(began)}, {Duration(last.Time - began)} before"));
        }
    }

    private static string What(Transition t) => t switch
    {
        { Occurrence: not null } or { Current: null } => $": {t.Change}",
        { Changed.Count: > 0 } when t.Current == t.Previous => $": {t.Change}",
        { Current: { } current } => $" is {current}",
    };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Duration(TimeSpan time) => time switch
    {
        _ when time < TimeSpan.FromMinutes(1) => $"{Number(Math.Max(0, (int)time.TotalSeconds))} s",
        _ when time < TimeSpan.FromHours(1) => $"{Number(time.Minutes)} min {Number(time.Seconds)} s",
        _ when time < TimeSpan.FromDays(1) => $"{Number(time.Hours)} h {Number(time.Minutes)} min",
        _ => $"{Number(time.Days)} d {Number(time.Hours)} h",
    };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Shorten(string text, int most) => text.Length <= most ? text : string.Concat(text.AsSpan(0, most - 1), "…");

    private static string ShortenMiddle(string text, int most) =>
        text.Length <= most ? text : string.Concat(text.AsSpan(0, most / 2), "…", text.AsSpan(text.Length - (most - 1 - (most / 2))));

    /// <summary>Cuts may part a pair of surrogates, and a name may bring half of one: neither can be encoded.</summary>
    private static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
