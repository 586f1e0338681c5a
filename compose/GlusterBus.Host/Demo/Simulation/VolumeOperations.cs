namespace GlusterBus.Host.Demo.Simulation;

/// <summary>What an operator orders about a volume, and what every node says while it obeys.</summary>
internal static class VolumeOperations
{
    private const string NoExtra = "";

    /// <summary><c>gluster volume create … replica 3</c> with one brick per node.</summary>
    public static void CreateVolume(this SimulatedCluster cluster, TimeSpan at, string name, string path, string by)
    {
        var volume = new SimulatedVolume(
            name, cluster.NewUuid(), IsStarted: false, [.. cluster.State.Nodes.Select(n => new SimulatedBrick(n.Name, path))],
            [
                new("cluster.granular-entry-heal", "on"), new("storage.fips-mode-rchecksum", "on"), new("transport.address-family", "inet"),
                new("nfs.disable", "on"), new("performance.client-io-threads", "off"),
            ]);
        string bricks = string.Join(' ', volume.Bricks.Select(b => b.HostAndPath));
        foreach (SimulatedNode node in cluster.State.Nodes)
        {
            double behind = node.Name == by ? 0 : 95;
            NodeScript script = cluster.On(node.Name, at).After(180 + behind).Glusterd(GlusterdLines.NoNfs).After(85);
            Hooks(script, "create", volume, NoExtra);
        }

        cluster.Become(at + TimeSpan.FromMilliseconds(210), cluster.State.With(volume));
        cluster.On(by, at).After(328).History($"volume create {name} replica 3 {bricks}").After(2).Event(2, $"name={name};bricks= {bricks} ");
    }

    /// <summary><c>gluster volume start</c>: the operator's node first, then the others; the self-heal daemons find the late bricks 3 s later.</summary>
    public static void StartVolume(this SimulatedCluster cluster, TimeSpan at, string name, string by)
    {
        SimulatedVolume volume = cluster.State.Volume(name);
        ClusterState state = cluster.State;
        foreach (SimulatedNode node in cluster.State.Nodes)
        {
            SimulatedBrick brick = volume.BrickOn(node.Name) with { Port = cluster.NewPort(), Pid = cluster.NewPid() };
            volume = volume.With(brick);
            state = state.With(node with { ShdPid = brick.Pid + 17, ShdContext = cluster.NewUuid() });
        }

        volume = volume with { IsStarted = true };
        state = state.With(volume);
        var connected = new List<(TimeSpan At, string Node)>();
        foreach (SimulatedNode node in state.Nodes)
        {
            NodeScript script = cluster.On(node.Name, at).After(node.Name == by ? 190 : 1380).Glusterd(GlusterdLines.NoGlobalDict);
            StartBrick(cluster, script, volume, node);
            foreach (string service in (string[])["bitd", "scrub"])
            {
                script.Glusterd(GlusterdLines.AlreadyStopped(service)).Glusterd(GlusterdLines.ServiceStopped(service));
            }

            StartShd(cluster, script, volume, node);
            script.After(1000).Glusterd(GlusterdLines.MountRequest("shd/" + name));
            connected.Add((script.Now, node.Name));
            BrickConnected(script, volume);
            script.Event(65, "svc_name=glustershd");
            bool isFirst = node.Name == by;
            ShdConnects(cluster, state, volume, node, script.Now + TimeSpan.FromMilliseconds(10), b => !isFirst || b.Node == by);
        }

        // Each node's glusterd shows its own brick and daemon as soon as it is connected to them; the volume is started when all have done their part.
        foreach ((TimeSpan moment, string node) in connected.Order())
        {
            SimulatedVolume present = cluster.State.Volume(name).With(volume.BrickOn(node));
            cluster.Become(moment, cluster.State.With(state.Node(node)).With(present));
        }

        TimeSpan committed = connected.Max().At + TimeSpan.FromMilliseconds(2);
        cluster.Become(committed, state);
        cluster.On(by, committed).After(110).History($"volume start {name}").After(11).Event(3, $"name={name};force=0");
        foreach (SimulatedNode node in state.Nodes)
        {
            Hooks(cluster.On(node.Name, committed).After(111), "start", volume, "--first=yes --version=1 --volume-op=start --gd-workdir=/var/lib/glusterd");
        }

        ShdConnects(cluster, state, volume, state.Node(by), at + TimeSpan.FromMilliseconds(4230), b => b.Node != by);
    }

    /// <summary><c>gluster volume set</c>: every node runs the hooks and hands its processes the new volfile.</summary>
    public static void SetOption(this SimulatedCluster cluster, TimeSpan at, string name, string option, string value, string by)
    {
        SimulatedVolume volume = cluster.State.Volume(name).With(option, value);
        foreach (SimulatedNode node in cluster.State.Running)
        {
            SimulatedBrick brick = volume.BrickOn(node.Name);
            NodeScript script = cluster.On(node.Name, at).After(node.Name == by ? 120 : 135).Glusterd(GlusterdLines.NoSecondKey)
                .After(node.Name == by ? 70 : 150).Glusterd(GlusterdLines.NoNfs)
                .Shd(BrickLines.VolfileChanged).Brick(brick, BrickLines.VolfileChanged).After(40);
            foreach (string service in (string[])["quotad", "bitd", "scrub"])
            {
                script.Glusterd(GlusterdLines.AlreadyStopped(service)).Glusterd(GlusterdLines.ServiceStopped(service));
            }

            script.Glusterd(GlusterdLines.MountRequest("shd/" + name)).Shd(ShdLines.DuplicateServer).Shd(ShdLines.NoChange)
                .Glusterd(GlusterdLines.MountRequest($"{name}.{node.Name}.{brick.Dashed}")).Brick(brick, BrickLines.NoChange);
            Hooks(script.After(10), "set", volume, $"-o {option}={value} --gd-workdir=/var/lib/glusterd");
        }

        cluster.Become(at + TimeSpan.FromMilliseconds(200), cluster.State.With(volume));
        cluster.On(by, at).After(333).History($"volume set {name} {option} {value}").Event(6, $"name={name};options=,{option},{value}");
    }

    /// <summary><c>gluster volume start … force</c>: brings back bricks that do not run. Event 3 comes although the volume was started all the time.</summary>
    public static void StartForce(this SimulatedCluster cluster, TimeSpan at, string name, string by, params IReadOnlyList<SimulatedClient> mounts)
    {
        SimulatedVolume volume = cluster.State.Volume(name);
        foreach (SimulatedNode node in cluster.State.Running)
        {
            NodeScript script = cluster.On(node.Name, at).After(node.Name == by ? 445 : 560).Glusterd(GlusterdLines.NoGlobalDict);
            SimulatedBrick brick = volume.BrickOn(node.Name);
            bool returns = !brick.IsOnline;
            if (returns)
            {
                brick = brick with { Port = cluster.NewPort(), Pid = cluster.NewPid() };
                volume = volume.With(brick);
                StartBrick(cluster, script, volume, node);
            }

            script.After(55).Glusterd(GlusterdLines.AddingShd(name, node.ShdPid)).After(1).Glusterd(GlusterdLines.ShdAttached(name, node.ShdPid));
            if (returns)
            {
                BrickConnected(script, volume);
                cluster.Become(script.Now - TimeSpan.FromMilliseconds(1), cluster.State.With(volume));
                cluster.ClientsReturn(script.Now + TimeSpan.FromMilliseconds(2660), volume, brick, mounts);
            }

            Hooks(script.After(10), "start", volume, "--first=no --version=1 --volume-op=start --gd-workdir=/var/lib/glusterd");
        }

        cluster.On(by, at).After(690).History($"volume start {name} force").After(12).Event(3, $"name={name};force=1");
    }

    internal static void StartBrick(SimulatedCluster cluster, NodeScript script, SimulatedVolume volume, SimulatedNode node)
    {
        SimulatedBrick brick = volume.BrickOn(node.Name);
        script.Glusterd(GlusterdLines.FreshBrick(brick)).After(9)
            .Brick(brick, BrickLines.Started(volume.Name, brick, node, (ulong)cluster.Next(1, int.MaxValue) << 20)).After(2)
            .Brick(brick, BrickLines.Pid(brick.Pid)).After(8)
            .Brick(brick, BrickLines.Thread(0)).Brick(brick, BrickLines.Thread(1))
            .Glusterd(GlusterdLines.MountRequest($"{volume.Name}.{node.Name}.{brick.Dashed}"))
            .Brick(brick, Servers(cluster, node)).After(10)
            .Brick(brick, BrickLines.OutstandingLimit).Brick(brick, BrickLines.FewFiles(volume.Name)).Brick(brick, BrickLines.Trash(volume.Name)).After(50)
            .Glusterd(GlusterdLines.FrameTimeout);
    }

    internal static void StartShd(SimulatedCluster cluster, NodeScript script, SimulatedVolume volume, SimulatedNode node)
    {
        script.After(12).Shd(ShdLines.Started(volume.Name, node, (ulong)cluster.Next(1, int.MaxValue) << 21)).Shd(BrickLines.Pid(node.ShdPid)).After(8)
            .Shd(BrickLines.Thread(0)).Shd(BrickLines.Thread(1)).Shd(Servers(cluster, node));
        for (int i = 0; i < volume.Bricks.Length; i++)
        {
            script.Shd(ShdLines.ParentReady(volume.Name, i));
        }

        script.Bare("glustershd.log", ShdLines.FinalGraph(volume));
    }

    internal static void BrickConnected(NodeScript script, SimulatedVolume volume) =>
        script.Event(77, $"peer={script.Node};volume={volume.Name};brick={volume.BrickOn(script.Node).Path}");

    /// <summary>A self-heal daemon reaches bricks; those out of reach cost it an error line and a try 3 s later.</summary>
    internal static void ShdConnects(SimulatedCluster cluster, ClusterState state, SimulatedVolume volume, SimulatedNode node, TimeSpan at, Func<SimulatedBrick, bool> reaches)
    {
        SimulatedClient shd = SimulatedClient.ShdOf(state.Node(node.Name));
        NodeScript script = cluster.On(node.Name, at);
        bool isFirst = reaches(volume.BrickOn(node.Name));
        int connected = isFirst ? 0 : 1;
        foreach (SimulatedBrick brick in volume.Bricks)
        {
            int i = volume.IndexOn(brick.Node);
            if (reaches(brick))
            {
                cluster.Connect(script.Now, volume, brick, shd);
                script.After(1).Shd(ShdLines.Connected(volume, i));
                connected++;
                if (connected == 1)
                {
                    script.Shd(ShdLines.ChildUp(volume.Name, i)).Event(108, ClientOperations.Report(shd, volume));
                }
                else if (connected == 2)
                {
                    script.Shd(ShdLines.QuorumMet(volume.Name)).Event(106, ClientOperations.Report(shd, volume));
                }
            }
            else if (isFirst)
            {
                script.After(20).Shd(ShdLines.NoPort(volume.Name, i)).Shd(ShdLines.SocketShutdown(volume.Name, i)).Shd(ShdLines.Disconnected(volume.Name, i));
            }
        }
    }

    private static void Hooks(NodeScript script, string operation, SimulatedVolume volume, string extra)
    {
        foreach (string hook in GlusterdLines.Hooks[operation])
        {
            script.After(8).Glusterd(GlusterdLines.RanHook(operation, hook, $"--volname={volume.Name} {extra}".TrimEnd()));
        }
    }

    private static string Servers(SimulatedCluster cluster, SimulatedNode node) =>
        BrickLines.VolfileServers + string.Join(' ', cluster.State.Nodes.Where(n => n != node && n.Name != node.Name).Select(n => $"{n.Name}:24007"));
}
