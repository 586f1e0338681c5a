using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Notifiers.DBus.Model;

namespace GlusterBus.Notifiers.Tests.DBus;

public sealed class ObjectMappingTests
{
    [Fact]
    public void A_volume_has_what_the_state_tells_of_it()
    {
        BusObject volume = Map(Rows.Volume("gv0", "started", 7));
        volume.Path.ShouldBe("/org/glusterbus/volumes/gv0");
        volume.Interface.ShouldBe("org.glusterbus.Volume");
        Show(volume).ShouldBe(
        [
            "Name s gv0", "Id s c9a8e1d2-0000-4000-8000-000000000001", "Type s Replicate", "Status i 1", "Entity s volume/gv0", "Sequence t 7",
            "State s started", "Severity s ok", "Health s ok", "BrickCount u 3", "Options a{ss} nfs.disable=on",
        ]);
    }

    [Fact]
    public void What_no_source_tells_is_absent() =>
        Show(Map(Rows.Of("volume/gv0", null))).ShouldBe(["Name s gv0", "Entity s volume/gv0", "Sequence t 1", "Health s unknown", "Options a{ss} "]);

    [Theory]
    [InlineData("created", 0)]
    [InlineData("started", 1)]
    [InlineData("degraded", 1)]
    [InlineData("read-only", 1)]
    [InlineData("down", 1)]
    [InlineData("stopped", 2)]
    [InlineData("unknown", null)]
    [InlineData("deleted", null)]
    public void The_status_is_Glusters_own_number(string state, int? status) => ObjectMapping.Status(state).ShouldBe(status);

    [Fact]
    public void Every_state_of_a_volume_but_deleted_and_unknown_has_a_status() =>
        EntityKinds.Named("volume")!.States.Keys.Where(state => ObjectMapping.Status(state) is null).ShouldBe(["deleted", "unknown"], ignoreOrder: true);

    [Theory]
    [InlineData("started", "offline", "error")]
    [InlineData("started", "health-failed", "critical")]
    [InlineData("started", "online", "ok")]
    [InlineData("started", null, "ok")]
    [InlineData("stopped", "offline", "info")]
    [InlineData("down", "offline", "critical")]
    public void A_started_volume_is_as_healthy_as_the_worst_of_its_parts_that_somebody_sees(string volume, string? brick, string health) =>
        ObjectMapping.Health(Rows.Volume("gv0", volume), [Rows.Of("brick/gv0/n1:/b", brick)]).Name().ShouldBe(health);

    [Fact]
    public void A_brick_has_host_path_and_volume_and_no_drive_that_nobody_told_of() =>
        Show(Map(Rows.Of("brick/gv0/n1:/data/b1", "offline", 3, ("arbiter", "true")))).ShouldBe(
            ["Host s n1", "Path s /data/b1", "Volume s gv0", "Entity s brick/gv0/n1:/data/b1", "Sequence t 3", "State s offline", "Severity s error", "Arbiter b True"]);

    [Fact]
    public void A_brick_has_its_drive_where_a_source_tells_it() =>
        Show(Map(Rows.Of("brick/gv0/n1:/b", "online", 1, ("device", "/dev/sdb"), ("smartFailing", "true")))).ShouldContain("SmartFailing b True");

    [Fact]
    public void A_peer_is_somebodys_peer() =>
        Show(Map(Rows.Of("peer/n1/n2", "connected", 1, ("uuid", "u2")))).ShouldBe(
            ["Name s n2", "Observer s n1", "Entity s peer/n1/n2", "Sequence t 1", "State s connected", "Severity s ok", "Uuid s u2"]);

    [Fact]
    public void Glusterd_has_the_states_of_its_unit_where_a_source_tells_them()
    {
        Show(ObjectMapping.Glusterd(Rows.Of("node/n1", "online"))).ShouldBe(["Node s n1", "Entity s node/n1", "Sequence t 1", "State s online", "Severity s ok"]);
        Show(ObjectMapping.Glusterd(Rows.Of("node/n1", "online", 1, ("loadState", "loaded"), ("activeState", "active"), ("restarts", "3")))).ShouldContain("ActiveState s active");
    }

    [Theory]
    [InlineData("subvol/gv0/replicate-0", "up")]
    [InlineData("quorum/gv0", "met")]
    [InlineData("client/gv0/c1", "connected")]
    public void Other_kinds_have_no_object(string entity, string state) => ObjectMapping.Of(Rows.Of(entity, state), []).ShouldBeNull();

    private static BusObject Map(EntityState state) => ObjectMapping.Of(state, [])!;

    private static string[] Show(BusObject shown) => [.. shown.Properties.Select(p =>
        $"{p.Name} {p.Signature} {(p.Value is Dictionary<string, string> pairs ? string.Join(' ', pairs.Select(pair => $"{pair.Key}={pair.Value}")) : p.Value)}")];
}
