using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Decisions;
using static GlusterBus.Router.Tests.Decisions.Scenario;

namespace GlusterBus.Router.Tests.Decisions;

/// <summary>What no look at the cluster lists ends with its volume.</summary>
public sealed class PartsOfVolumesTests
{
    private const string Set = "subvol/gv/gv-replicate-0";
    private readonly Scenario _s = new();

    private StateEntry Entry(string entity) => _s.State.Find(EntityId.Parse(entity))!;

    /// <summary>As seen on three nodes: stopping the volume takes the replica set down, which is expected; then the volume is deleted.</summary>
    private void StopAndDelete()
    {
        _s.Tell(State_("volume/gv", "stopped", at: 60));
        _s.Tell(State_(Set, "down", at: 61));
        _s.AdvanceTo(80);
        _s.Tell(State_("volume/gv", "deleted", at: 81));
    }

    [Fact]
    public void A_replica_set_that_went_down_with_its_volume_is_quietly_removed_with_it()
    {
        _s.Tell(State_("volume/gv", "started"));
        _s.Tell(State_(Set, "up", at: 1));
        StopAndDelete();

        Entry(Set).State.ShouldBe("removed");
        _s.Told.ShouldBe(["volume/gv started", "volume/gv stopped", "volume/gv deleted"]);
        _s.Recorded[^1].ShouldSatisfyAllConditions(
            r => r.IsAnnounced.ShouldBeFalse(),
            r => (r.Transition.Entity.Value, r.Transition.Previous, r.Transition.Current).ShouldBe((Set, "down", "removed")));
    }

    [Fact]
    public void An_alarm_ends_with_the_volume_it_was_about()
    {
        _s.Tell(State_("volume/gv", "started"));
        _s.Tell(State_(Set, "no-quorum", at: 1));
        _s.AdvanceTo(20);
        _s.Tell(State_("splitbrain/gv/gv-replicate-0/f", "found", at: 21));
        StopAndDelete();

        _s.Told.ShouldBe([
            "volume/gv started", $"{Set} no-quorum", "splitbrain/gv/gv-replicate-0/f found", "volume/gv stopped", "volume/gv deleted",
            "splitbrain/gv/gv-replicate-0/f resolved", $"{Set} removed"]);
        _s.Announced.Last().Reason.ShouldBe(TransitionReason.Gone);
    }

    [Fact]
    public void A_volume_that_is_missing_from_a_look_ends_its_parts_too()
    {
        _s.Look(0, first: true, observations: State_("volume/gv", "started"));
        _s.Tell(State_(Set, "no-quorum", at: 1));
        _s.AdvanceTo(20);
        _s.Look(60);
        _s.Told.ShouldBe([$"{Set} no-quorum", "volume/gv deleted", $"{Set} removed"]);
    }

    [Theory]
    [InlineData("usage/gv/gv-client-0", "near-full")]
    [InlineData("snaplimit/gv", "hard-limit")]
    [InlineData("bitrot/gv", "paused")]
    [InlineData("rebalance/gv", "failed")]
    public void A_trouble_of_what_only_events_tell_of_ends_with_the_volume(string part, string trouble)
    {
        _s.Tell(State_("volume/gv", "started"));
        _s.Tell(State_(part, trouble, at: 21));
        StopAndDelete();

        Entry(part).State.ShouldBe("removed");
        _s.Told.ShouldBe(["volume/gv started", $"{part} {trouble}", "volume/gv stopped", "volume/gv deleted", $"{part} removed"]);
    }

    [Fact]
    public void A_task_that_ended_well_goes_with_its_volume_without_a_word()
    {
        _s.Tell(State_("volume/gv", "started"));
        _s.Tell(State_("rebalance/gv", "completed", at: 21));
        StopAndDelete();

        Entry("rebalance/gv").State.ShouldBe("removed");
        _s.Told.ShouldNotContain("rebalance/gv removed");
    }

    [Fact]
    public void Parts_of_other_volumes_live_on()
    {
        _s.Tell(State_("volume/gv", "started"));
        _s.Tell(State_("subvol/gv2/gv2-replicate-0", "up", at: 1));
        StopAndDelete();
        Entry("subvol/gv2/gv2-replicate-0").State.ShouldBe("up");
    }

    [Fact]
    public void A_claim_that_waited_out_its_hold_is_forgotten_with_the_volume()
    {
        _s.Tell(State_("volume/gv", "started"));
        _s.Tell(State_(Set, "up", at: 1));
        _s.Tell(State_("volume/gv", "stopped", at: 60));
        _s.Tell(State_(Set, "down", at: 61)).ShouldBe(Suppression.Held);
        _s.Tell(State_("volume/gv", "deleted", at: 62));
        _s.AdvanceTo(100);
        Entry(Set).State.ShouldBe("removed");
        _s.Told.ShouldBe(["volume/gv started", "volume/gv stopped", "volume/gv deleted"]);
    }

    [Fact]
    public void The_quota_of_a_volume_ends_with_it()
    {
        _s.Tell(State_("volume/gv", "started"));
        _s.Tell(State_("quota/gv", "enabled", at: 1));
        _s.Tell(State_("quota/gv/home", "ok", at: 2));
        StopAndDelete();
        (Entry("quota/gv").State, Entry("quota/gv/home").State).ShouldBe(("removed", "removed"));
        _s.Told[^1].ShouldBe("volume/gv deleted");
    }

    [Fact]
    public void A_definition_that_was_behind_is_no_concern_once_the_volume_is_gone()
    {
        _s.Tell(State_("volume/gv", "started"));
        _s.Tell(State_("config/gv/gl1", "behind", at: 1));
        StopAndDelete();
        Entry("config/gv/gl1").State.ShouldBe("in-sync");
        _s.Told[^1].ShouldBe("volume/gv deleted");
    }

    [Fact]
    public void Limits_end_quietly_with_the_quota_they_belong_to()
    {
        _s.Tell(State_("quota/gv", "enabled"));
        _s.Tell(State_("quota/gv//", "ok", at: 1));
        _s.Tell(State_("quota/gv/home", "hard-exceeded", at: 2));
        _s.Tell(State_("quota/gv2/home", "ok", at: 3));
        _s.Tell(State_("quota/gv", "disabled", at: 4));

        (Entry("quota/gv//").State, Entry("quota/gv/home").State, Entry("quota/gv2/home").State).ShouldBe(("removed", "removed", "ok"));
        _s.Told.ShouldBe(["quota/gv enabled", "quota/gv// ok", "quota/gv/home hard-exceeded", "quota/gv2/home ok", "quota/gv disabled", "quota/gv/home removed"]);
    }
}
