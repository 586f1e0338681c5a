using FsCheck;
using FsCheck.Fluent;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Decisions;
using GlusterBus.Router.State;

namespace GlusterBus.Router.Tests.Decisions;

/// <summary>What holds for every schedule of reports.</summary>
public sealed class DeciderLaws
{
    /// <summary>A true history of one brick, and the reports of it as N nodes × copies deliver them, shuffled within each phase.</summary>
    private static Gen<(string[] History, Observation[] Reports)> Schedules =>
        from length in Gen.Choose(1, 6)
        from history in Gen.Elements("offline", "online").ArrayOf(length)
        from observers in Gen.Elements(3, 5, 9)
        from copies in Gen.Choose(1, 5)
        from seeds in Gen.Choose(0, int.MaxValue).ArrayOf(length)
        select (history, history.SelectMany((state, phase) =>
        {
            Observation[] reports = [.. Enumerable.Range(0, observers * copies).Select(i => Scenario.State_("brick/gv0/n1:/b", state, (phase * 10) + (i % 7 * 0.1), $"n{i % observers}", i % 2 == 0 ? "gf_event" : "logs"))];
            new Random(seeds[phase]).Shuffle(reports);
            return reports;
        }).ToArray());

    [Fact]
    public void However_many_tell_it_in_whatever_order_each_change_is_announced_once() =>
        Prop.ForAll(Schedules.ToArbitrary(), schedule =>
        {
            var scenario = new Scenario();
            foreach (Observation report in schedule.Reports)
            {
                scenario.Tell(report);
            }

            // Health at the very beginning is no news; after that every change of the true history is, once.
            var expected = new List<string>();
            string known = "online";
            foreach (string state in schedule.History)
            {
                if (state != known)
                {
                    expected.Add(state);
                    known = state;
                }
            }

            scenario.Announced.Select(t => t.Change).ShouldBe(expected);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Sequences_have_no_gaps_and_ids_never_repeat() =>
        Prop.ForAll(Noise.ToArbitrary(), noise =>
        {
            var scenario = new Scenario();
            foreach (Observation report in noise)
            {
                scenario.Tell(report);
            }

            foreach (IGrouping<EntityId, Transition> entity in scenario.Announced.GroupBy(t => t.Entity))
            {
                entity.Select(t => t.Sequence).ShouldBe(Enumerable.Range(1, entity.Count()).Select(i => (long)i));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void The_same_observations_give_the_same_bytes() =>
        Prop.ForAll(Noise.ToArbitrary(), noise => Replay(noise).ShouldBe(Replay(noise))).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void An_entry_survives_storage_unchanged() =>
        Prop.ForAll(Noise.ToArbitrary(), noise =>
        {
            var scenario = new Scenario();
            foreach (Observation report in noise)
            {
                scenario.Tell(report);
            }

            foreach (StateEntry entry in scenario.State.Entries.Values)
            {
                byte[] stored = StateEntryJson.Write(entry);
                StateEntryJson.Write(StateEntryJson.Read(stored)).ShouldBe(stored);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Applying_a_stream_again_after_a_crash_announces_nothing() =>
        Prop.ForAll(Noise.ToArbitrary(), Gen.Choose(0, 100).ToArbitrary(), (noise, cut) =>
        {
            Observation[] stream = [.. noise.Select((o, i) => o with { Sequence = i + 1 })];
            var scenario = new Scenario();
            scenario.Tell("n1/logs/x#1", null, stream);
            string[] told = scenario.Told;
            scenario.Tell("n1/logs/x#1", null, [.. stream.Skip(cut * stream.Length / 101)]);
            scenario.Told.ShouldBe(told);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static Gen<Observation[]> Noise =>
        (from entity in Gen.Elements("brick/gv0/n1:/b", "brick/gv1/n2:/b", "quorum/gv0", "volume/gv0", "subvol/gv0/replicate-0")
         from state in Gen.Elements([.. EntityKinds.Of(EntityId.Parse("brick/a/b"))!.States.Keys, "lost", "met", "started", "stopped", "deleted", "up", "down", "nonsense"])
         from node in Gen.Elements("n1", "n2", "n3")
         from at in Gen.Choose(0, 500)
         from trusted in Gen.Frequency((9, Gen.Constant(true)), (1, Gen.Constant(false)))
         select Scenario.State_(entity, state, at / 10.0, node, trusted: trusted)).ArrayOf().Where(a => a.Length > 0);

    private static string Replay(Observation[] observations)
    {
        var scenario = new Scenario();
        foreach (Observation observation in observations)
        {
            scenario.Now = observation.ObservedAt;
            scenario.Tell(observation);
        }

        return string.Join('\n', scenario.Recorded.Select(r => System.Text.Encoding.UTF8.GetString(TransitionJson.Write(r.Transition))));
    }
}
