using GlusterBus.Collectors.GetState;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.Tests.GetState;

public sealed class GetStateMappingTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_healthy_cluster_is_observed_as_its_entities_with_their_states()
    {
        ClusterView view = Observe("healthy.txt", "gc1");

        States(view).ShouldBe([
            "node/gc1 online",
            "volume/dv started", "volume/idle created", "volume/rv started",
            "brick/dv/gc1:/srv/dv online", "brick/dv/gc2:/srv/dv ", "brick/idle/gc1:/srv/idle offline",
            "brick/rv/gc1:/srv/rv online", "brick/rv/gc2:/srv/rv ", "brick/rv/gc3:/srv/rv ",
            "quorum/dv not-applicable", "quorum/idle not-applicable", "quorum/rv not-applicable",
            "peer/gc1/gc2 connected", "peer/gc1/gc3 connected",
            "daemon/gc1/glustershd online", "daemon/gc1/bitd offline", "daemon/gc1/quotad online", "daemon/gc1/scrub offline"]);
        view.Scopes.ShouldBe(["volume/", "brick/", "quorum/", "peer/gc1/", "daemon/gc1/"]);
        view.Alarms.Keys.Select(e => e.Value).ShouldBe(["daemon/gc1/bitd", "daemon/gc1/scrub"], ignoreOrder: true);
    }

    [Fact]
    public void A_volume_carries_its_definition_and_options()
    {
        Observation volume = Find(Observe("healthy.txt", "gc1"), "volume/rv");

        volume.Attributes["id"].ShouldBe("3c6cd8d9-d91b-4196-ba38-fb3ab8a320f1");
        volume.Attributes["type"].ShouldBe("Replicate");
        volume.Attributes["transport"].ShouldBe("tcp");
        volume.Attributes["replicaCount"].ShouldBe("3");
        volume.Attributes["options.features.quota"].ShouldBe("on");
        volume.Attributes.Count.ShouldBe(8 + 12);
        volume.Evidence!.Text.ShouldBe("Volume3.status: Started");
    }

    [Fact]
    public void What_changes_with_every_look_is_no_attribute_of_a_brick() =>
        Find(Observe("healthy.txt", "gc1"), "brick/rv/gc1:/srv/rv").Attributes.ShouldBe(
            new Dictionary<string, string?>
            {
                ["volume"] = "rv",
                ["host"] = "gc1",
                ["path"] = "/srv/rv",
                ["hostUuid"] = "8d9122ad-6074-4e98-89d2-738a9393eda3",
            },
            ignoreOrder: true);

    [Fact]
    public void A_brick_killed_under_glusterd_is_an_alarm_that_needs_little_patience()
    {
        ClusterView view = Observe("brick-killed.txt", "st2");

        Find(view, "brick/rv/st2:/srv/rv").State.ShouldBe("offline");
        view.Alarms.ShouldBe(new Dictionary<EntityId, TimeSpan> { [EntityId.Parse("brick/rv/st2:/srv/rv")] = GetStateMapping.Patience });
    }

    [Fact]
    public void A_lost_quorum_with_lost_peers_is_observed_as_such()
    {
        ClusterView view = Observe("quorum-lost.txt", "st1");

        Find(view, "quorum/rv").State.ShouldBe("lost");
        Find(view, "peer/st1/st2").State.ShouldBe("disconnected");
        Find(view, "brick/rv/st1:/srv/rv").State.ShouldBe("offline");
        view.Alarms[EntityId.Parse("brick/rv/st1:/srv/rv")].ShouldBe(GetStateMapping.LongPatience, "it signed out, as after a restart of glusterd");
    }

    [Fact]
    public void A_peer_that_is_away_is_disconnected_and_its_bricks_stay_as_they_are()
    {
        ClusterView view = Observe("peer-down.txt", "gc1");

        Find(view, "peer/gc1/gc3").State.ShouldBe("disconnected");
        Find(view, "brick/rv/gc3:/srv/rv").State.ShouldBeNull();
    }

    [Theory]
    [InlineData("Peer in Cluster", true, "connected")]
    [InlineData("Peer in Cluster", false, "disconnected")]
    [InlineData("Peer Rejected", true, "rejected")]
    [InlineData("Peer Rejected", false, "rejected")]
    [InlineData("Establishing Connection", false, "handshaking")]
    [InlineData("Probe Sent to Peer", true, "handshaking")]
    public void Friend_states_name_the_peer_s_state(string friendState, bool isConnected, string expected) =>
        GetStateMapping.PeerState(friendState, isConnected).ShouldBe(expected);

    [Theory]
    [InlineData("Started", true, "online")]
    [InlineData("Started", false, "starting")]
    [InlineData("Starting", false, "starting")]
    [InlineData("Stopping", true, "stopping")]
    [InlineData("Stopped", true, "offline")]
    [InlineData("Stopped", false, "offline")]
    public void A_local_brick_s_state_follows_its_status_and_registration(string status, bool isRegistered, string expected) =>
        GetStateMapping.BrickState(new BrickEntry(1, "n1:/b", "n1", false, status, isRegistered, null, null, null)).ShouldBe(expected);

    [Theory]
    [InlineData("Replicate", "", "", "", "glustershd", true)]
    [InlineData("Distributed-Replicate", "cluster.self-heal-daemon", "off", "", "glustershd", false)]
    [InlineData("Disperse", "cluster.disperse-self-heal-daemon", "disable", "", "glustershd", false)]
    [InlineData("Distributed-Disperse", "", "", "", "glustershd", true)]
    [InlineData("Distribute", "", "", "", "glustershd", false)]
    [InlineData("Distribute", "features.quota", "on", "", "quotad", true)]
    [InlineData("Distribute", "features.quota", "off", "", "quotad", false)]
    [InlineData("Distribute", "features.bitrot", "on", "Started", "bitd", true)]
    [InlineData("Distribute", "features.bitrot", "on", "", "scrub", false)]
    [InlineData("Distribute", "nfs.disable", "off", "", "nfs", true)]
    [InlineData("Distribute", "", "", "", "nfs", false)]
    public void A_daemon_is_needed_as_glusterd_decides_it(string type, string option, string value, string brickStatus, string daemon, bool expected)
    {
        var volume = new VolumeEntry
        {
            Number = 1,
            Name = "gv0",
            Status = "Started",
            Type = type,
            Options = option.Length == 0 ? [] : new Dictionary<string, string> { [option] = value },
            Bricks = [new BrickEntry(1, "n1:/b", "n1", false, brickStatus.Length == 0 ? null : brickStatus, null, null, null, null)],
        };

        NodeDaemons.IsNeeded(daemon, new ClusterState { Volumes = [volume] }).ShouldBe(expected);
        NodeDaemons.IsNeeded(daemon, new ClusterState { Volumes = [volume with { Status = "Stopped" }] }).ShouldBeFalse();
    }

    [Fact]
    public void Geo_replication_and_snapshots_are_in_scope_where_they_are_listed()
    {
        ClusterState state = GetStateReader.Read("""
            [Global]
            MYUUID: 8d9122ad-6074-4e98-89d2-738a9393eda3
            [Volumes]
            Volume1.name: pv
            Volume1.status: Started
            Volume1.snapshot1.name: s1
            Volume1.snapshot1.status: In Use
            Volume1.pair1.session_secondary: e37ed7ad-9732-4f36-a42f-2d25cee1b86e:ssh://geo@gr3::sv:bc7a668d-8047-42cf-b080-f2081f2439d0
            Volume1.pair1.status: Faulty
            Volume1.pair2.session_secondary: e37ed7ad-9732-4f36-a42f-2d25cee1b86e:ssh://geo@gr3::sv:bc7a668d-8047-42cf-b080-f2081f2439d0
            Volume1.pair2.status: Active
            [Misc]
            """);

        ClusterView view = GetStateMapping.Observe(state, null, null, "gr1", At);

        Find(view, "georep/pv/gr3::sv").State.ShouldBe("started");
        Find(view, "snapshot/s1").Unless.ShouldContain("activated");
        view.Scopes.ShouldContain("georep/");
        view.Scopes.ShouldContain("snapshot/");
    }

    [Theory]
    [InlineData("healthy.txt")]
    [InlineData("peer-down.txt")]
    [InlineData("quorum-lost.txt")]
    [InlineData("brick-killed.txt")]
    [InlineData("fresh.txt")]
    public void The_same_text_gives_the_same_observations_each_entity_once_and_only_known_states(string sample)
    {
        ClusterView view = Observe(sample, "n1");

        Show(Observe(sample, "n1")).ShouldBe(Show(view));
        view.Observations.Select(o => o.Entity).ShouldBeUnique();
        foreach (Observation observation in view.Observations.Where(o => o.State is not null))
        {
            EntityKinds.Of(observation.Entity)!.States.Keys.ShouldContain(observation.State!);
        }
    }

    [Fact]
    public void The_order_of_volumes_in_the_text_does_not_matter()
    {
        ClusterState state = Samples.State("healthy.txt");

        Show(GetStateMapping.Observe(state with { Volumes = [.. state.Volumes.Reverse()] }, null, null, "gc1", At))
            .ShouldBe(Show(GetStateMapping.Observe(state, null, null, "gc1", At)));
    }

    [Fact]
    public void Values_of_options_about_access_do_not_leave_the_node()
    {
        ClusterState state = Samples.State("healthy.txt");
        VolumeEntry volume = state.Volumes[0] with { Options = new Dictionary<string, string> { ["auth.allow"] = "10.0.0.9", ["client.ssl"] = "on", ["nfs.disable"] = "on" } };

        ClusterView view = GetStateMapping.Observe(state with { Volumes = [volume] }, null, null, "gc1", At);

        Observation seen = Find(view, "volume/dv");
        seen.Attributes["options.auth.allow"].ShouldBe("***");
        seen.Attributes["options.client.ssl"].ShouldBe("***");
        seen.Attributes["options.nfs.disable"].ShouldBe("on");
        Show(view).ShouldNotContain("10.0.0.9");
    }

    [Fact]
    public void An_option_that_is_no_longer_set_is_said_to_be_unset()
    {
        Observation before = Find(Observe("healthy.txt", "gc1"), "volume/rv");
        Observation after = before with { Attributes = before.Attributes.Where(a => a.Key != "options.features.quota" && a.Key != "id").ToDictionary() };

        Observation told = GetStateMapping.WithUnset(after, before.Attributes);

        told.Attributes.Keys.ShouldContain("options.features.quota");
        told.Attributes["options.features.quota"].ShouldBeNull();
        told.Attributes.Keys.ShouldNotContain("id");
        GetStateMapping.WithUnset(before, before.Attributes).ShouldBeSameAs(before);
        GetStateMapping.WithUnset(before, null).ShouldBeSameAs(before);
    }

    [Fact]
    public void A_brick_whose_path_makes_no_id_is_left_out_and_the_rest_stays()
    {
        ClusterState state = Samples.State("healthy.txt");
        VolumeEntry volume = state.Volumes[0] with { Bricks = [new BrickEntry(1, "gc1:/a\u0007", "gc1", false, "Stopped", true, null, null, null), state.Volumes[0].Bricks[1]] };

        ClusterView view = GetStateMapping.Observe(state with { Volumes = [volume] }, null, null, "gc1", At);

        view.Observations.Where(o => o.Entity.Kind == "brick").Select(o => o.Entity.Value).ShouldBe(["brick/dv/gc2:/srv/dv"]);
    }

    [Fact]
    public void A_glusterd_that_does_not_answer_is_offline_unless_systemd_is_about_to_start_it_again()
    {
        Observation down = GetStateMapping.NodeDown("gc1", At, "Connection failed");
        (down.Entity, down.State).ShouldBe((EntityId.Node("gc1"), "offline"));
        down.Unless.ShouldBe(["restarting"]);
    }

    private static ClusterView Observe(string sample, string node) =>
        GetStateMapping.Observe(
            Samples.State(sample),
            VolumeInfo.Read(Samples.Xml("volume-info.healthy.xml")),
            PeerStatus.Read(Samples.Xml("peer-status.healthy.xml")),
            node,
            At);

    private static Observation Find(ClusterView view, string entity) => view.Observations.Single(o => o.Entity.Value == entity);

    private static IEnumerable<string> States(ClusterView view) => view.Observations.Select(o => $"{o.Entity} {o.State}");

    private static string Show(ClusterView view) => string.Join('\n', view.Observations.Select(o =>
        $"{o.Entity} {o.State} {string.Join(',', o.Attributes.Select(a => $"{a.Key}={a.Value}"))} {o.Evidence!.Text} {o.ObservedAt:O}"));
}
