using GlusterBus.Collectors.GetState;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.Tests.GetState;

public sealed class ConfirmationTests
{
    private static readonly EntityId Brick = EntityId.Brick("gv0", "n1:/b1");
    private static readonly EntityId Daemon = EntityId.Daemon("n1", "glustershd");

    private readonly Confirmation _confirmation = new();

    [Fact]
    public void A_healthy_look_passes_as_it_is()
    {
        ClusterView view = View();

        (IReadOnlyList<Observation> observations, TimeSpan? again) = _confirmation.Weigh(view, Seconds(0));

        observations.ShouldBeSameAs(view.Observations);
        again.ShouldBeNull();
    }

    [Fact]
    public void A_new_alarm_keeps_its_attributes_loses_its_state_and_asks_for_another_look()
    {
        (IReadOnlyList<Observation> observations, TimeSpan? again) = _confirmation.Weigh(View(Brick), Seconds(10));

        Observation held = observations.Single(o => o.Entity == Brick);
        held.State.ShouldBeNull();
        held.Attributes.Keys.ShouldContain("volume");
        observations.Single(o => o.Entity == Daemon).State.ShouldBe("online");
        again.ShouldBe(Seconds(11.5));
    }

    [Fact]
    public void An_alarm_seen_again_after_its_patience_is_believed_and_stays_so()
    {
        _confirmation.Weigh(View(Brick), Seconds(0));

        StateOf(Brick, _confirmation.Weigh(View(Brick), Seconds(1.5))).ShouldBe("offline");
        StateOf(Brick, _confirmation.Weigh(View(Brick), Seconds(1.6))).ShouldBe("offline");
    }

    [Fact]
    public void A_look_that_comes_too_early_proves_nothing()
    {
        _confirmation.Weigh(View(Brick), Seconds(0));

        (IReadOnlyList<Observation> Observations, TimeSpan? Again) early = _confirmation.Weigh(View(Brick), Seconds(1.4));

        StateOf(Brick, early).ShouldBeNull();
        early.Again.ShouldBe(Seconds(1.5));
    }

    [Fact]
    public void An_alarm_that_is_over_at_the_second_look_was_none()
    {
        _confirmation.Weigh(View(Brick), Seconds(0));
        StateOf(Brick, _confirmation.Weigh(View(), Seconds(1.5))).ShouldBe("online");

        StateOf(Brick, _confirmation.Weigh(View(Brick), Seconds(2))).ShouldBeNull("it begins anew");
    }

    [Fact]
    public void Each_alarm_has_its_own_patience()
    {
        _confirmation.Weigh(View(Brick, Daemon), Seconds(0)).Again.ShouldBe(Seconds(1.5));

        (IReadOnlyList<Observation> Observations, TimeSpan? Again) second = _confirmation.Weigh(View(Brick, Daemon), Seconds(1.5));

        StateOf(Brick, second).ShouldBe("offline");
        StateOf(Daemon, second).ShouldBeNull();
        second.Again.ShouldBe(Seconds(15));
        StateOf(Daemon, _confirmation.Weigh(View(Brick, Daemon), Seconds(15))).ShouldBe("offline");
    }

    [Fact]
    public void After_a_time_of_blindness_suspicions_begin_anew()
    {
        _confirmation.Weigh(View(Brick), Seconds(0));
        _confirmation.Forget();

        StateOf(Brick, _confirmation.Weigh(View(Brick), Seconds(60))).ShouldBeNull();
    }

    [Fact]
    public void An_alarm_believed_long_ago_has_to_be_seen_anew_when_another_source_said_that_all_is_well()
    {
        _confirmation.Weigh(View(Daemon), Seconds(0));
        StateOf(Daemon, _confirmation.Weigh(View(Daemon), Seconds(15))).ShouldBe("offline");
        _confirmation.Doubt(Daemon);

        (IReadOnlyList<Observation> Observations, TimeSpan? Again) early = _confirmation.Weigh(View(Daemon), Seconds(75));

        StateOf(Daemon, early).ShouldBeNull();
        early.Again.ShouldBe(Seconds(90));
        StateOf(Daemon, _confirmation.Weigh(View(Daemon), Seconds(90))).ShouldBe("offline");
    }

    [Fact]
    public void A_suspicion_under_way_begins_anew_when_another_source_said_that_all_is_well()
    {
        _confirmation.Weigh(View(Brick), Seconds(0));
        _confirmation.Doubt(Brick);

        StateOf(Brick, _confirmation.Weigh(View(Brick), Seconds(1.5))).ShouldBeNull();
    }

    /// <summary>As seen with <c>volume replace-brick</c> on three nodes: <c>port_registered: 1</c>, <c>status: Stopped</c> for 3 s.</summary>
    [Fact]
    public void A_brick_that_has_just_come_is_given_time_to_start()
    {
        ClusterView without = View();
        _confirmation.Weigh(without with { Observations = [.. without.Observations.Where(o => o.Entity != Brick)] }, Seconds(0));
        (IReadOnlyList<Observation> Observations, TimeSpan? Again) first = _confirmation.Weigh(View(Brick), Seconds(60));
        StateOf(Brick, first).ShouldBeNull();
        first.Again.ShouldBe(Seconds(75));
        StateOf(Brick, _confirmation.Weigh(View(Brick), Seconds(74.9))).ShouldBeNull();
        StateOf(Brick, _confirmation.Weigh(View(Brick), Seconds(75))).ShouldBe("offline");
    }

    [Fact]
    public void A_brick_that_has_come_and_started_is_no_newcomer_any_more()
    {
        ClusterView without = View();
        _confirmation.Weigh(without with { Observations = [.. without.Observations.Where(o => o.Entity != Brick)] }, Seconds(0));
        _confirmation.Weigh(View(Brick), Seconds(60));
        _confirmation.Weigh(View(), Seconds(63));
        _confirmation.Weigh(View(Brick), Seconds(120));
        StateOf(Brick, _confirmation.Weigh(View(Brick), Seconds(121.5))).ShouldBe("offline");
    }

    private static string? StateOf(EntityId entity, (IReadOnlyList<Observation> Observations, TimeSpan? Again) weighed) =>
        weighed.Observations.Single(o => o.Entity == entity).State;

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static ClusterView View(params EntityId[] ill) => new(
        [Observe(Brick, ill), Observe(Daemon, ill)],
        [],
        ill.ToDictionary(e => e, e => e == Brick ? GetStateMapping.Patience : GetStateMapping.DaemonPatience));

    private static Observation Observe(EntityId entity, EntityId[] ill) => new()
    {
        Entity = entity,
        State = ill.Contains(entity) ? "offline" : "online",
        Attributes = new Dictionary<string, string?> { ["volume"] = "gv0" },
        Source = "get_state",
        Node = "n1",
        ObservedAt = DateTimeOffset.UnixEpoch,
    };
}
