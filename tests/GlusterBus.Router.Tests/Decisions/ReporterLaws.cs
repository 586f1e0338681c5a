using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using static GlusterBus.Router.Tests.Decisions.Scenario;

namespace GlusterBus.Router.Tests.Decisions;

/// <summary>Many nodes report the same changes, each by its own clock, some of them much later than others: every change is announced once.</summary>
public sealed class ReporterLaws(ITestOutputHelper output)
{
    private const int Schedules = 10_000;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(20);

    private sealed record Reporter(string Node, TimeSpan Skew, int Haste, List<Observation> Reports)
    {
        public int Told { get; set; }
    }

    [Fact]
    public void Whoever_tells_it_however_often_and_however_late_each_change_is_announced_once_and_in_order()
    {
        int seed = Environment.GetEnvironmentVariable("GLUSTERBUS_SEED") is { } given ? int.Parse(given) : Environment.TickCount;
        output.WriteLine($"seed {seed}; GLUSTERBUS_SEED={seed} repeats the run");
        for (int i = 0; i < Schedules; i++)
        {
            var random = new Random(HashCode(seed, i));
            var history = new RandomHistory(random, random.Next(2, 25));
            Dictionary<string, string[]> told = Play(random, history);
            told.Keys.Except(history.Told.Keys).ShouldBeEmpty($"schedule {i} of seed {seed}");
            foreach ((string entity, string[] expected) in history.Told)
            {
                told.GetValueOrDefault(entity, []).ShouldBe(expected, $"{entity} of schedule {i} of seed {seed}");
            }
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(9)]
    public void One_change_is_announced_once_though_nobodys_clock_is_known(int reporters)
    {
        var random = new Random(reporters);
        for (int i = 0; i < 1000; i++)
        {
            var scenario = new Scenario();
            Observation[] reports = [.. Enumerable.Range(0, reporters).SelectMany(r => Enumerable.Repeat(
                State_("volume/gv0", "started", random.Next(-300, 300), $"n{r}", r % 2 == 0 ? "gf_event" : "logs"), random.Next(1, 6)))];
            random.Shuffle(reports);
            Array.ForEach(reports, report => scenario.Tell(report));
            scenario.Told.ShouldBe(["volume/gv0 started"]);
        }
    }

    private static Dictionary<string, string[]> Play(Random random, RandomHistory history)
    {
        var scenario = new Scenario { Now = Start.AddSeconds(-60) };
        int count = new[] { 3, 5, 9 }[random.Next(3)];
        Reporter[] reporters = [.. Enumerable.Range(1, count).Select(n => Introduce(random, $"n{n}", history))];
        for (int beat = 0; beat < 3; beat++)
        {
            Array.ForEach(reporters, reporter => Hear(scenario, random, reporter));
            scenario.Now += Heartbeat.Interval;
        }

        while (Next(random, reporters) is { } reporter)
        {
            scenario.Tell(reporter.Reports[reporter.Told++]);
            if (random.Next(20) == 0)
            {
                scenario.Now += TimeSpan.FromSeconds(random.Next(10));
                Hear(scenario, random, reporter);
            }
        }

        foreach (IGrouping<EntityId, Transition> entity in scenario.Announced.GroupBy(t => t.Entity))
        {
            entity.Select(t => t.Sequence).ShouldBe(Enumerable.Range(1, entity.Count()).Select(s => (long)s));
        }

        return scenario.Announced.Where(t => !t.Entity.IsWithin("collector/")).GroupBy(t => t.Entity.Value).ToDictionary(g => g.Key, g => g.Select(t => t.Change).ToArray());
    }

    /// <summary>Every change in the order of the history, and up to four repetitions of each somewhere later.</summary>
    private static Reporter Introduce(Random random, string node, RandomHistory history)
    {
        TimeSpan skew = TimeSpan.FromMilliseconds(random.Next(-300_000, 300_001));
        List<Observation> reports = [];
        foreach (Observation change in history.Changes)
        {
            // Nodes see one change at slightly different moments.
            Observation seen = change with { Node = node, Source = random.Next(2) == 0 ? "gf_event" : "logs", ObservedAt = change.ObservedAt + skew + TimeSpan.FromMilliseconds(random.Next(10)) };
            reports.Add(seen);
        }

        foreach (Observation repeated in reports.ToArray().SelectMany(report => Enumerable.Repeat(report, random.Next(5))))
        {
            int first = reports.FindIndex(report => ReferenceEquals(report, repeated));
            reports.Insert(random.Next(2) == 0 ? first + 1 : random.Next(first + 1, reports.Count + 1), repeated with { Count = 1 });
        }

        int[] hastes = [1, 10, 100, 1000];
        return new Reporter(node, skew, hastes[random.Next(hastes.Length)], reports);
    }

    /// <summary>The hasty ones mostly come first.</summary>
    private static Reporter? Next(Random random, Reporter[] reporters)
    {
        Reporter[] waiting = [.. reporters.Where(r => r.Told < r.Reports.Count)];
        int dice = random.Next(Math.Max(1, waiting.Sum(r => r.Haste)));
        return waiting.FirstOrDefault(r => (dice -= r.Haste) < 0);
    }

    private static void Hear(Scenario scenario, Random random, Reporter reporter)
    {
        DateTimeOffset sentAt = scenario.Now + reporter.Skew;
        scenario.Now += LongestDelay * random.NextDouble();
        scenario.Hear(reporter.Node, new Heartbeat(sentAt, HasLooked: false));
    }

    private static int HashCode(int seed, int i) => unchecked((seed * 486187739) + (i * 16777619));
}
