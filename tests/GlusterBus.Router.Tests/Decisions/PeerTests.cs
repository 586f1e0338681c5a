using GlusterBus.Router.Decisions;
using static GlusterBus.Router.Tests.Decisions.Scenario;

namespace GlusterBus.Router.Tests.Decisions;

/// <summary>Strangers, rejected peers, and names that only the table resolves.</summary>
public sealed class PeerTests
{
    private const string Brick = "brick/gv0/gl1:/b";
    private readonly Scenario _s = new();

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
}
