using GlusterBus.Host.Demo.Simulation;

namespace GlusterBus.Host.Demo;

/// <summary>Forty seconds in the life of a three-node cluster, and which transitions must come out of it.</summary>
internal sealed class Story
{
    private const string Volume = "gv0";
    private const string BrickPath = "/data/gv0";
    private const string StaleAddress = "192.0.2.14";

    private readonly SimulatedCluster _cluster;
    private readonly List<Chapter> _chapters = [];
    private int _stalePort = 49145;
    private SimulatedClient? _mount;

    private Story(int seed)
    {
        _cluster = new SimulatedCluster(seed);
        Seed = seed;
        Tell();
        Cues = _cluster.TakeCues();
    }

    public int Seed { get; }

    /// <summary>The cluster before the story.</summary>
    public ClusterState AtStart => _cluster.AtStart;

    public IReadOnlyList<Chapter> Chapters => _chapters;

    /// <summary>Everything that happens, in order.</summary>
    public IReadOnlyList<Cue> Cues { get; }

    /// <summary>What happens in one chapter, its times counted from the chapter's beginning.</summary>
    public IReadOnlyList<Cue> CuesOf(int chapter)
    {
        TimeSpan begins = _chapters[chapter].Begins;
        TimeSpan ends = chapter + 1 < _chapters.Count ? _chapters[chapter + 1].Begins : TimeSpan.MaxValue;
        return [.. Cues.Where(c => c.At >= begins && c.At < ends).Select(c => c with { At = c.At - begins })];
    }

    /// <summary>Every transition that must arrive exactly once, in about the order of their coming.</summary>
    public IEnumerable<Expectation> Expects => _chapters.SelectMany(c => c.Expects);

    /// <summary>How long it takes at speed 1.</summary>
    public static TimeSpan Length { get; } = TimeSpan.FromSeconds(43);

    /// <summary>The same seed tells the same story.</summary>
    public static Story Compile(int seed) => new(seed);

    /// <summary>Five seconds of what goes on after the story: polling and the storm, and never a transition.</summary>
    public IReadOnlyList<Cue> Epilogue()
    {
        Polling(0, 5);
        Knocks(0.5, 2);
        _cluster.HealInfo(At(3.3), Volume, "n2");
        return _cluster.TakeCues();
    }

    private void Tell()
    {
        Begin(0, "Three nodes, all well", "n1, n2 and n3 have found each other, which get-state knew before; somebody polls peer status");
        _cluster.Meet(At(0.1));
        Polling(0.2, 2.2, withVolume: false);

        Begin(2.5, "A volume is created", "gv0, replica 3: one operation, three nodes report it", ("volume/gv0", "created"));
        _cluster.CreateVolume(At(2.7), Volume, BrickPath, by: "n1");

        Begin(4.5, "The volume is started", "three bricks and three self-heal daemons come up, which is expected", ("volume/gv0", "started"));
        _cluster.StartVolume(At(4.7), Volume, by: "n1");

        Begin(10, "An option is set", "every node runs its hooks and hands out new volfiles; the operator sat at n1", ("volume/gv0", "option-set"));
        _cluster.SetOption(At(10.2), Volume, "performance.cache-size", "256MB", by: "n1");

        Begin(11.5, "A difficult option is set", "its value holds '=' and ';', on which glustereventsd drops the event", ("volume/gv0", "option-set"));
        _cluster.SetOption(At(11.7), Volume, "user.note", "rack=7;row=b", by: "n2");

        Begin(13, "Everybody polls", "a mount, volume status, heal info, a log rotation: hundreds of lines and not one change");
        _mount = _cluster.Mount(At(13.2), Volume, "web1", "192.0.2.21", server: "n1");
        Polling(13.2, 17);
        HealInfos(13.6, 16.5, 0.6);
        _cluster.Add(new Cue.Rotation(At(14.6), "n1", "glusterd.log", Reopens: TimeSpan.FromMilliseconds(250)));
        _cluster.SumUp(At(16.2), Volume, "n1", 7);

        Begin(17.5, "A brick is killed", "kill -9 on n2: a datagram, three lines, and every client complains", ("brick/gv0/n2:/data/gv0", "offline"));
        _cluster.KillBrick(At(17.8), Volume, "n2");
        Polling(18.5, 21);
        HealInfos(19, 21, 0.9);

        Begin(21.5, "The brick comes back", "volume start force; the event says 'started' of a volume that always was", ("brick/gv0/n2:/data/gv0", "online"));
        _cluster.StartForce(At(21.7), Volume, by: "n1", _mount);

        Begin(26, "n3 loses power", "it can't say so itself; its peers do", ("peer/n1/n3", "disconnected"), ("peer/n2/n3", "disconnected"));
        _cluster.PowerOff(At(26.3), "n3");
        Polling(27, 30);

        Begin(30.5, "n3 returns", "its logs are read on from where they were; n1 writes a stale line about the loss, too late to count",
            ("peer/n1/n3", "connected"), ("peer/n2/n3", "connected"));
        _cluster.PowerOn(At(30.7), "n3", _mount);
        _cluster.LateNews(At(34.5), "n1", "n3", behind: TimeSpan.FromSeconds(8.2));
        HealInfos(35.2, 36, 0.9);

        Begin(36.5, "A rejected peer storms", $"{StaleAddress} was thrown out while it was off; now it knocks at every door, from another port each time",
            ("peer/n1/" + StaleAddress, "rejected"), ("peer/n2/" + StaleAddress, "rejected"), ("peer/n3/" + StaleAddress, "rejected"));
        Knocks(36.8, 42.5, every: 0.6);
        Polling(37, 42);
    }

    private void Begin(double second, string title, string tells, params (string Entity, string Change)[] expects) =>
        _chapters.Add(new Chapter(title, tells, At(second), [.. expects.Select(e => new Expectation(e.Entity, e.Change))]));

    private void Polling(double from, double until, bool withVolume = true)
    {
        for (double second = from; second < until; second += 0.25 + (_cluster.Next(0, 150) / 1000.0))
        {
            string node = $"n{_cluster.Next(1, 3)}";
            if (withVolume && _cluster.Next(0, 4) != 0)
            {
                _cluster.VolumeStatus(At(second), Volume, node);
            }
            else
            {
                _cluster.PeerStatus(At(second), node);
            }
        }
    }

    private void HealInfos(double from, double until, double every)
    {
        for (double second = from; second < until; second += every)
        {
            _cluster.HealInfo(At(second), Volume, "n1");
        }
    }

    /// <summary>A real one knocks every three seconds, for ever; here time is short.</summary>
    private void Knocks(double from, double until, double every = 3)
    {
        for (double second = from; second < until; second += every)
        {
            _cluster.StalePeerKnocks(At(second), StaleAddress, _stalePort);
            _stalePort = _stalePort < 48200 ? 49145 : _stalePort - 6;
        }
    }

    private static TimeSpan At(double second) => TimeSpan.FromSeconds(second);
}
