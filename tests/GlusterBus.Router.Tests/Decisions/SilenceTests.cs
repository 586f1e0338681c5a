using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Decisions;
using static GlusterBus.Router.Tests.Decisions.Scenario;

namespace GlusterBus.Router.Tests.Decisions;

/// <summary>A collector that falls silent, and comes back.</summary>
public sealed class SilenceTests
{
    private const string Brick = "brick/gv0/gl1:/b";
    private const string Collector = "collector/gl1";
    private readonly Scenario _s = new();

    /// <summary>gl1 alone sees its brick and its peers, both see the volume.</summary>
    private void Begin(string brick = "online")
    {
        _s.Hear("gl1", new Heartbeat(_s.Now, HasLooked: true));
        _s.Hear("gl2", new Heartbeat(_s.Now, HasLooked: true));
        _s.Look(0, "gl1", first: true, State_("volume/gv0", "started"), State_(Brick, brick), State_("peer/gl1/gl2", "connected"));
        _s.Look(0, "gl2", first: true, State_("volume/gv0", "started"), State_(Brick, brick), State_("peer/gl2/gl1", "connected"));

        // gl2 takes back what it can't see: a brick is its own node's business.
        _s.Look(60, "gl2", observations: [State_("volume/gv0", "started"), State_("peer/gl2/gl1", "connected")]);
        _s.Now = Start.AddSeconds(100);
    }

    private string? StateOf(string entity) => _s.State.Find(EntityId.Parse(entity))?.State;

    [Fact]
    public void The_first_sign_of_life_is_no_news()
    {
        Begin();
        _s.Told.ShouldBeEmpty();
        StateOf(Collector).ShouldBe("online");
    }

    [Fact]
    public void Silence_is_one_message_and_what_nobody_else_sees_turns_unknown_quietly()
    {
        Begin();
        _s.Silence("gl1");

        Transition silent = _s.Announced.ShouldHaveSingleItem();
        (silent.Entity.Value, silent.Change, silent.Previous, silent.Severity).ShouldBe((Collector, "silent", "online", Severity.Error));
        (StateOf(Brick), StateOf("peer/gl1/gl2"), StateOf("volume/gv0"), StateOf("peer/gl2/gl1")).ShouldBe(("unknown", "unknown", "started", "connected"));
        Transition[] quiet = [.. _s.Recorded.Where(r => !r.IsAnnounced && r.Transition.Current == "unknown").Select(r => r.Transition)];
        quiet.Select(t => (t.Entity.Value, t.Previous, t.Cause)).ShouldBe([(Brick, "online", silent.Id), ("peer/gl1/gl2", "connected", silent.Id)]);
    }

    [Fact]
    public void What_the_last_one_of_those_who_look_at_it_leaves_turns_unknown_too()
    {
        Begin();
        _s.Silence("gl2");
        StateOf("volume/gv0").ShouldBe("started");
        _s.Silence("gl1");
        StateOf("volume/gv0").ShouldBe("unknown");
    }

    [Fact]
    public void A_collector_that_comes_back_and_finds_all_as_it_was_is_one_message()
    {
        Begin();
        _s.Silence("gl1");
        _s.Now = Start.AddSeconds(200);
        _s.Hear("gl1", new Heartbeat(_s.Now, HasLooked: true));
        _s.Look(201, "gl1", observations: [State_("volume/gv0", "started"), State_(Brick, "online"), State_("peer/gl1/gl2", "connected")]);

        _s.Told.ShouldBe([$"{Collector} silent", $"{Collector} online"]);
        _s.Announced.Last().Reason.ShouldBe(TransitionReason.Recovered);
        StateEntry brick = _s.State.Find(EntityId.Parse(Brick))!;
        (brick.State, brick.Since, brick.Veil).ShouldBe(("online", Start, null));
        _s.Recorded.ShouldContain(r => !r.IsAnnounced && r.Transition.Entity.Value == Brick && r.Transition.Previous == "unknown" && r.Transition.Current == "online");
        _s.State.VeiledEntities.ShouldBe(0);
    }

    [Fact]
    public void What_changed_meanwhile_is_one_message_from_what_was_known_before()
    {
        Begin();
        _s.Silence("gl1");
        _s.Look(201, "gl1", observations: [State_("volume/gv0", "started"), State_(Brick, "offline"), State_("peer/gl1/gl2", "connected")]);

        Transition offline = _s.Announced.Last();
        (offline.Entity.Value, offline.Previous, offline.Current).ShouldBe((Brick, "online", "offline"));
        _s.Told.Length.ShouldBe(2);
    }

    [Fact]
    public void A_trouble_that_ended_while_nobody_looked_is_a_recovery()
    {
        Begin(brick: "offline");
        _s.Told.ShouldBe([$"{Brick} offline"]);
        _s.Silence("gl1");
        _s.Tell(State_(Brick, "online", at: 201));
        _s.Announced.Last().ShouldSatisfyAllConditions(
            t => (t.Change, t.Previous).ShouldBe(("online", "offline")), t => t.Reason.ShouldBe(TransitionReason.Recovered), t => t.Sequence.ShouldBe(2));
    }

    [Fact]
    public void A_trouble_that_lasts_is_not_announced_again()
    {
        Begin(brick: "offline");
        _s.Silence("gl1");
        _s.Tell(State_(Brick, "offline", at: 201)).ShouldBe(Suppression.OtherSource);
        _s.Told.ShouldBe([$"{Brick} offline", $"{Collector} silent"]);
        StateOf(Brick).ShouldBe("offline");
    }

    [Fact]
    public void An_old_report_or_an_attribute_does_not_say_that_the_thing_is_seen_again()
    {
        Begin();
        _s.Silence("gl1");
        _s.Tell(State_(Brick, "online", at: -5)).ShouldBe(Suppression.Late);
        _s.Tell(Attributes(Brick, 150, "gf_event", null, ("pid", "7")));
        StateOf(Brick).ShouldBe("unknown");
    }

    [Fact]
    public void A_claim_that_has_to_wait_leaves_the_veil_where_it_is()
    {
        const string set = "subvol/gv0/replicate-0";
        _s.Hear("gl1", new Heartbeat(_s.Now, HasLooked: true));
        _s.Look(0, "gl1", first: true, State_("volume/gv0", "started"), State_(set, "up"));
        _s.Silence("gl1");
        _s.Tell(State_(set, "down", at: 200)).ShouldBe(Suppression.Held);
        StateOf(set).ShouldBe("unknown");
        _s.AdvanceTo(300);
        _s.Announced.Last().ShouldSatisfyAllConditions(t => t.Change.ShouldBe("down"), t => t.Previous.ShouldBe("up"));
    }

    [Fact]
    public void A_silent_collector_does_not_keep_alive_what_the_others_see_gone()
    {
        Begin();
        _s.Silence("gl2");
        _s.Look(200, "gl1", observations: [State_(Brick, "online"), State_("peer/gl1/gl2", "connected")]);
        _s.Told.ShouldBe(["collector/gl2 silent", "volume/gv0 deleted"]);
    }

    [Fact]
    public void Silence_outlives_the_router()
    {
        Begin();
        _s.Silence("gl1");
        var next = new Scenario();
        foreach (StateEntry entry in _s.State.Entries.Values)
        {
            next.State.Put(Router.State.StateEntryJson.Read(Router.State.StateEntryJson.Write(entry)));
        }

        next.State.VeiledEntities.ShouldBe(2);
        next.Tell(State_(Brick, "online", at: 201));
        next.Hear("gl1", new Heartbeat(next.Now, HasLooked: true));
        next.Told.ShouldBe([$"{Collector} online"]);
    }

    [Fact]
    public void A_collector_that_says_it_is_blind_is_not_overruled_by_its_signs_of_life()
    {
        Begin();
        _s.Tell(State_(Collector, "blind", at: 110, source: "spool"));
        _s.Hear("gl1", new Heartbeat(_s.Now, HasLooked: true));
        StateOf(Collector).ShouldBe("blind");
    }

    [Fact]
    public void What_a_collector_that_was_cut_off_has_kept_is_of_the_past_from_its_first_heartbeat_on()
    {
        const string Seen = "quorum/gv0";
        _s.KnowClocks(("gl1", 0), ("gl2", 0));
        Begin();
        _s.Tell(State_(Seen, "met", at: 100, node: "gl2"));
        _s.Silence("gl1");
        _s.Tell(State_(Seen, "lost", at: 130, node: "gl2"));
        _s.Tell(State_(Seen, "met", at: 140, node: "gl2"));
        _s.Now = Start.AddSeconds(160);
        _s.Hear("gl1", new Heartbeat(_s.Now, HasLooked: true));

        _s.Tell(State_(Seen, "lost", at: 130.1, node: "gl1")).ShouldBe(Suppression.Late);
        _s.Tell(State_(Seen, "met", at: 140.1, node: "gl1")).ShouldBe(Suppression.OtherNode);
        _s.Told.ShouldBe([$"{Collector} silent", $"{Seen} lost", $"{Seen} met", $"{Collector} online"]);
    }
}
