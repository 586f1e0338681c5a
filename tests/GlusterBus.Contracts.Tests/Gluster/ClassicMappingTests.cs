using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Contracts.Tests.Gluster;

public sealed class ClassicMappingTests
{
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1795338998);

    [Theory]
    [InlineData("brick/rv/gl2:/srv/rv1", "offline", "76 peer=gl2;volume=rv;brick=/srv/rv1")]
    [InlineData("brick/rv/gl2:/srv/rv1", "online", "77 peer=gl2;volume=rv;brick=/srv/rv1")]
    [InlineData("brick/rv/gl2:/srv/rv1", "start-failed", "74 peer=gl2;volume=rv;brick=/srv/rv1")]
    [InlineData("brick/rv/gl2:/srv/rv1", "refused", "103 brick=gl2:/srv/rv1")]
    [InlineData("volume/rv", "started", "3 name=rv;force=0")]
    [InlineData("volume/rv", "stopped", "4 name=rv;force=0")]
    [InlineData("volume/rv", "created", "2 name=rv")]
    [InlineData("volume/rv", "deleted", "5 name=rv")]
    [InlineData("peer/gl1/gl2", "attached", "0 host=gl2")]
    [InlineData("peer/gl1/gl2", "detached", "1 host=gl2")]
    [InlineData("peer/gl1/gl2", "rejected", "69 peer=gl2")]
    [InlineData("quorum/rv", "lost", "80 volume=rv")]
    [InlineData("quorum/rv", "met", "81 volume=rv")]
    [InlineData("daemon/gl1/glustershd", "offline", "66 svc_name=glustershd")]
    [InlineData("daemon/gl1/snapd/rv", "online", "65 volume=rv;svc_name=snapd")]
    [InlineData("subvol/rv/replicate-0", "down", "109 subvol=rv-replicate-0")]
    [InlineData("subvol/rv/replicate-0", "no-quorum", "107 subvol=rv-replicate-0")]
    [InlineData("subvol/rv/replicate-0", "up", "106 subvol=rv-replicate-0")]
    [InlineData("subvol/ev/disperse-0", "down", "89 subvol=ev-disperse-0")]
    [InlineData("subvol/ev/disperse-0", "up", "90 subvol=ev-disperse-0")]
    [InlineData("quota/rv/q", "soft-exceeded", "95 volume=rv;path=/q")]
    [InlineData("rebalance/rv", "completed", "137 volume=rv")]
    [InlineData("snapshot/s1", "activated", "37 snapshot_name=s1")]
    [InlineData("georep/pv/gr3::sv", "paused", "14 primary=pv;secondary=gr3::sv")]
    [InlineData("worker/pv/gr3::sv/gr1:/srv/pv", "faulty", "91 primary_volume=pv;primary_node=gr1;secondary_host=gr3;secondary_volume=sv;brick_path=/srv/pv")]
    [InlineData("config/rv/gl1", "out-of-sync", "87 volume=rv")]
    [InlineData("object/rv/f4ad/gl1:/srv/rv", "corrupted", "96 gfid=f4ad;brick=/srv/rv")]
    [InlineData("usage/dv/dv-client-0", "near-full", "140 volume=dv;subvol=dv-client-0")]
    public void A_change_that_a_log_or_a_poll_found_gets_its_classic_event(string entity, string change, string datagram) =>
        GlusterDatagram.Format(ClassicMapping.FromTransition(Transition(entity, change))!).ShouldBe("1795338998 " + datagram);

    [Fact]
    public void A_peer_has_uuid_and_state()
    {
        Transition t = Transition("peer/gl1/gl3", "disconnected") with { Attributes = new Dictionary<string, string> { ["uuid"] = "2ccb" } };
        GlusterDatagram.Format(ClassicMapping.FromTransition(t)!).ShouldBe("1795338998 71 peer=gl3;uuid=2ccb;state=Peer in Cluster");
    }

    [Fact]
    public void Options_that_a_poll_found_are_a_volume_set()
    {
        Transition t = Transition("volume/rv", "option-set") with
        {
            Changed = new Dictionary<string, AttributeChange> { ["options.nfs.disable"] = new("on", "off"), ["options.cluster.quorum-type"] = new(null, "auto") },
        };
        GlusterDatagram.Format(ClassicMapping.FromTransition(t)!).ShouldBe("1795338998 6 name=rv;options=,nfs.disable,off,cluster.quorum-type,auto");
    }

    [Fact]
    public void An_option_that_is_no_longer_set_is_a_volume_reset()
    {
        Transition t = Transition("volume/rv", "option-reset") with { Changed = new Dictionary<string, AttributeChange> { ["options.nfs.disable"] = new("on", null) } };
        GlusterDatagram.Format(ClassicMapping.FromTransition(t)!).ShouldBe("1795338998 7 name=rv;option=nfs.disable");
    }

    [Fact]
    public void Switching_bitrot_on_has_an_event_of_its_own()
    {
        Transition t = Transition("volume/rv", "option-set") with { Changed = new Dictionary<string, AttributeChange> { ["options.features.bitrot"] = new(null, "on") } };
        ClassicMapping.FromTransition(t)!.Name.ShouldBe("BITROT_ENABLE");
    }

    [Fact]
    public void A_datagram_in_the_evidence_is_used_field_by_field()
    {
        Transition t = Transition("subvol/rv/replicate-0", "up") with { Evidence = [Datagram("1795338993 108 client-pid=0; subvol=rv-replicate-0")] };
        GlusterDatagram.Format(ClassicMapping.FromTransition(t)!).ShouldBe("1795338993 108 client-pid=0;subvol=rv-replicate-0");
    }

    [Fact]
    public void A_datagram_that_tells_of_another_change_is_not_used()
    {
        Transition recovery = Transition("brick/rv/gl2:/srv/rv1", "online") with { Evidence = [Datagram("1 76 peer=gl2;volume=rv;brick=/srv/rv1")] };
        ClassicMapping.FromTransition(recovery)!.Name.ShouldBe("BRICK_CONNECTED");
        Transition clone = Transition("volume/clone", "created") with { Evidence = [Datagram("1 47 snapshot_name=s1;clone_name=clone;clone_uuid=u")] };
        ClassicMapping.FromTransition(clone)!.Name.ShouldBe("VOLUME_CREATE");
    }

    [Theory]
    [InlineData("node/gl1", "offline")]
    [InlineData("brick/rv/gl2:/srv/rv1", "removed")]
    [InlineData("splitbrain/rv/a", "resolved")]
    [InlineData("volume/rv", "changed")]
    public void A_change_that_gluster_has_no_event_for_has_no_classic_form(string entity, string change) => ClassicMapping.FromTransition(Transition(entity, change)).ShouldBeNull();

    private static Evidence Datagram(string text) => new("datagram", text, "::1", "gl1", At);

    private static Transition Transition(string entity, string change) => new()
    {
        Cluster = "c",
        Entity = EntityId.Parse(entity),
        Sequence = 1,
        Change = change,
        Severity = Severity.Info,
        Reason = TransitionReason.StateChanged,
        Time = At,
        RecordedAt = At,
    };
}
