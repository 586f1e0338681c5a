using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Decisions;
using static GlusterBus.Router.Tests.Decisions.Scenario;

namespace GlusterBus.Router.Tests.Decisions;

/// <summary>What complete looks at the cluster say, and what they leave out.</summary>
public sealed class LookTests
{
    private const string Brick = "brick/gv0/gl1:/b";
    private readonly Scenario _s = new();

    [Fact]
    public void The_first_look_at_a_healthy_cluster_is_the_baseline_and_no_news()
    {
        _s.Look(0, first: true, observations: [State_("volume/gv0", "started"), State_(Brick, "online"), State_("peer/gl1/gl2", "connected")]);
        _s.Told.ShouldBeEmpty();
        _s.State.Entries.Count.ShouldBe(3);
    }

    [Fact]
    public void The_first_look_announces_what_is_broken()
    {
        _s.Look(0, first: true, observations: [State_("volume/gv0", "started"), State_(Brick, "offline")]);
        _s.Announced.ShouldHaveSingleItem().Reason.ShouldBe(TransitionReason.FoundAtStart);
    }

    [Fact]
    public void After_a_restart_only_what_changed_meanwhile_is_announced()
    {
        _s.Look(0, first: true, observations: [State_("volume/gv0", "started"), State_("volume/gv1", "started")]);
        _s.Look(900, first: true, observations: [State_("volume/gv0", "stopped"), State_("volume/gv1", "started"), State_("volume/gv2", "created")]);

        _s.Told.ShouldBe(["volume/gv0 stopped", "volume/gv2 created"]);
        _s.Announced.ShouldAllBe(t => t.Reason == TransitionReason.FoundAtStart);
    }

    [Fact]
    public void A_volume_that_is_missing_from_a_look_was_deleted()
    {
        _s.Look(0, first: true, observations: [State_("volume/gv0", "stopped"), State_("volume/gv1", "started")]);
        _s.Look(60, observations: [State_("volume/gv1", "started")]);
        _s.Look(120, observations: [State_("volume/gv1", "started")]);

        Transition gone = _s.Announced.ShouldHaveSingleItem();
        (gone.Entity.Value, gone.Change, gone.Reason).ShouldBe(("volume/gv0", "deleted", TransitionReason.Gone));
    }

    [Fact]
    public void A_look_that_began_before_the_volume_was_made_does_not_prove_its_absence()
    {
        _s.Tell(State_("volume/gv0", "created", at: 10));
        _s.Look(9.9);
        _s.Look(9.9, node: "gl2");
        _s.Told.ShouldBe(["volume/gv0 created"]);
    }

    [Fact]
    public void What_another_node_still_sees_has_not_gone()
    {
        _s.Look(0, first: true, observations: [State_("volume/gv0", "started")]);
        _s.Look(1, node: "gl2", first: true, observations: [State_("volume/gv0", "started")]);
        _s.Look(60);
        _s.Told.ShouldBeEmpty();
        _s.Look(70, node: "gl2");
        _s.Told.ShouldBe(["volume/gv0 deleted"]);
    }

    [Fact]
    public void Stopping_a_volume_is_one_message_and_its_bricks_go_down_quietly()
    {
        _s.Look(0, first: true, observations: [State_("volume/gv0", "started"), State_(Brick, "online")]);
        _s.Tell(State_("volume/gv0", "stopped", at: 10));
        _s.Look(11, observations: [State_(Brick, "offline"), State_("volume/gv0", "stopped")]).ShouldContain(o => o.Suppression == Suppression.Expected);
        _s.Tell(State_("volume/gv0", "started", at: 20));
        _s.Tell(State_(Brick, "online", at: 19.5));

        _s.Told.ShouldBe(["volume/gv0 stopped", "volume/gv0 started"]);
        _s.Recorded.Count(r => !r.IsAnnounced && r.Transition.Entity.Value == Brick && r.Transition.Current == "offline").ShouldBe(1, "the archive must know it all the same");
    }

    [Fact]
    public void A_look_that_shows_stopped_volume_and_dead_brick_together_judges_the_brick_by_the_volume()
    {
        _s.Look(0, first: true, observations: [State_("volume/gv0", "started"), State_(Brick, "online")]);
        _s.Look(60, observations: [State_(Brick, "offline"), State_("volume/gv0", "stopped")]);
        _s.Told.ShouldBe(["volume/gv0 stopped"]);
    }

    [Fact]
    public void A_brick_that_stays_down_after_its_volume_was_started_is_announced_late_rather_than_never()
    {
        _s.Look(0, first: true, observations: [State_("volume/gv0", "created"), State_(Brick, "offline")]);
        _s.Tell(State_("volume/gv0", "started", at: 10));
        _s.Look(60, observations: [State_("volume/gv0", "started"), State_(Brick, "offline")]);
        _s.Look(120, observations: [State_("volume/gv0", "started"), State_(Brick, "offline")]);
        _s.Told.ShouldBe(["volume/gv0 started", "brick/gv0/gl1:/b offline"]);
    }

    [Fact]
    public void A_brick_that_comes_back_by_way_of_starting_is_announced_as_recovered()
    {
        _s.Look(0, first: true, observations: [State_("volume/gv0", "started"), State_(Brick, "online")]);
        _s.Tell(State_(Brick, "offline", at: 10));
        _s.Look(11, observations: [State_("volume/gv0", "started"), State_(Brick, "starting")]);
        _s.Tell(State_(Brick, "online", at: 12));
        _s.Told.ShouldBe([$"{Brick} offline", $"{Brick} online"]);
    }

    [Fact]
    public void A_recovery_whose_event_was_lost_is_found_by_the_next_look()
    {
        _s.Look(0, first: true, observations: [State_("volume/gv0", "started"), State_(Brick, "online")]);
        _s.Tell(State_(Brick, "offline", at: 10));
        _s.Look(60, observations: [State_("volume/gv0", "started"), State_(Brick, "online")]);
        _s.Announced.Last().ShouldSatisfyAllConditions(t => t.Change.ShouldBe("online"), t => t.Reason.ShouldBe(TransitionReason.Reconciled));
    }

    [Fact]
    public void A_node_that_repeats_its_dissent_is_outvoted()
    {
        foreach (string node in new[] { "gl1", "gl2", "gl3" })
        {
            _s.Look(0, node, first: true, observations: [State_("volume/gv0", "started")]);
        }

        _s.Tell(State_("volume/gv0", "stopped", at: 10));
        _s.Look(60, "gl1", observations: [State_("volume/gv0", "stopped")]);
        _s.Look(60, "gl2", observations: [State_("volume/gv0", "stopped")]);
        _s.Look(60, "gl3", observations: [State_("volume/gv0", "started")]).ShouldContain(o => o.Suppression == Suppression.Outvoted);
        _s.Told.ShouldBe(["volume/gv0 stopped"]);
    }
}
