using GlusterBus.Collectors.GetState;

namespace GlusterBus.Collectors.Tests.GetState;

public sealed class InfoReaderTests
{
    [Theory]
    [InlineData("healthy")]
    [InlineData("brick-down")]
    [InlineData("glusterd-down")]
    [InlineData("quorum-lost")]
    public void Volume_info_tells_owner_and_part_of_each_brick_whatever_is_down(string sample)
    {
        var info = VolumeInfo.Read(Samples.Xml($"volume-info.{sample}.xml"));

        info.Volumes.Select(v => v.Name).ShouldBe(["dv", "idle", "rv"]);
        VolumeInfoEntry volume = info.Volumes[2];
        (volume.Status, volume.Type, volume.DistributeCount, volume.ReplicaCount, volume.SnapshotCount).ShouldBe(("Started", "Replicate", 1, 3, 0));
        volume.Bricks.ShouldBe([
            new BrickInfo("gc1:/srv/rv", "8d9122ad-6074-4e98-89d2-738a9393eda3", false),
            new BrickInfo("gc2:/srv/rv", "6373fca4-8e78-450d-86ff-e3160f586e76", false),
            new BrickInfo("gc3:/srv/rv", "24928b52-04c0-446e-be39-3ee0c8efc495", false)]);
        volume.Options["nfs.disable"].ShouldBe("on");
    }

    [Theory]
    [InlineData("healthy", true, true)]
    [InlineData("glusterd-down", true, false)]
    [InlineData("quorum-lost", false, false)]
    public void Peer_status_tells_names_and_connection_of_each_peer(string sample, bool first, bool second)
    {
        var status = PeerStatus.Read(Samples.Xml($"peer-status.{sample}.xml"));

        status.Peers.Select(p => (p.HostName, p.IsConnected)).ShouldBe([("gc2", first), ("gc3", second)]);
        status.Peers[0].State.ShouldBe(3);
        status.Peers[0].StateText.ShouldBe("Peer in Cluster");
        status.Peers[0].HostNames.ShouldBe(["gc2"]);
    }
}
