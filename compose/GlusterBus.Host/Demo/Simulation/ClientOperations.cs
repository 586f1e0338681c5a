namespace GlusterBus.Host.Demo.Simulation;

/// <summary>What clients of a volume cause on the bricks' nodes: connections, and their own view of the replica set.</summary>
internal static class ClientOperations
{
    /// <summary>A client reaches a brick: three or four lines and a datagram on the brick's node.</summary>
    public static void Connect(this SimulatedCluster cluster, TimeSpan at, SimulatedVolume volume, SimulatedBrick brick, SimulatedClient client, int reconnects = 0)
    {
        string uid = client.Uid(volume.Name, volume.IndexOn(brick.Node), reconnects);
        NodeScript script = cluster.On(brick.Node, at).Brick(brick, BrickLines.Allowed(brick, client.Address));
        if (client.Kind < 0)
        {
            script.Brick(brick, BrickLines.User(volume.Id));
        }

        script.Brick(brick, BrickLines.ClientAccepted(volume.Name, brick, uid))
            .Event(97, $"client_uid={uid};{Ends(cluster, brick, client)};brick_path={brick.Path};subdir_mount=(null)");
    }

    public static void Disconnect(this SimulatedCluster cluster, TimeSpan at, SimulatedVolume volume, SimulatedBrick brick, SimulatedClient client)
    {
        string uid = client.Uid(volume.Name, volume.IndexOn(brick.Node));
        cluster.On(brick.Node, at)
            .Brick(brick, BrickLines.ReadFailed(volume.Name, $"{client.Address}:{cluster.Next(49100, 49152)}"))
            .Brick(brick, BrickLines.ClientGone(volume.Name, uid))
            .Brick(brick, BrickLines.ClientShutDown(volume.Name, uid))
            .Event(99, $"client_uid={uid};{Ends(cluster, brick, client)};brick_path={brick.Path}");
    }

    /// <summary>A machine that is no member mounts the volume; its own datagrams go to its volfile server.</summary>
    public static SimulatedClient Mount(this SimulatedCluster cluster, TimeSpan at, string volumeName, string host, string address, string server)
    {
        SimulatedVolume volume = cluster.State.Volume(volumeName);
        var client = new SimulatedClient(host, address, cluster.NewUuid(), cluster.NewPid(), 0, server);
        NodeScript script = cluster.On(server, at).Glusterd(GlusterdLines.MountRequest("/" + volume.Name));
        TimeSpan due = script.Now + TimeSpan.FromMilliseconds(8);
        foreach (SimulatedBrick brick in volume.Bricks.Where(b => b.IsOnline))
        {
            cluster.Connect(due, volume, brick, client);
            due += TimeSpan.FromMilliseconds(1);
        }

        script.After(9).Event(108, Report(client, volume)).After(2).Event(106, Report(client, volume));
        return client;
    }

    /// <summary>Somebody runs <c>gluster volume heal … info</c>: a short-lived client connects to every brick, tells its opinion and leaves.</summary>
    public static void HealInfo(this SimulatedCluster cluster, TimeSpan at, string volumeName, string node)
    {
        SimulatedVolume volume = cluster.State.Volume(volumeName);
        var client = new SimulatedClient(node, cluster.State.Node(node).Address, cluster.NewUuid(), cluster.NewPid(), -7, node);
        SimulatedBrick[] online = [.. volume.Bricks.Where(b => b.IsOnline && cluster.State.Node(b.Node).IsUp)];
        NodeScript script = cluster.On(node, at).Glusterd(GlusterdLines.MountRequest(volume.Name)).After(4);
        if (online.Length < volume.Bricks.Length)
        {
            script.Event(109, Report(client, volume)).After(1);
        }

        foreach (SimulatedBrick brick in online)
        {
            cluster.Connect(script.Now, volume, brick, client);
            cluster.Disconnect(script.Now + TimeSpan.FromMilliseconds(43), volume, brick, client);
        }

        script.After(1).Event(108, Report(client, volume)).After(1).Event(106, Report(client, volume));
    }

    /// <summary>What a client tells of its replica set; the blank before the second key is Gluster's own.</summary>
    public static string Report(SimulatedClient client, SimulatedVolume volume) => $"client-pid={client.Kind}; subvol={volume.Subvolume}";

    private static string Ends(SimulatedCluster cluster, SimulatedBrick brick, SimulatedClient client) =>
        $"client_identifier={client.Address}:{cluster.Next(49100, 49152)};server_identifier={cluster.State.Node(brick.Node).Address}:{brick.Port}";
}
