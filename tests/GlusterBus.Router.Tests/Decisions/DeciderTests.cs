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
    public void An_old_option_of_another_node_does_not_turn_a_newer_value_back_but_one_nobody_told_of_counts()
    {
        _s.KnowClocks(("gl1", 0), ("gl2", -60));
        Observation Set(double at, string node, string option, string? value) =>
            Attributes("volume/gv0", at, "gf_event", value is null ? "option-reset" : "option-set", ($"options.{option}", value)) with { Node = node };
        _s.Tell(State_("volume/gv0", "created", at: 1));
        _s.Tell(Set(10, "gl1", "a", "1"));
        _s.Tell(Set(20, "gl1", "a", "2"));
        _s.Tell(Set(-50, "gl2", "a", "1")).ShouldBe(Suppression.Late);
        _s.Tell(Set(-45, "gl2", "b", "1")).ShouldBe(Suppression.None);
        _s.Tell(Set(30, "gl1", "a", null)).ShouldBe(Suppression.None);
        _s.Tell(Set(-40, "gl2", "a", "2")).ShouldBe(Suppression.Late);
        _s.State.Find(EntityId.Parse("volume/gv0"))!.Attributes.ShouldBe(new Dictionary<string, string> { ["options.b"] = "1" });
    }

    [Fact]
    public void A_late_trouble_of_another_node_does_not_wait_again_after_it_was_over()
    {
        _s.KnowClocks(("gl1", 0), ("gl2", 0));
        _s.Tell(State_("subvol/gv0/replicate-0", "up", at: 0));
        _s.Tell(State_("subvol/gv0/replicate-0", "down", at: 1)).ShouldBe(Suppression.Held);
        _s.Tell(State_("subvol/gv0/replicate-0", "up", at: 2)).ShouldBe(Suppression.HoldCancelled);
        _s.Tell(State_("subvol/gv0/replicate-0", "down", at: 1, node: "gl2")).ShouldBe(Suppression.Late);
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

    [Fact]
    public void An_option_that_the_first_description_shows_before_its_report_arrives_is_announced_once()
    {
        Observation Volume(params (string, string?)[] options) => Attributes("volume/gv0", 0, "get_state", null, options) with { State = "created" };
        Observation report = Attributes("volume/gv0", 12, "gf_event", "option-set", ("options.b", "2"));
        _s.Tell(State_("volume/gv0", "created", at: 10));

        // glusterd was busy: the look began before the option was set and was answered after it.
        _s.Look(10.5, observations: [Volume(("options.a", "1"), ("options.b", "2"))]);
        _s.Tell(report);
        _s.Tell(report with { Source = "hooks" });
        _s.Look(70, observations: [Volume(("options.a", "1"), ("options.b", "2"))]);
        _s.Told.ShouldBe(["volume/gv0 created", "volume/gv0 option-set"]);
    }

    /// <summary>As seen in a busy demo: <c>volume create</c> and <c>volume set</c> in one script, and the look that the first one asked for overtakes the datagram of the second.</summary>
    [Theory]
    [InlineData(0.005, "2", "volume/gv0 option-set")]
    [InlineData(4.9, "2", "volume/gv0 option-set")]
    [InlineData(5.1, "2", null)]
    [InlineData(0.005, "1", null)]
    [InlineData(0.005, null, null)]
    public void An_option_that_the_first_description_shows_is_announced_though_its_report_is_older_than_the_look(double older, string? value, string? told)
    {
        Observation Volume(params (string, string?)[] options) => Attributes("volume/gv0", 0, "get_state", null, options) with { State = "created" };
        _s.Tell(State_("volume/gv0", "created", at: 1));
        _s.Look(12, observations: [Volume(("options.a", "1"), ("options.b", "2"))]);

        _s.Tell(Attributes("volume/gv0", 12 - older, "gf_event", "option-set", ("options.b", value)));
        _s.Tell(Attributes("volume/gv0", 12 - older, "hooks", "option-set", ("options.b", value)));
        _s.Look(70, observations: [Volume(("options.a", "1"), ("options.b", "2"))]);

        _s.Told.ShouldBe(told is null ? ["volume/gv0 created"] : ["volume/gv0 created", told]);
    }

    [Fact]
    public void An_old_look_does_not_take_back_an_option_that_was_set_since()
    {
        Observation Volume(params (string, string?)[] options) => Attributes("volume/gv0", 0, "get_state", null, options) with { State = "started" };
        _s.Look(0, first: true, observations: [Volume(("options.a", "1"))]);
        _s.Tell(Attributes("volume/gv0", 12, "gf_event", "option-set", ("options.b", "2")));
        _s.Look(11, observations: [Volume(("options.a", "1"))]);
        _s.Told.ShouldBe(["volume/gv0 option-set"]);
    }

    [Fact]
    public void A_look_that_began_before_another_nodes_change_does_not_take_it_back()
    {
        Observation Volume(params (string, string?)[] options) => Attributes("volume/gv0", 0, "get_state", null, options) with { State = "started" };
        _s.Look(0, "gl1", first: true, observations: [Volume(("options.a", "1"))]);
        _s.Tell(Attributes("volume/gv0", 10.1, "gf_event", "option-set", ("options.b", "2")));
        _s.Look(10.0, "gl2", first: true, observations: [Volume(("options.a", "1"))]);
        _s.Look(60, "gl2", observations: [Volume(("options.a", "1"), ("options.b", "2"))]);
        _s.Told.ShouldBe(["volume/gv0 option-set"]);
    }

    [Fact]
    public void Options_found_by_the_first_look_describe_and_later_ones_are_news()
    {
        Observation Volume(params (string, string?)[] options) => Attributes("volume/gv0", 0, "get_state", null, options) with { State = "started" };
        _s.Look(0, first: true, observations: [Volume(("options.a", "1"), ("brickCount", "3"))]);
        _s.Tell(Attributes("volume/gv0", 10, "gf_event", "option-set", ("options.b", "2")));
        _s.Look(20, observations: [Volume(("options.a", "1"), ("options.b", "2"), ("brickCount", "3"))]);
        _s.Look(80, observations: [Volume(("options.b", "3"), ("brickCount", "3"))]);

        _s.Told.ShouldBe(["volume/gv0 option-set", "volume/gv0 changed"]);
        _s.Announced.Last().Changed.ShouldBe(new Dictionary<string, AttributeChange> { ["options.a"] = new("1", null), ["options.b"] = new("2", "3") });
    }

    [Fact]
    public void A_look_that_tells_more_of_a_volume_than_the_one_before_is_no_news()
    {
        Observation Volume(params (string, string?)[] attributes) => Attributes("volume/gv0", 0, "get_state", null, attributes) with { State = "started" };
        _s.Look(0, first: true, observations: [Volume(("brickCount", "3"))]);
        _s.Look(20, observations: [Volume(("brickCount", "3"), ("distCount", "1"))]);
        _s.Told.ShouldBeEmpty();
    }

    [Fact]
    public void A_reset_found_by_a_look_is_called_a_reset()
    {
        Observation Volume(params (string, string?)[] options) => Attributes("volume/gv0", 0, "get_state", null, options) with { State = "started" };
        _s.Look(0, first: true, observations: [Volume(("options.a", "1"))]);
        _s.Look(20, observations: [Volume()]);
        _s.Told.ShouldBe(["volume/gv0 option-reset"]);
    }

    [Fact]
    public void Added_bricks_are_one_message_although_the_next_look_shows_another_count()
    {
        Observation Volume(string count) => Attributes("volume/gv0", 0, "get_state", null, ("brickCount", count)) with { State = "started" };
        _s.Look(0, first: true, observations: [Volume("3")]);
        _s.Tell(Attributes("volume/gv0", 10, "gf_event", null) with { Occurrence = "bricks-added" });
        _s.Look(11, observations: [Volume("6")]);
        _s.Look(60, observations: [Volume("9")]);
        _s.Told.ShouldBe(["volume/gv0 bricks-added", "volume/gv0 changed"]);
    }

    [Fact]
    public void A_brick_named_by_host_and_path_alone_is_found_through_the_table()
    {
        _s.Look(0, first: true, observations: [State_("volume/gv0", "started"), State_(Brick, "online")]);
        _s.Tell(State_("brick/?/gl1:/b", "offline", at: 10, source: "logs"));
        _s.Tell(State_(Brick, "offline", at: 10)).ShouldBe(Suppression.OtherSource);
        _s.Told.ShouldBe([$"{Brick} offline"]);
    }

    [Fact]
    public void A_stranger_can_raise_but_never_clear()
    {
        _s.Tell(State_("quorum/gv0", "lost", at: 1, trusted: false)).ShouldBe(Suppression.None);
        _s.Announced.Single().Trusted.ShouldBeFalse();
        _s.Tell(State_("quorum/gv0", "met", at: 2, trusted: false)).ShouldBe(Suppression.Untrusted);
        _s.Tell(State_("volume/gv0", "deleted", at: 2, trusted: false)).ShouldBe(Suppression.Untrusted);
        _s.Tell(Attributes("volume/gv0", 3, "gf_event", null, ("options.a", "1")) with { Trusted = false }).ShouldBe(Suppression.Untrusted);
        _s.Tell(State_("quorum/gv0", "met", at: 4)).ShouldBe(Suppression.None);
    }

    [Fact]
    public void Strangers_can_not_fill_the_table()
    {
        for (int i = 0; i < 10; i++)
        {
            _s.Tell(State_($"quorum/forged{i}", "lost", at: i, trusted: false));
        }

        _s.State.Entries.Count.ShouldBe(3);
    }

    [Fact]
    public void A_connection_does_not_make_a_rejected_peer_accepted()
    {
        _s.Tell(State_("peer/gl1/gl2", "rejected", at: 1));
        _s.Tell(State_("peer/gl1/gl2", "connected", at: 2, unless: "rejected")).ShouldBe(Suppression.CannotEnd);
        _s.Told.ShouldBe(["peer/gl1/gl2 rejected"]);
    }

    [Fact]
    public void A_rejected_stranger_who_knocks_on_is_one_message_although_no_look_lists_him()
    {
        _s.Look(0, first: true, observations: [State_("peer/gl1/gl2", "connected")]);
        for (int second = 3; second < 600; second += 3)
        {
            _s.Tell(State_("peer/gl1/10.0.0.9", "rejected", at: second));
            if (second % 60 == 0)
            {
                _s.Look(second + 1, observations: [State_("peer/gl1/gl2", "connected")]);
            }
        }

        _s.Told.ShouldBe(["peer/gl1/10.0.0.9 rejected"]);
        _s.Look(1200, observations: [State_("peer/gl1/gl2", "connected")]);
        _s.Told.Last().ShouldBe("peer/gl1/10.0.0.9 detached");
    }

    [Fact]
    public void Probing_a_peer_is_one_message_though_it_connects_afterwards()
    {
        _s.Tell(State_("peer/gl1/gl2", "attached", at: 1));
        _s.Tell(State_("peer/gl1/gl2", "connected", at: 2)).ShouldBe(Suppression.Expected);
        _s.Tell(State_("peer/gl1/gl2", "disconnected", at: 3));
        _s.Told.ShouldBe(["peer/gl1/gl2 attached", "peer/gl1/gl2 disconnected"]);
    }

    [Fact]
    public void A_replica_set_that_comes_back_within_the_hold_time_was_never_down()
    {
        _s.Tell(State_("subvol/gv0/replicate-0", "up", at: 0));
        _s.Tell(State_("subvol/gv0/replicate-0", "down", at: 1)).ShouldBe(Suppression.Held);
        _s.Tell(State_("subvol/gv0/replicate-0", "up", at: 1.2)).ShouldBe(Suppression.HoldCancelled);
        _s.AdvanceTo(60);
        _s.Told.ShouldBeEmpty();
    }

    [Fact]
    public void A_replica_set_that_stays_down_is_announced_when_the_hold_time_has_passed()
    {
        _s.Tell(State_("subvol/gv0/replicate-0", "no-quorum", at: 0));
        _s.Tell(State_("subvol/gv0/replicate-0", "down", at: 1)).ShouldBe(Suppression.Held);
        _s.AdvanceTo(9);
        _s.Told.ShouldBeEmpty();
        _s.AdvanceTo(10.5);
        Transition held = _s.Announced.ShouldHaveSingleItem();
        (held.Change, held.Reason, held.Severity).ShouldBe(("down", TransitionReason.HoldElapsed, Severity.Critical));
        _s.AdvanceTo(60);
        _s.Told.Length.ShouldBe(1);
    }

    [Fact]
    public void Steps_between_bad_states_on_the_way_back_are_not_announced()
    {
        _s.Tell(State_("subvol/gv0/replicate-0", "no-quorum", at: 0));
        _s.AdvanceTo(11);
        _s.Tell(State_("subvol/gv0/replicate-0", "down", at: 20)).ShouldBe(Suppression.Held);
        _s.Tell(State_("subvol/gv0/replicate-0", "no-quorum", at: 21)).ShouldBe(Suppression.HoldCancelled);
        _s.Tell(State_("subvol/gv0/replicate-0", "down", at: 22)).ShouldBe(Suppression.Held);
        _s.Tell(State_("subvol/gv0/replicate-0", "up", at: 23)).ShouldBe(Suppression.None);
        _s.AdvanceTo(99);
        _s.Told.ShouldBe(["subvol/gv0/replicate-0 no-quorum", "subvol/gv0/replicate-0 up"]);
    }

    [Fact]
    public void What_a_volume_stop_does_to_its_replica_sets_is_expected()
    {
        _s.Tell(State_("subvol/gv0/replicate-0", "down", at: 0));
        _s.Tell(State_("volume/gv0", "stopped", at: 0.1));
        _s.AdvanceTo(30);
        _s.Told.ShouldBe(["volume/gv0 stopped"]);
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
