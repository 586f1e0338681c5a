using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Decisions;
using static GlusterBus.Router.Tests.Decisions.Scenario;

namespace GlusterBus.Router.Tests.Decisions;

public sealed class DeciderTests
{
    private const string Brick = "brick/gv0/gl1:/b";
    private readonly Scenario _s = new();

    [Fact]
    public void One_change_reported_by_two_sources_and_three_nodes_is_announced_once()
    {
        _s.Tell(State_("volume/gv0", "started", at: 1)).ShouldBe(Suppression.None);
        _s.Tell(State_("volume/gv0", "started", at: 1)).ShouldBe(Suppression.SameSource);
        _s.Tell(State_("volume/gv0", "started", at: 2, source: "logs")).ShouldBe(Suppression.OtherSource);
        _s.Tell(State_("volume/gv0", "started", at: 2, node: "gl2")).ShouldBe(Suppression.OtherNode);
        _s.Tell(State_("volume/gv0", "started", at: 2, node: "gl3")).ShouldBe(Suppression.OtherNode);

        Transition only = _s.Announced.ShouldHaveSingleItem();
        only.Id.ShouldBe("test/volume/gv0@1");
        only.Change.ShouldBe("started");
    }

    [Fact]
    public void A_bad_state_and_its_recovery_are_two_transitions_with_sequences_without_gap()
    {
        _s.Tell(State_(Brick, "offline", at: 1));
        _s.Tell(State_(Brick, "online", at: 2));
        _s.Tell(State_(Brick, "online", at: 3));

        _s.Announced.Select(t => (t.Sequence, t.Change, t.Previous, t.Reason)).ShouldBe(
        [
            (1L, "offline", null, TransitionReason.StateChanged),
            (2L, "online", "offline", TransitionReason.Recovered),
        ]);
    }

    [Fact]
    public void A_claim_about_an_earlier_instant_than_the_same_node_told_of_is_late()
    {
        _s.Tell(State_(Brick, "offline", at: 10));
        _s.Tell(State_(Brick, "online", at: 20));
        _s.Tell(State_(Brick, "offline", at: 15, source: "logs")).ShouldBe(Suppression.Late);
    }

    [Fact]
    public void What_is_told_again_makes_no_new_entry_and_yet_ends_what_is_older()
    {
        _s.Tell(State_(Brick, "offline", at: 10));
        StateEntry told = _s.State.Find(EntityId.Parse(Brick))!;
        _s.Tell(State_(Brick, "offline", at: 20, source: "logs")).ShouldBe(Suppression.OtherSource);

        _s.State.Find(EntityId.Parse(Brick)).ShouldBeSameAs(told);
        _s.Tell(State_(Brick, "online", at: 15)).ShouldBe(Suppression.Late);
        _s.Tell(State_(Brick, "online", at: 21)).ShouldBe(Suppression.None);
    }

    [Fact]
    public void A_late_line_can_not_undo_health_that_was_confirmed_after_it()
    {
        _s.Look(0, first: true, observations: [State_("volume/gv0", "started"), State_(Brick, "online")]);
        _s.Look(60, observations: [State_("volume/gv0", "started"), State_(Brick, "online")]);

        _s.Tell(State_(Brick, "offline", at: 30, source: "logs")).ShouldBe(Suppression.Late);
        _s.Told.ShouldBeEmpty();
    }

    [Fact]
    public void Clocks_that_are_not_known_are_never_compared()
    {
        _s.Tell(State_("quorum/gv0", "lost", at: 300, node: "gl2"));
        _s.Tell(State_("quorum/gv0", "met", at: 5)).ShouldBe(Suppression.None);
    }

    [Fact]
    public void What_another_node_tells_of_the_time_before_the_last_change_is_late_though_its_clock_is_wrong()
    {
        _s.KnowClocks(("gl1", 0), ("gl2", 240));
        _s.Tell(State_(Brick, "offline", at: 10));
        _s.Tell(State_(Brick, "online", at: 20));
        _s.Tell(State_(Brick, "offline", at: 250.01, node: "gl2")).ShouldBe(Suppression.Late);
        _s.Tell(State_(Brick, "online", at: 260.01, node: "gl2")).ShouldBe(Suppression.OtherNode);
        _s.Tell(State_(Brick, "offline", at: 261, node: "gl2")).ShouldBe(Suppression.None);
    }

    [Fact]
    public void Occurrences_older_than_all_that_are_remembered_are_not_told_again()
    {
        _s.KnowClocks(("gl1", 0), ("gl2", 0));
        Observation Thing(int i, string node) => State_("cluster/all", "ok", at: i * 60, node: node) with { State = null, Occurrence = $"thing{i}" };
        for (int i = 0; i < 40; i++)
        {
            _s.Tell(Thing(i, "gl1")).ShouldBe(Suppression.None);
        }

        for (int i = 0; i < 40; i++)
        {
            _s.Tell(Thing(i, "gl2")).ShouldBe(i < 8 ? Suppression.Late : Suppression.OtherNode);
        }
    }

    [Fact]
    public void The_same_occurrence_told_by_several_within_its_window_is_one()
    {
        Observation refused = Attributes("cluster/all", 0, "logs", null) with { Occurrence = "operation-refused" };
        _s.Tell(refused).ShouldBe(Suppression.None);
        _s.Tell(refused with { Node = "gl2", ObservedAt = Start.AddSeconds(5) }).ShouldBe(Suppression.OtherNode);
        _s.Tell(refused with { ObservedAt = Start.AddSeconds(40) }).ShouldBe(Suppression.None);
    }

    [Fact]
    public void What_was_applied_before_a_crash_is_recognised_when_it_is_read_again()
    {
        Observation offline = State_(Brick, "offline", at: 1, source: "logs") with { Sequence = 100 };
        Observation online = State_(Brick, "online", at: 2, source: "logs") with { Sequence = 200 };
        _s.Tell("gl1/logs/glusterd.log#1", null, offline, online);
        IReadOnlyList<Outcome> again = _s.Tell("gl1/logs/glusterd.log#1", null, offline, online, State_(Brick, "offline", at: 3, source: "logs") with { Sequence = 300 });
        again.Select(o => o.Suppression).ShouldBe([Suppression.AlreadyApplied, Suppression.AlreadyApplied, Suppression.None]);
    }

    [Fact]
    public void A_volume_made_again_under_an_old_name_goes_on_with_the_sequence_and_nothing_else()
    {
        _s.Tell(Attributes("volume/gv0", 0, "gf_event", null, ("brickCount", "3")) with { State = "created" });
        _s.Tell(State_("volume/gv0", "deleted", at: 1));
        _s.Tell(State_("volume/gv0", "created", at: 2));
        _s.Announced.Last().ShouldSatisfyAllConditions(t => t.Sequence.ShouldBe(3), t => t.Attributes.ShouldBeEmpty());
    }

    [Theory]
    [InlineData("volume/gv0", "exploded")]
    [InlineData("saucer/1", "online")]
    public void A_claim_outside_the_vocabulary_is_invalid(string entity, string state) => _s.Tell(State_(entity, state)).ShouldBe(Suppression.Invalid);

    [Fact]
    public void A_hint_is_counted_and_never_announced() =>
        _s.Tell(State_(Brick, "offline") with { Weight = Weight.Hint }).ShouldBe(Suppression.Hint);
}
