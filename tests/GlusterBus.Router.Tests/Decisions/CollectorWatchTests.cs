using GlusterBus.Router.Decisions;

namespace GlusterBus.Router.Tests.Decisions;

public sealed class CollectorWatchTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private readonly CollectorWatch _watch = new();

    private IReadOnlyList<string> SilentAt(double seconds) => _watch.TakeSilent(Noon.AddSeconds(seconds));

    private void Hear(string node, double at, double delay = 0) => _watch.Hear(node, Noon.AddSeconds(at), TimeSpan.FromSeconds(delay));

    [Fact]
    public void Without_heartbeats_there_is_nobody_to_watch()
    {
        _watch.HearOf("n1", Noon);
        _watch.NextDue.ShouldBeNull();
        SilentAt(1000).ShouldBeEmpty();
    }

    [Fact]
    public void A_collector_is_silent_when_its_patience_has_run_out_and_only_once()
    {
        Hear("n1", 0);
        Hear("n2", 4);
        _watch.NextDue.ShouldBe(Noon.AddSeconds(15));
        SilentAt(14.9).ShouldBeEmpty();
        SilentAt(15).ShouldBe(["n1"]);
        SilentAt(18.9).ShouldBeEmpty();
        SilentAt(19).ShouldBe(["n2"]);
        _watch.NextDue.ShouldBeNull();
    }

    [Fact]
    public void Whoever_tells_something_lives()
    {
        Hear("n1", 0);
        _watch.HearOf("n1", Noon.AddSeconds(10));
        SilentAt(20).ShouldBeEmpty();
        SilentAt(25).ShouldBe(["n1"]);
    }

    [Fact]
    public void A_router_that_was_itself_away_gives_everybody_fresh_patience()
    {
        Hear("n1", 0);
        Hear("n2", 14);
        SilentAt(60).ShouldBeEmpty("its own process was frozen: what was sent meanwhile is still to be read");
        Hear("n2", 61);
        SilentAt(75).ShouldBe(["n1"]);
    }

    [Fact]
    public void While_messages_pile_up_everybody_is_waited_for_longer()
    {
        Hear("n1", 0);
        Hear("n2", 10, delay: 8);
        SilentAt(22).ShouldBeEmpty();
        SilentAt(23).ShouldBe(["n1"]);
        Hear("n2", 24);
        _watch.NextDue.ShouldBe(Noon.AddSeconds(39));
    }

    [Fact]
    public void A_collector_that_was_silent_is_asked_for_a_look_again()
    {
        Hear("n1", 0);
        _watch.Looked("n1");
        _watch.HasLooked("n1").ShouldBeTrue();
        SilentAt(15);
        _watch.HasLooked("n1").ShouldBeFalse();
    }
}
