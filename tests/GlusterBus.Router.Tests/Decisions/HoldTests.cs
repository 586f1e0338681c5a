using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Decisions;
using static GlusterBus.Router.Tests.Decisions.Scenario;

namespace GlusterBus.Router.Tests.Decisions;

/// <summary>Replica sets: what is over within the hold time was never.</summary>
public sealed class HoldTests
{
    private readonly Scenario _s = new();

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
}
