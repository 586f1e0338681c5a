using System.Globalization;
using GlusterBus.Contracts.Messages;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Distributed;

/// <summary>Judges what a consumer heard against what happened.</summary>
internal static class Verdicts
{
    /// <summary>True when every change of every volume was heard.</summary>
    public static bool IsComplete(IReadOnlyCollection<Heard> heard, IReadOnlyList<long> changes)
    {
        HashSet<string> ids = [.. heard.Select(h => h.Transition.Id)];
        return ids.Count(id => id.Contains("/quorum/", StringComparison.Ordinal)) >= changes.Sum();
    }

    /// <summary>Nothing lost, nothing doubled but with its id, nothing out of order, nothing published by a router that had lost its partition.</summary>
    /// <param name="heard">What was heard, in order.</param>
    /// <param name="changes">How many changes each volume had.</param>
    /// <returns>How many repetitions there were.</returns>
    public static int ShouldTellTheTruth(IReadOnlyCollection<Heard> heard, IReadOnlyList<long> changes)
    {
        Heard[] quorum = [.. heard.Where(h => h.Transition.Entity.Kind == "quorum")];
        foreach ((int volume, long count) in changes.Select((count, volume) => (volume, count)))
        {
            string entity = $"quorum/v{volume}";
            Transition[] told = [.. quorum.Select(h => h.Transition).Where(t => t.Entity.Value == entity)];
            Transition[] firsts = [.. told.DistinctBy(t => t.Sequence)];
            firsts.Length.ShouldBe((int)count, $"{entity}: each change once. Told too soon after another one: {string.Join('\n', TooSoon(firsts))}");
            firsts.Select(t => t.Sequence).ShouldBe(Enumerable.Range(1, (int)count).Select(i => (long)i), $"{entity}: in order, without gaps");
            firsts.Select(t => t.Current).ShouldBe(Enumerable.Range(0, (int)count).Select(i => i % 2 == 0 ? "lost" : "met"), entity);
            foreach (IGrouping<string, Transition> copies in told.GroupBy(t => t.Id))
            {
                copies.Select(t => (t.Current, t.Time, t.RecordedAt)).Distinct().ShouldHaveSingleItem($"{copies.Key} was told twice with different contents");
            }
        }

        long epoch = 0;
        foreach (Heard h in heard)
        {
            h.Epoch.ShouldBeGreaterThanOrEqualTo(epoch, $"{h.Transition.Id} was published by a router that had lost its partition");
            epoch = h.Epoch;
        }

        return quorum.Length - quorum.DistinctBy(h => h.Transition.Id).Count();
    }

    /// <summary>Where a change that never happened was told, the one after it comes sooner than real ones do.</summary>
    private static IEnumerable<string> TooSoon(Transition[] told)
    {
        foreach ((Transition before, Transition after) in told.Zip(told.Skip(1)))
        {
            if (after.Time - before.Time < Reporters.Spacing / 2)
            {
                yield return $"{Line(before)} | {Line(after)}";
            }
        }

        static string Line(Transition t) => string.Create(CultureInfo.InvariantCulture,
            $"@{t.Sequence} {t.Time:HH:mm:ss.ffffff} {t.Current} recorded {t.RecordedAt:HH:mm:ss.ffffff} ({string.Join(' ', t.Evidence.Select(e => $"{e.Node}: {e.Text[..32]}"))})");
    }
}
