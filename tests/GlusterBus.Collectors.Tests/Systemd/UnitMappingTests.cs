using System.ComponentModel.DataAnnotations;
using GlusterBus.Collectors.Systemd;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.Tests.Systemd;

public sealed class UnitMappingTests
{
    private static readonly DateTimeOffset Changed = new(2026, 11, 22, 9, 16, 38, TimeSpan.Zero);
    private static readonly DateTimeOffset Looked = Changed.AddDays(2);

    [Theory]
    [InlineData("active", "running", "online", "online")]
    [InlineData("reloading", "reload", "online", "online")]
    [InlineData("refreshing", "refresh", "online", "online")]
    [InlineData("inactive", "dead", "offline", "stopped")]
    [InlineData("failed", "failed", "offline", "failed")]
    [InlineData("activating", "auto-restart", "restarting", "offline")]
    [InlineData("activating", "auto-restart-queued", "restarting", "offline")]
    [InlineData("activating", "start", null, null)]
    [InlineData("deactivating", "stop-sigterm", null, null)]
    [InlineData("maintenance", "x", null, null)]
    public void A_unit_is_in_a_state_of_the_kind_that_it_is_told_as(string active, string sub, string? glusterd, string? service)
    {
        var state = new UnitState { ActiveState = active, SubState = sub, ChangedAt = Changed };
        UnitMapping.Observe("glusterd.service", true, state, "gl1", null).ShouldHaveSingleItem().State.ShouldBe(glusterd);
        UnitMapping.Observe("x.service", false, state, "gl1", null).ShouldHaveSingleItem().State.ShouldBe(service);
        foreach ((string kind, string? claim) in new[] { ("node", glusterd), ("daemon", service) })
        {
            (claim is null || EntityKinds.Named(kind)!.States.ContainsKey(claim)).ShouldBeTrue();
        }
    }

    [Fact]
    public void A_signal_is_told_at_the_instant_of_the_change_with_what_systemd_says_and_nothing_else()
    {
        var state = new UnitState { LoadState = "loaded", ActiveState = "failed", SubState = "failed", Restarts = "3", Result = "core-dump", ChangedAt = Changed };

        Observation told = UnitMapping.Observe("glusterd.service", true, state, "gl1", null).ShouldHaveSingleItem();

        (told.Entity, told.ObservedAt, told.Source, told.Node).ShouldBe((EntityId.Node("gl1"), Changed, "systemd", "gl1"));
        told.Attributes.ShouldBe(new Dictionary<string, string?> { ["loadState"] = "loaded", ["activeState"] = "failed", ["subState"] = "failed", ["restarts"] = "3" }, ignoreOrder: true);
        told.Evidence.ShouldBe(new Evidence(
            "systemd", "LoadState=loaded\nActiveState=failed\nSubState=failed\nNRestarts=3\nResult=core-dump", "systemctl show glusterd.service", "gl1", Changed));
        UnitMapping.Observe("glusterd.service", true, new UnitState { ActiveState = "active", ChangedAt = Changed }, "gl1", null)
            .ShouldHaveSingleItem().Attributes.Keys.ShouldBe(["activeState"]);
    }

    [Fact]
    public void Another_service_is_a_daemon_of_the_node_by_its_name()
    {
        Observation told = UnitMapping.Observe("nfs-ganesha.service", false, new UnitState { ActiveState = "active", ChangedAt = Changed }, "gl1", null).ShouldHaveSingleItem();
        told.Entity.Value.ShouldBe("daemon/gl1/nfs-ganesha");
        (told.Attributes["daemon"], told.Attributes["unit"]).ShouldBe(("nfs-ganesha", "nfs-ganesha.service"));
    }

    [Fact]
    public void A_look_tells_the_state_when_it_began_and_the_properties_as_they_are_now()
    {
        IReadOnlyList<Observation> told = UnitMapping.Observe("glusterd.service", true, new UnitState { ActiveState = "inactive", ChangedAt = Changed }, "gl1", Looked);
        told.Select(o => (o.State, o.ObservedAt)).ShouldBe([("offline", Changed), (null, Looked)]);
        told[1].Attributes["activeState"].ShouldBe("inactive");
        UnitMapping.Observe("glusterd.service", true, new UnitState { ActiveState = "inactive", ChangedAt = Changed }, "gl1", Changed.AddSeconds(-1)).ShouldHaveSingleItem();
    }

    [Fact]
    public void Of_a_unit_that_systemd_never_started_it_tells_no_state()
    {
        var never = new UnitState { LoadState = "not-found", ActiveState = "inactive", SubState = "dead" };
        Observation told = UnitMapping.Observe("glusterd.service", true, never, "gl1", Looked).ShouldHaveSingleItem();
        (told.State, told.ObservedAt, told.Attributes["loadState"]).ShouldBe((null, Looked, "not-found"));
        UnitMapping.Observe("glusterd.service", true, never, "gl1", null).ShouldBeEmpty();
    }

    [Fact]
    public void A_report_changes_what_it_names_and_leaves_the_rest()
    {
        UnitState state = new UnitState { LoadState = "loaded", ActiveState = "active", Restarts = "1", ChangedAt = Changed }
            .With(new Dictionary<string, string> { ["ActiveState"] = "failed" });
        state.ShouldBe(new UnitState { LoadState = "loaded", ActiveState = "failed", Restarts = "1", ChangedAt = Changed });
        state.With(new Dictionary<string, string> { ["StateChangeTimestamp"] = "1795338998000001" }).ChangedAt.ShouldBe(Changed.AddTicks(10));
        foreach (string nonsense in new[] { "0", "-1", "x", ulong.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture) })
        {
            state.With(new Dictionary<string, string> { ["StateChangeTimestamp"] = nonsense }).ChangedAt.ShouldBeNull(nonsense);
        }
    }

    [Theory]
    [InlineData("glusterd.service", true)]
    [InlineData("dbus-org.x@a\\x2db:1.service", true)]
    [InlineData("glusterd", false)]
    [InlineData(".service", false)]
    [InlineData("@.service", false)]
    [InlineData("a b.service", false)]
    [InlineData("../x.service", false)]
    [InlineData("srv.mount", false)]
    public void A_unit_is_a_service_by_its_full_name(string unit, bool isTaken)
    {
        UnitName.IsService(unit).ShouldBe(isTaken);
        Problems(new SystemdOptions { Units = [unit], Glusterd = "other.service" }).ShouldBe(isTaken ? [] : [$"'{unit}' is no name of a service, such as glusterd.service"]);
    }

    [Fact]
    public void A_unit_is_named_once() =>
        Problems(new SystemdOptions { Units = ["x.service", "glusterd.service"] }).ShouldBe(["glusterd.service is named twice"]);

    private static string?[] Problems(SystemdOptions options) => [.. options.Validate(new ValidationContext(options)).Select(r => r.ErrorMessage)];
}
