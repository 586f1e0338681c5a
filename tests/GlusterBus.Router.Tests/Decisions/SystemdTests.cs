using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Decisions;
using static GlusterBus.Router.Tests.Decisions.Scenario;

namespace GlusterBus.Router.Tests.Decisions;

/// <summary>systemd beside the logs and the looks at the cluster: what each tells of glusterd is one fact.</summary>
public sealed class SystemdTests
{
    private const string Node = "node/gl1";
    private readonly Scenario _s = new();

    public SystemdTests() => Look(0, State_(Node, "online"));

    [Fact]
    public void A_stop_that_the_log_systemd_and_a_look_tell_of_is_one_message_and_so_is_the_start()
    {
        _s.Tell(State_(Node, "offline", at: 10, source: "logs"));
        _s.Tell(Unit("offline", at: 10.2, "inactive")).ShouldBe(Suppression.Enrichment);
        _s.Tell(State_(Node, "offline", at: 12, source: "get_state", unless: "restarting")).ShouldBe(Suppression.OtherSource);
        _s.Tell(State_(Node, "online", at: 20, source: "logs"));
        _s.Tell(Unit("online", at: 20.3, "active")).ShouldBe(Suppression.Enrichment);
        Look(60, State_(Node, "online"));

        _s.Told.ShouldBe(["node/gl1 offline", "node/gl1 online"]);
        _s.State.Find(EntityId.Parse(Node))!.Attributes["activeState"].ShouldBe("active");
    }

    [Fact]
    public void A_crash_that_systemd_mends_is_told_as_restarting_and_a_look_meanwhile_adds_nothing()
    {
        _s.Tell(Unit("restarting", at: 10, "activating"));
        _s.Tell(State_(Node, "offline", at: 15, source: "get_state", unless: "restarting")).ShouldBe(Suppression.CannotEnd);
        _s.Tell(Unit("online", at: 70, "active"));
        _s.Tell(State_(Node, "online", at: 71, source: "logs"));

        _s.Told.ShouldBe(["node/gl1 restarting", "node/gl1 online"]);
    }

    [Fact]
    public void A_service_that_systemd_gives_up_is_offline()
    {
        _s.Tell(Unit("restarting", at: 10, "activating"));
        _s.Tell(Unit("offline", at: 70, "failed"));

        _s.Told.ShouldBe(["node/gl1 restarting", "node/gl1 offline"]);
    }

    [Fact]
    public void A_glusterd_that_was_started_by_hand_runs_whatever_its_unit_says_of_the_day_before()
    {
        _s.Tell(Unit("offline", at: -86400, "inactive")).ShouldBe(Suppression.Late);
        _s.Tell(Unit(null, at: 5, "inactive")).ShouldBe(Suppression.Enrichment);

        _s.Told.ShouldBeEmpty();
        (_s.State.Find(EntityId.Parse(Node))!.State, _s.State.Find(EntityId.Parse(Node))!.Attributes["activeState"]).ShouldBe(("online", "inactive"));
    }

    [Fact]
    public void A_service_that_no_look_at_the_cluster_lists_is_not_gone()
    {
        Observation service = State_("daemon/gl1/nfs-ganesha", "failed", at: 10, source: "systemd") with { Attributes = new Dictionary<string, string?> { ["unit"] = "nfs-ganesha.service" } };
        _s.Tell(service);
        _s.Tell(State_("daemon/gl1/quotad", "failed", at: 10));
        Look(600, State_(Node, "online"));

        _s.Told.ShouldBe(["daemon/gl1/nfs-ganesha failed", "daemon/gl1/quotad failed", "daemon/gl1/quotad stopped"]);
        _s.Tell(service with { State = "online", ObservedAt = Start.AddSeconds(700), Sequence = 0 }).ShouldBe(Suppression.None);
    }

    private static Observation Unit(string? state, double at, string active) => new()
    {
        Entity = EntityId.Parse(Node),
        State = state,
        Attributes = new Dictionary<string, string?> { ["activeState"] = active },
        Source = "systemd",
        Node = "gl1",
        ObservedAt = Start.AddSeconds(at),
    };

    private void Look(double at, params Observation[] observations) => _s.Tell(
        "gl1/get_state",
        new Snapshot("gl1", ["daemon/gl1/"], at == 0, Start.AddSeconds(at), "get_state"),
        [.. observations.Select(o => o with { Source = "get_state", ObservedAt = Start.AddSeconds(at) })]);
}
