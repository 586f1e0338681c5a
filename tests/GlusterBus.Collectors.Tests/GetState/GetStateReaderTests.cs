using FsCheck;
using FsCheck.Fluent;
using GlusterBus.Collectors.GetState;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.Tests.GetState;

public sealed class GetStateReaderTests
{
    [Fact]
    public void A_healthy_cluster_is_read_in_full()
    {
        ClusterState state = Samples.State("healthy.txt");

        state.Uuid.ShouldBe("8d9122ad-6074-4e98-89d2-738a9393eda3");
        state.OpVersion.ShouldBe(100000);
        state.Peers.Select(p => p.Name).ShouldBe(["gc2", "gc3"]);
        state.Peers[1].ShouldBe(new PeerEntry(2, "gc3", "24928b52-04c0-446e-be39-3ee0c8efc495", "Peer in Cluster", true, state.Peers[1].OtherNames));
        state.Peers[1].OtherNames.ShouldBeEmpty();
        state.Volumes.Select(v => (v.Name, v.Type, v.Status)).ShouldBe([("dv", "Distribute", "Started"), ("idle", "Distribute", "Created"), ("rv", "Replicate", "Started")]);
        state.Services.Select(s => (s.Name, s.IsOnline)).ShouldBe([("bitd", false), ("scrub", false), ("quotad", true)]);

        VolumeEntry volume = state.Volumes[2];
        volume.Id.ShouldBe("3c6cd8d9-d91b-4196-ba38-fb3ab8a320f1");
        (volume.BrickCount, volume.ReplicaCount, volume.SubvolumeCount, volume.ArbiterCount, volume.SnapshotCount).ShouldBe((3, 3, 1, 0, 0));
        volume.SelfHealDaemonOnline.ShouldBe(true);
        volume.SnapshotDaemonOnline.ShouldBe(false);
        volume.QuorumStatus.ShouldBe("not_applicable");
        volume.RebalanceStatus.ShouldBe("not_started");
        volume.Options.Count.ShouldBe(12);
        volume.Options["features.scrub"].ShouldBe("Active");
        volume.Bricks[0].ShouldBe(new BrickEntry(1, "gc1:/srv/rv", "gc1", false, "Started", true, 60594, 240400408576, 270553174016));
        volume.Bricks[1].ShouldBe(new BrickEntry(2, "gc2:/srv/rv", "gc2", false, null, null, null, null, null));
    }

    [Fact]
    public void The_detailed_form_reads_the_same_but_for_free_space()
    {
        ClusterState plain = Samples.State("healthy.txt");
        ClusterState detail = Samples.State("healthy-detail.txt");

        detail.Volumes.SelectMany(v => v.Bricks).Select(b => b with { SpaceFree = null })
            .ShouldBe(plain.Volumes.SelectMany(v => v.Bricks).Select(b => b with { SpaceFree = null }));
    }

    [Fact]
    public void A_node_before_its_first_operation_has_no_uuid()
    {
        ClusterState state = Samples.State("fresh.txt");

        state.Uuid.ShouldBeEmpty();
        state.Volumes.ShouldBeEmpty();
        state.Services.ShouldBeEmpty();
    }

    [Fact]
    public void Options_of_the_cluster_and_values_with_colons_and_equal_signs_are_kept_whole()
    {
        ClusterState state = Samples.State("quorum-met.txt");

        state.Options["cluster.server-quorum-ratio"].ShouldBe("51");
        state.Volumes[0].Options["user.note"].ShouldBe("x=1;y: 2");
    }

    [Fact]
    public void Values_may_be_empty_hold_line_breaks_or_stand_anywhere_in_their_volume()
    {
        const string text = """
            [Global]
            MYUUID: 8d9122ad-6074-4e98-89d2-738a9393eda3
            [Peers]
            Peer1.primary_hostname: n2
            Peer1.othernames: 10.0.0.2,n2.example.org
            [Volumes]
            Volume1.options.user.empty:
            Volume1.name: gv0
            Volume1.novelty: whatever: it is
            Volume1.snapshot1.name: s1
            Volume1.snapshot1.description: first
            and second line
            Volume1.options.user.path: a:/b = c
            Volume1.status: Started
            Volume1.pair1.session_secondary: id:ssh://root@gr3::sv:id2
            Volume1.pair1.status: Active
            Volume1.Brick1.path: n1:/b:1
            Volume1.Brick1.is_arbiter: 1

            [Novelties]
            Thing1.name: x
            [Misc]
            """;

        ClusterState state = GetStateReader.Read(text.ReplaceLineEndings("\r\n"));

        VolumeEntry volume = state.Volumes.ShouldHaveSingleItem();
        volume.Options.ShouldBe(new Dictionary<string, string> { ["user.empty"] = "", ["user.path"] = "a:/b = c" }, ignoreOrder: true);
        volume.Snapshots.ShouldHaveSingleItem().Description.ShouldBe("first\nand second line");
        volume.GeorepPairs.ShouldHaveSingleItem().Session.ShouldBe("id:ssh://root@gr3::sv:id2");
        volume.Bricks.ShouldHaveSingleItem().IsArbiter.ShouldBeTrue();
        volume.Bricks[0].Host.ShouldBe("n1");
        state.Peers[0].OtherNames.ShouldBe(["10.0.0.2", "n2.example.org"]);
        state.OpVersion.ShouldBeNull();
    }

    [Fact]
    public void A_cut_off_text_is_refused_with_its_last_line()
    {
        string[] lines = Samples.Text("healthy.txt").Split('\n');

        Should.Throw<GlusterReplyException>(() => GetStateReader.Read(string.Join('\n', lines.Take(40))))
            .Message.ShouldBe("get-state line 40: the text ends in [Volumes], before [Misc]: it is cut off");
        Should.Throw<GlusterReplyException>(() => GetStateReader.Read("")).Message.ShouldContain("line 1");
    }

    [Theory]
    [InlineData("glusterd state dumped", "get-state line 1: a section such as [Global] was expected")]
    [InlineData("[Global]\n[Misc]\n", "get-state line 1: [Global] has no 'MYUUID'")]
    [InlineData("[Global]\nMYUUID: x\n[Volumes]\n\nVolume7.id: y\n[Misc]\n", "get-state line 5: Volume7 has no 'name'")]
    [InlineData("[Volume Options]\nVolume1.name: gv0\n", "cut off")]
    public void What_is_no_state_is_refused_with_the_line(string text, string message) =>
        Should.Throw<GlusterReplyException>(() => GetStateReader.Read(text)).Message.ShouldContain(message);

    [Fact]
    public void Every_cut_of_a_real_text_is_either_refused_or_complete()
    {
        string text = Samples.Text("healthy.txt");
        int end = text.IndexOf("[Misc]", StringComparison.Ordinal) + "[Misc]".Length;

        // All but the last line is vital; a cut there loses a number that nobody reads.
        Prop.ForAll(Gen.Choose(0, text.Length).ToArbitrary(), length =>
        {
            try
            {
                return GetStateReader.Read(text[..length]).Volumes.Count == 3 && length >= end;
            }
            catch (GlusterReplyException)
            {
                return length < end;
            }
        }).QuickCheckThrowOnFailure();
    }
}
