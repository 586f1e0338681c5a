namespace GlusterBus.Host.Demo.Simulation;

/// <summary>What breaks, what comes back, and what the rest of the cluster says about it.</summary>
internal static class FailureOperations
{
    /// <summary>The nodes have just come up and found each other: what get-state shows already, told again by every log and every event.</summary>
    public static void Meet(this SimulatedCluster cluster, TimeSpan at)
    {
        foreach (SimulatedNode node in cluster.State.Nodes)
        {
            NodeScript script = cluster.On(node.Name, at);
            foreach (SimulatedNode peer in cluster.State.Nodes.Where(n => n != node))
            {
                script.Event(70, $"host={peer.Name};uuid={peer.Uuid}").Glusterd(GlusterdLines.OpVersion).Glusterd(GlusterdLines.Accepted(peer)).After(3);
            }
        }
    }

    /// <summary>A brick process is killed with signal 9: only its own node's glusterd says so, and every client.</summary>
    public static void KillBrick(this SimulatedCluster cluster, TimeSpan at, string name, string node)
    {
        SimulatedVolume volume = cluster.State.Volume(name);
        SimulatedBrick brick = volume.BrickOn(node);
        cluster.Become(at, cluster.State.With(volume.With(brick with { Port = 0, Pid = 0 })));
        cluster.On(node, at)
            .Glusterd(GlusterdLines.PortRemoved("(null)", brick.Port))
            .Glusterd(GlusterdLines.BrickDisconnected(brick))
            .Glusterd(GlusterdLines.PortRemoved(brick.Path, brick.Port))
            .Event(76, $"peer={node};volume={name};brick={brick.Path}");
        ShdsLose(cluster, at, volume, brick);
    }

    /// <summary>A node loses power: its peers and the clients of its bricks notice; it says nothing itself.</summary>
    public static void PowerOff(this SimulatedCluster cluster, TimeSpan at, string name)
    {
        SimulatedNode lost = cluster.State.Node(name);
        cluster.Add(new Cue.Power(at, name, IsOn: false));
        cluster.Become(at, cluster.State.With(lost with { IsUp = false }));
        foreach (SimulatedNode node in cluster.State.Running)
        {
            NodeScript script = cluster.On(node.Name, at).After(1);
            if (node.Name != cluster.State.Nodes[0].Name)
            {
                // The first node wrote this line for another outage a moment ago, so its glusterd holds this one back (see LateNews).
                script.Glusterd(GlusterdLines.PeerDisconnected(lost));
            }

            foreach (SimulatedVolume volume in cluster.State.Volumes)
            {
                script.Glusterd(GlusterdLines.LockNotHeld(volume.Name)).Glusterd(GlusterdLines.LockNotReleased(volume.Name));
            }

            script.Event(71, $"peer={lost.Name};uuid={lost.Uuid};state=Peer in Cluster");
        }

        foreach (SimulatedVolume volume in cluster.State.Volumes)
        {
            ShdsLose(cluster, at + TimeSpan.FromMilliseconds(5), volume, volume.BrickOn(name));
            foreach (SimulatedBrick brick in volume.Bricks.Where(b => b.IsOnline && cluster.State.Node(b.Node).IsUp))
            {
                cluster.Disconnect(at + TimeSpan.FromMilliseconds(5), volume, brick, SimulatedClient.ShdOf(lost));
            }
        }
    }

    /// <summary>The node boots: glusterd shakes hands with every peer, then starts its bricks and its self-heal daemon.</summary>
    public static void PowerOn(this SimulatedCluster cluster, TimeSpan at, string name, params IReadOnlyList<SimulatedClient> mounts)
    {
        SimulatedNode node = cluster.State.Node(name) with { IsUp = true, ShdPid = cluster.NewPid(), ShdContext = cluster.NewUuid() };
        NodeScript boot = cluster.On(name, at).Glusterd(GlusterdLines.Started).Glusterd(BrickLines.Pid(14)).After(21)
            .Glusterd(GlusterdLines.WorkingDirectory).Glusterd(GlusterdLines.Listening).After(1000)
            .Glusterd(GlusterdLines.RestoredOpVersion).Glusterd(GlusterdLines.RetrievedUuid(node.Uuid))
            .Glusterd(GlusterdLines.PeerConnects).Glusterd(GlusterdLines.PeerConnects);

        SimulatedVolume[] volumes = [.. cluster.State.Volumes.Select(v => v.With(v.BrickOn(name) with { Port = cluster.NewPort(), Pid = cluster.NewPid() }))];
        ClusterState state = cluster.State.With(node);
        foreach (SimulatedVolume volume in volumes)
        {
            state = state.With(volume);
        }

        // Its own collectors are started by systemd after glusterd.
        cluster.Become(boot.Now, state);
        cluster.Add(new Cue.Power(boot.Now, name, IsOn: true));
        foreach (SimulatedNode peer in state.Nodes.Where(n => n.Name != name))
        {
            Handshake(boot, cluster.On(peer.Name, boot.Now), node, peer);
        }

        foreach (SimulatedVolume volume in volumes.Where(v => v.IsStarted))
        {
            VolumeOperations.StartBrick(cluster, boot, volume, node);
            VolumeOperations.StartShd(cluster, boot, volume, node);
            boot.After(1000).Glusterd(GlusterdLines.AddingShd(volume.Name, node.ShdPid)).Glusterd(GlusterdLines.MountRequest("shd/" + volume.Name));
            VolumeOperations.BrickConnected(boot, volume);
            boot.Event(65, "svc_name=glustershd");
            VolumeOperations.ShdConnects(cluster, state, volume, node, boot.Now + TimeSpan.FromMilliseconds(11), _ => true);
            cluster.ClientsReturn(boot.Now + TimeSpan.FromMilliseconds(1870), volume, volume.BrickOn(name), mounts);
            boot.After(1000).Glusterd(GlusterdLines.ShdAttached(volume.Name, node.ShdPid));
        }
    }

    /// <summary>glusterd writes at last the line about a lost peer that it had held back; by now the peer is long back.</summary>
    public static void LateNews(this SimulatedCluster cluster, TimeSpan at, string node, string peer, TimeSpan behind) =>
        cluster.On(node, at).Late("glusterd.log", GlusterdLines.PeerDisconnected(cluster.State.Node(peer)), behind);

    /// <summary>A machine that was thrown out while it was off tries to shake hands with every member; each refuses. The port is another one each time.</summary>
    public static void StalePeerKnocks(this SimulatedCluster cluster, TimeSpan at, string address, int port)
    {
        foreach (SimulatedNode node in cluster.State.Running)
        {
            string from = $"{address}:{port - cluster.State.Nodes.IndexOf(node) * 2}";
            cluster.On(node.Name, at).After(cluster.Next(0, 4)).Glusterd(GlusterdLines.UnknownPeer(from)).Event(69, $"peer={from}");
        }
    }

    /// <summary>Every client finds the brick at its new port, and the self-heal daemon of the first node carries over what it missed.</summary>
    internal static void ClientsReturn(this SimulatedCluster cluster, TimeSpan at, SimulatedVolume volume, SimulatedBrick brick, IReadOnlyList<SimulatedClient> mounts)
    {
        int i = volume.IndexOn(brick.Node);
        IEnumerable<SimulatedClient> shds = cluster.State.Running.Where(n => n.ShdPid != 0).Select(SimulatedClient.ShdOf);
        TimeSpan due = at;
        foreach (SimulatedClient client in shds.Concat(mounts))
        {
            cluster.Connect(due, volume, brick, client, reconnects: 1);
            if (client.Kind == -6)
            {
                cluster.On(client.Host, due).After(1).Shd(ShdLines.Connected(volume, i));
            }

            due += TimeSpan.FromMilliseconds(6);
        }

        NodeScript healer = cluster.On(cluster.State.Running.First(n => n.Name != brick.Node).Name, due).After(10);
        for (int file = 0; file < 12; file++)
        {
            Guid gfid = cluster.NewUuid();
            healer.Shd(ShdLines.LookupFailed(volume.Name, i, gfid)).After(12);
            foreach (string kind in (string[])["data", "metadata"])
            {
                healer.Shd(ShdLines.Healing(volume.Name, kind, gfid)).After(9).Shd(ShdLines.Healed(volume.Name, kind, gfid, i)).After(2);
            }
        }
    }

    private static void ShdsLose(SimulatedCluster cluster, TimeSpan at, SimulatedVolume volume, SimulatedBrick brick)
    {
        int i = volume.IndexOn(brick.Node);
        string address = $"{cluster.State.Node(brick.Node).Address}:{brick.Port}";
        foreach (SimulatedNode node in cluster.State.Running)
        {
            cluster.On(node.Name, at).Shd(ShdLines.ReadFailed(volume.Name, i, address)).Shd(ShdLines.Disconnected(volume.Name, i))
                .After(3000).Shd(ShdLines.NoPort(volume.Name, i)).Shd(ShdLines.Disconnected(volume.Name, i));
        }
    }

    private static void Handshake(NodeScript boot, NodeScript peer, SimulatedNode node, SimulatedNode other)
    {
        peer.Event(70, $"host={node.Name};uuid={node.Uuid}").After(55)
            .Glusterd(GlusterdLines.OpVersion).Glusterd(GlusterdLines.ProbeFrom(node.Uuid)).Glusterd(GlusterdLines.RespondedTo(node.Name))
            .After(4).Glusterd(GlusterdLines.FriendUpdate(node.Uuid)).Glusterd(GlusterdLines.OwnUuidAsFriend).Glusterd(GlusterdLines.UpdateAccepted(node.Uuid))
            .After(3).Glusterd(GlusterdLines.Accepted(node));
        boot.After(4).Glusterd(GlusterdLines.Accepted(other)).Glusterd(GlusterdLines.FriendUpdate(other.Uuid)).Glusterd(GlusterdLines.OwnUuidAsFriend)
            .Glusterd(GlusterdLines.UpdateAccepted(other.Uuid)).Glusterd(GlusterdLines.OpVersion)
            .Glusterd(GlusterdLines.ProbeFrom(other.Uuid)).Glusterd(GlusterdLines.RespondedTo(other.Name));
    }
}
