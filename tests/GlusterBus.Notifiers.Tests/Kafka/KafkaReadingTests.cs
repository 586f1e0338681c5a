using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Notifiers.Kafka.Reading;
using GlusterBus.TestKit;

namespace GlusterBus.Notifiers.Tests.Kafka;

/// <summary>The decisions of reading the past, without any Kafka.</summary>
public sealed class KafkaReadingTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);

    [Fact]
    public void A_repetition_is_seen_once_however_it_comes()
    {
        var random = new Random(7);
        for (int run = 0; run < 200; run++)
        {
            var seen = new SeenSequences();
            var model = new HashSet<long>();
            for (int i = 0; i < 60; i++)
            {
                long sequence = random.Next(1, 40);
                seen.Add(sequence).ShouldBe(model.Add(sequence), $"run {run}, {sequence} after {string.Join(' ', model)}");
            }
        }
    }

    [Fact]
    public void Several_partitions_become_one_order_by_time_and_each_keeps_its_own()
    {
        var random = new Random(11);
        for (int run = 0; run < 100; run++)
        {
            int partitions = random.Next(1, 5);
            var merge = new PartitionMerge<(int Partition, int Index, long Time)>(partitions);
            var taken = new List<(int Partition, int Index, long Time)>();
            int[] added = new int[partitions];
            long[] times = new long[partitions];
            for (int i = 0; i < 200; i++)
            {
                int p = random.Next(partitions);
                times[p] += random.Next(1, 10);
                if (random.Next(3) > 0)
                {
                    merge.Add(p, times[p], (p, added[p]++, times[p]));
                }
                else
                {
                    merge.Reach(p, times[p]);
                }

                Take();
            }

            for (int p = 0; p < partitions; p++)
            {
                merge.End(p);
            }

            Take();
            taken.Count.ShouldBe(added.Sum());
            taken.Select(t => t.Time).ShouldBe(taken.Select(t => t.Time).Order());
            for (int p = 0; p < partitions; p++)
            {
                taken.Where(t => t.Partition == p).Select(t => t.Index).ShouldBe(Enumerable.Range(0, added[p]));
            }

            void Take()
            {
                while (merge.TryTake(out (int, int, long) item))
                {
                    taken.Add(item);
                }
            }
        }
    }

    [Fact]
    public void Nothing_overtakes_a_partition_of_which_nothing_has_come_yet()
    {
        var merge = new PartitionMerge<string>(2);
        merge.Add(0, 10, "late");
        merge.TryTake(out _).ShouldBeFalse();
        merge.Reach(1, 9);
        merge.TryTake(out _).ShouldBeFalse();
        merge.Reach(1, 10);
        merge.TryTake(out string item).ShouldBeTrue();
        item.ShouldBe("late");
    }

    [Fact]
    public void A_look_into_the_json_sees_what_reading_all_of_it_sees()
    {
        foreach (Transition t in SampleTransitions.Bricks(4, 2).Append(SampleTransitions.Brick() with { Previous = null, Replay = true, TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }))
        {
            TransitionPeek.Read(TransitionJson.Write(t)).ShouldBe(new TransitionPeek(t.Sequence, t.Time, t.Severity, t.Previous));
        }

        foreach (string foreign in (string[])["", "{}", "[]", "x", "{\"data\":{}}", "{\"sequence\":\"x\"}", "{\"sequence\":\"1\",\"data\":{\"severity\":\"loud\"}}"])
        {
            TransitionPeek.Read(System.Text.Encoding.UTF8.GetBytes(foreign)).ShouldBeNull(foreign);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_time_is_found_with_and_without_the_brokers_index_and_nothing_of_it_lies_before(bool hasIndex)
    {
        var random = new Random(13);
        for (int run = 0; run < 200; run++)
        {
            // Nearly in order: each up to an hour behind.
            long[][] times = [.. Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, random.Next(0, 50)).Select(i => (i * 7_200_000L) - random.Next(0, 3_600_000)).ToArray())];
            var topic = new Topic(times, hasIndex);
            DateTimeOffset wanted = DateTimeOffset.FromUnixTimeMilliseconds(random.Next(0, 51) * 7_200_000L);

            long[] found = TimeSeek.Find(topic, topic.Ranges, wanted);

            for (int p = 0; p < times.Length; p++)
            {
                times[p].Take((int)found[p] - Topic.First).ShouldAllBe(time => time < wanted.ToUnixTimeMilliseconds());
                long first = Array.FindIndex(times[p], time => time >= wanted.ToUnixTimeMilliseconds());
                (found[p] == Topic.First + (first < 0 ? times[p].Length : first)).ShouldBe(hasIndex || found[p] == Topic.First + (first < 0 ? times[p].Length : first));
                found[p].ShouldBeGreaterThanOrEqualTo(Topic.First + (first < 0 ? times[p].Length : Math.Max(0, first - 13)), "no more than a day too early");
            }
        }
    }

    [Fact]
    public void The_state_of_an_instant_comes_from_the_record_the_first_word_after_it_or_the_newest()
    {
        DateTimeOffset at = Start.AddHours(1);
        var state = new StateBefore(at);
        state.Archived(Change("volume/a", 2, "created", "started", -10));
        state.Archived(Change("volume/a", 3, "started", "started", -5) with { Changed = Changed("note", null, "x"), Attributes = Attributes("note", "x") });
        state.Archived(Change("volume/a", 4, "started", "stopped", 5));
        state.Archived(Change("volume/a", 3, "started", "started", -5), "a repetition");
        state.Archived(Change("volume/old", 9, "started", "stopped", 5) with { Changed = Changed("note", "y", null), Attributes = Attributes("kept", "z") });
        state.Archived(Change("volume/new", 1, null, "created", 5));
        state.Archived(Change("volume/gone", 7, "stopped", "deleted", 5));
        state.Archived(Change("volume/deleted", 3, "stopped", "deleted", -5));
        state.Newest(Change("volume/old", 10, "stopped", "started", 9));
        state.Newest(Change("volume/new", 2, "created", "started", 9));
        state.Newest(Change("volume/untouched", 5, "created", "started", -9000));
        state.Newest(Change("volume/noted", 5, "started", "started", -9000));

        state.Rows().Select(row => $"{row.Entity} {row.State} @{row.Sequence} {(row.Since is { } since ? (since - at).TotalMinutes : "?")} {string.Join(',', row.Attributes.OrderBy(a => a.Key).Select(a => $"{a.Key}={a.Value}"))}")
            .ShouldBe([
                "volume/a started @3 -10 note=x",
                "volume/gone stopped @6 ? ",
                "volume/noted started @5 ? ",
                "volume/old started @8 ? kept=z,note=y",
                "volume/untouched started @5 -9000 "]);

        Transition Change(string entity, long sequence, string? previous, string current, int minutes) => SampleTransitions.Brick() with
        {
            Entity = EntityId.Parse(entity),
            Sequence = sequence,
            Previous = previous,
            Current = current,
            Time = at.AddMinutes(minutes),
            RecordedAt = at.AddMinutes(minutes),
        };
    }

    [Fact]
    public void For_entities_named_in_full_only_their_partitions_are_read()
    {
        static IReadOnlyList<int> Of(params string[] entities) => new TransitionSearch(new HistoryQuery { Filter = new TransitionFilter { Entities = entities } }, "lab").Partitions(12);

        Of("volume/gv0").Count.ShouldBe(1);
        Of("volume/gv0", "volume/gv0").Count.ShouldBe(1);
        Of("volume/gv0", "volume/*").Count.ShouldBe(12);
        Of().Count.ShouldBe(12);
    }

    private static Dictionary<string, AttributeChange> Changed(string name, string? from, string? to) => new() { [name] = new(from, to) };

    private static Dictionary<string, string> Attributes(string name, string value) => new() { [name] = value };

    /// <summary>Three partitions whose first records are no longer there.</summary>
    private sealed class Topic(long[][] times, bool hasIndex) : ITimedTopic
    {
        public const int First = 100;

        public OffsetRange[] Ranges => [.. times.Select(t => new OffsetRange(First, First + t.Length))];

        public IReadOnlyList<long?> OffsetsAt(long milliseconds) =>
            [.. times.Select(t => hasIndex && Array.FindIndex(t, time => time >= milliseconds) is var i and >= 0 ? First + i : (long?)null)];

        public IReadOnlyList<long?> TimesAt(IReadOnlyList<long?> offsets) =>
            [.. offsets.Select((offset, i) => offset is { } at && at - First < times[i].Length ? times[i][at - First] : (long?)null)];
    }
}

file static class StateBeforeExtensions
{
    public static void Archived(this StateBefore state, Transition transition, string why) => state.Archived(transition with { Cause = why });
}
