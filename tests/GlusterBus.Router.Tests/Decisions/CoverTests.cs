using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Decisions;
using static GlusterBus.Router.Tests.Decisions.Scenario;

namespace GlusterBus.Router.Tests.Decisions;

/// <summary>One trouble on top of another: what the self-heal daemons of three nodes tell of a replica set whose bricks come and go.</summary>
public sealed class CoverTests
{
    private const string Set = "subvol/gv/replicate-0";
    private readonly Scenario _s = new();

    public CoverTests()
    {
        _s.Tell(State_("volume/gv", "started"));
        _s.Tell(State_(Set, "up", at: 0));
    }

    /// <summary>AFR_SUBVOL_UP: the first brick is back, which is not yet the quorum.</summary>
    private static Observation FirstBrickBack(double at) => State_(Set, "up", at, unless: "no-quorum");

    private string[] TellOf(params Observation[] observations)
    {
        foreach (Observation observation in observations)
        {
            _s.Now = observation.ObservedAt;
            _s.Tell(observation);
        }

        return _s.Told;
    }

    private string? State => _s.State.Find(EntityId.Parse(Set))!.State;

    [Fact]
    public void The_first_brick_back_leaves_the_lost_quorum_waiting()
    {
        TellOf(State_(Set, "no-quorum", at: 1), FirstBrickBack(2));
        _s.AdvanceTo(12);
        _s.Told[^1].ShouldBe($"{Set} no-quorum");
    }

    [Fact]
    public void The_first_brick_back_after_all_were_down_leaves_the_quorum_lost()
    {
        // Two bricks killed a second after the third was started again, which the daemons had not reached yet.
        TellOf(State_(Set, "no-quorum", at: 1), State_(Set, "down", at: 1.1), FirstBrickBack(3));
        _s.AdvanceTo(12);
        _s.Told.ShouldBe(["volume/gv started", $"{Set} no-quorum"]);
        State.ShouldBe("no-quorum");
    }

    [Fact]
    public void The_quorum_met_within_the_hold_ends_it_all()
    {
        TellOf(State_(Set, "no-quorum", at: 1), State_(Set, "down", at: 1.1), FirstBrickBack(3), State_(Set, "up", at: 3.1));
        _s.AdvanceTo(30);
        _s.Told.ShouldBe(["volume/gv started"]);
        State.ShouldBe("up");
    }

    [Fact]
    public void A_set_that_was_announced_down_comes_back_by_way_of_the_lost_quorum()
    {
        TellOf(State_(Set, "no-quorum", at: 1), State_(Set, "down", at: 1.1));
        _s.AdvanceTo(12);
        TellOf(FirstBrickBack(20));
        _s.AdvanceTo(40);
        TellOf(State_(Set, "up", at: 50)).ShouldBe(["volume/gv started", $"{Set} down", $"{Set} no-quorum", $"{Set} up"]);
    }

    [Fact]
    public void A_lost_quorum_that_was_announced_is_not_told_again_after_a_short_time_down()
    {
        TellOf(State_(Set, "no-quorum", at: 1));
        _s.AdvanceTo(12);
        TellOf(State_(Set, "down", at: 20), FirstBrickBack(22));
        _s.AdvanceTo(60);
        TellOf(State_(Set, "up", at: 70)).ShouldBe(["volume/gv started", $"{Set} no-quorum", $"{Set} up"]);
    }

    [Fact]
    public void A_set_without_quorum_comes_back_with_its_first_brick()
    {
        TellOf(State_(Set, "down", at: 1));
        _s.AdvanceTo(12);
        TellOf(FirstBrickBack(20)).ShouldBe(["volume/gv started", $"{Set} down", $"{Set} up"]);
    }

    [Fact]
    public void Each_trouble_begins_with_nothing_beneath()
    {
        TellOf(State_(Set, "no-quorum", at: 1), State_(Set, "down", at: 1.1), State_(Set, "up", at: 2), State_(Set, "down", at: 100));
        _s.AdvanceTo(111);
        TellOf(FirstBrickBack(120)).ShouldBe(["volume/gv started", $"{Set} down", $"{Set} up"]);
    }

    [Fact]
    public void What_is_beneath_outlives_the_router()
    {
        TellOf(State_(Set, "no-quorum", at: 1), State_(Set, "down", at: 1.1));
        StateEntry entry = _s.State.Find(EntityId.Parse(Set))!;
        Router.State.StateEntryJson.Read(Router.State.StateEntryJson.Write(entry)).Covered.ShouldBe("no-quorum");
    }
}
