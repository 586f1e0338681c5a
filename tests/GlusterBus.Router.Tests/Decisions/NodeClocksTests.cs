using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Decisions;

namespace GlusterBus.Router.Tests.Decisions;

public sealed class NodeClocksTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private readonly NodeClocks _clocks = new();
    private DateTimeOffset _now = Noon;

    /// <param name="ahead">How far the node's clock is ahead, in seconds.</param>
    /// <param name="delay">How long the heartbeat was on its way, in seconds.</param>
    private TimeSpan Hear(string node, double ahead, double delay = 0)
    {
        TimeSpan late = _clocks.Hear(node, _now.AddSeconds(ahead - delay), _now);
        _now += Heartbeat.Interval;
        return late;
    }

    [Fact]
    public void An_instant_of_one_node_is_told_by_the_clock_of_another()
    {
        Hear("n1", ahead: 120);
        Hear("n1", ahead: 120);
        Hear("n2", ahead: -30);
        Hear("n2", ahead: -30);
        _clocks.Translate(new Moment(Noon, "n1"), "n2").ShouldBe(Noon.AddSeconds(-150));
        _clocks.IsBefore(new Moment(Noon.AddSeconds(149), "n1"), new Moment(Noon, "n2")).ShouldBeTrue();
        _clocks.IsBefore(new Moment(Noon.AddSeconds(151), "n1"), new Moment(Noon, "n2")).ShouldBeFalse();
    }

    [Fact]
    public void The_quickest_heartbeat_of_late_tells_the_clock()
    {
        Hear("n1", ahead: 0, delay: 0.5);
        Hear("n1", ahead: 0, delay: 0.01);
        Hear("n1", ahead: 0, delay: 3).ShouldBe(TimeSpan.FromSeconds(2.99));
        Hear("router", ahead: 0);
        Hear("router", ahead: 0);
        _clocks.Translate(new Moment(Noon, "n1"), "router").ShouldBe(Noon.AddSeconds(0.01));
    }

    [Fact]
    public void A_clock_that_was_set_back_is_believed_after_a_minute()
    {
        Hear("router", ahead: 0);
        Hear("router", ahead: 0);
        Hear("n1", ahead: 0);
        for (int beat = 0; beat < NodeClocks.Window; beat++)
        {
            Hear("n1", ahead: -300);
        }

        _clocks.Translate(new Moment(Noon, "n1"), "router").ShouldBe(Noon.AddSeconds(300));
    }

    [Fact]
    public void A_clock_that_was_set_ahead_is_believed_at_once()
    {
        Hear("router", ahead: 0);
        Hear("router", ahead: 0);
        Hear("n1", ahead: 0);
        Hear("n1", ahead: 300);
        _clocks.Translate(new Moment(Noon, "n1"), "router").ShouldBe(Noon.AddSeconds(-300));
    }

    [Fact]
    public void Heartbeats_that_waited_in_the_queue_tell_nothing_of_the_clock()
    {
        // A router takes over and reads at once what has gathered; of one node it happens to be older than of the other.
        foreach (double waited in new[] { 11.0, 6, 1 })
        {
            _clocks.Hear("n1", Noon.AddSeconds(-waited), Noon);
        }

        _clocks.Hear("n2", Noon.AddSeconds(-9), Noon);
        _clocks.AreComparable("n1", "n2").ShouldBeFalse();

        _now = Noon.AddSeconds(4);
        Hear("n1", ahead: 0);
        Hear("n2", ahead: 0);
        _clocks.AreComparable("n1", "n2").ShouldBeTrue();
        _clocks.Translate(new Moment(Noon, "n1"), "n2").ShouldBe(Noon);
    }

    [Fact]
    public void What_nobody_can_compare_stays_as_it_is()
    {
        Hear("n1", ahead: 120);
        Hear("n1", ahead: 120);
        _clocks.Translate(new Moment(Noon, "n1"), "n2").ShouldBe(Noon);
        _clocks.Translate(new Moment(Noon, null), "n1").ShouldBe(Noon);
        _clocks.IsBefore(new Moment(Noon.AddDays(-1), "n1"), new Moment(Noon, "n2")).ShouldBeFalse();
        _clocks.IsBefore(new Moment(Noon.AddDays(-1), "n3"), new Moment(Noon, "n3")).ShouldBeTrue("a clock can always be compared with itself");

        _clocks.Forget("n1");
        _clocks.AreComparable("n1", "n1").ShouldBeTrue();
        Hear("n2", ahead: 0);
        Hear("n2", ahead: 0);
        _clocks.AreComparable("n1", "n2").ShouldBeFalse();
    }

    [Fact]
    public void The_first_heartbeat_of_a_node_tells_that_its_backlog_is_of_the_past_and_nothing_else()
    {
        Hear("n1", ahead: 0);
        Hear("n1", ahead: 0);
        _clocks.Hear("n2", Noon.AddSeconds(-2), Noon); // Two seconds on its way, or two seconds behind: nobody can tell yet.

        _clocks.IsBefore(new Moment(Noon.AddSeconds(-13), "n2"), new Moment(Noon, "n1")).ShouldBeTrue();
        _clocks.IsBefore(new Moment(Noon.AddSeconds(-1), "n2"), new Moment(Noon, "n1")).ShouldBeFalse("by the bound it may be a second later");
        _clocks.IsBefore(new Moment(Noon.AddSeconds(-60), "n1"), new Moment(Noon, "n2")).ShouldBeFalse("the bound holds one way only");
    }

    [Fact]
    public void A_new_owner_that_has_heard_nobody_twice_tells_a_backlog_from_news_by_what_the_owner_before_had_learnt()
    {
        // The owner before was 4 s ahead of the table's clock, this one is 40 s behind it: n1 is 7 s behind the table.
        _clocks.Table = new TableClock(TimeSpan.FromSeconds(-40), TimeSpan.FromSeconds(0.1));
        _clocks.Inherit("n1", TimeSpan.FromSeconds(7));
        _clocks.Hear("n1", Noon.AddSeconds(33 - 11), Noon); // It waited for eleven seconds in the queue.
        _clocks.Hear("n2", Noon, Noon);

        // By n1's clock it is 33 s later.
        _clocks.IsBefore(new Moment(Noon.AddSeconds(-13), "n2"), new Moment(Noon.AddSeconds(33), "n1")).ShouldBeTrue();
        _clocks.IsBefore(new Moment(Noon.AddSeconds(-0.2), "n2"), new Moment(Noon.AddSeconds(33), "n1")).ShouldBeTrue();
        _clocks.IsBefore(new Moment(Noon.AddSeconds(-0.05), "n2"), new Moment(Noon.AddSeconds(33), "n1")).ShouldBeFalse("the clocks were compared no better than that");
        _clocks.IsBefore(new Moment(Noon.AddDays(-1), "n1"), new Moment(Noon, "n2")).ShouldBeFalse("the bound holds one way only");
    }

    [Fact]
    public void What_collectors_bring_along_can_be_compared_until_they_are_heard()
    {
        _clocks.Inherit("n1", TimeSpan.FromSeconds(7));
        _clocks.Inherit("n2", TimeSpan.FromSeconds(-3));
        _clocks.Translate(new Moment(Noon, "n1"), "n2").ShouldBe(Noon.AddSeconds(10));

        Hear("n1", ahead: -8);
        _clocks.Translate(new Moment(Noon, "n1"), "n2").ShouldBe(Noon.AddSeconds(10), "one heartbeat may have waited");
        Hear("n1", ahead: -8);
        Hear("n2", ahead: 3);
        Hear("n2", ahead: 3);
        _clocks.Translate(new Moment(Noon, "n1"), "n2").ShouldBe(Noon.AddSeconds(11));
        _clocks.Behind("n1").ShouldBe(TimeSpan.FromSeconds(8));
    }

    [Fact]
    public void A_clock_may_be_wrong_by_all_there_is()
    {
        foreach (DateTimeOffset sentAt in new[] { DateTimeOffset.MinValue, DateTimeOffset.MaxValue })
        {
            string node = sentAt < Noon ? "first" : "last";
            _clocks.Hear(node, sentAt, Noon);
            _clocks.Hear(node, sentAt, Noon + Heartbeat.Interval);
        }

        _clocks.Translate(new Moment(Noon, "last"), "first").ShouldBe(DateTimeOffset.MinValue);
        _clocks.Translate(new Moment(Noon, "first"), "last").ShouldBe(DateTimeOffset.MaxValue);
        _clocks.IsBefore(new Moment(Noon, "last"), new Moment(Noon, "first")).ShouldBeTrue();
    }

    [Fact]
    public void What_is_handed_on_is_put_by_the_clock_of_the_table()
    {
        var state = new ClusterState();
        state.Put(new StateEntry { Entity = EntityId.Of("collector", "n1"), State = "online" });
        state.Clocks.Table = new TableClock(TimeSpan.FromSeconds(4), TimeSpan.Zero);
        state.Clocks.Hear("n1", Noon, Noon);
        state.Clocks.Hear("n1", Noon.AddSeconds(5), Noon.AddSeconds(5));
        var working = new WorkingState(state);
        ClockMemory.Remember(working, "n1");

        ClockMemory.Recall(working.Find(EntityId.Of("collector", "n1"))!).ShouldBe(TimeSpan.FromSeconds(-4), "n1 goes with the router, which is 4 s ahead");
    }
}
