namespace GlusterBus.Host.Demo.Simulation;

/// <summary>A three-node GlusterFS 10 cluster on paper: operations move its state and write down, as cues, what a real cluster says
/// while it does the same. Nothing happens here; <see cref="Stage"/> plays the cues.</summary>
/// <remarks>The same seed gives the same cues in the same order. Order and timing of each operation follow recordings of a real cluster.</remarks>
internal sealed class SimulatedCluster
{
    private readonly Random _random;
    private readonly List<Cue> _cues = [];

    public SimulatedCluster(int seed)
    {
        _random = new Random(seed);
        State = new ClusterState([.. Enumerable.Range(1, 3).Select(i => new SimulatedNode($"n{i}", NewUuid(), $"192.0.2.{10 + i}"))], []);
        AtStart = State;
    }

    /// <summary>The cluster before anything happened.</summary>
    public ClusterState AtStart { get; }

    /// <summary>The cluster after every operation so far.</summary>
    public ClusterState State { get; private set; }

    /// <summary>Takes the cues written down so far, in the order of their times.</summary>
    public IReadOnlyList<Cue> TakeCues()
    {
        Cue[] sorted = [.. _cues.OrderBy(c => c.At)];
        _cues.Clear();
        return sorted;
    }

    public void Add(Cue cue) => _cues.Add(cue);

    /// <summary>The cluster is so from <paramref name="at"/> on. Call in the order of time.</summary>
    public void Become(TimeSpan at, ClusterState state)
    {
        State = state;
        Add(new Cue.Becomes(at, state));
    }

    /// <summary>Writes down what one node says, beginning at a time.</summary>
    public NodeScript On(string node, TimeSpan at) => new(this, node, at);

    /// <summary>A random version 4 uuid.</summary>
    public Guid NewUuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>A brick's port: glusterd takes any above 49152.</summary>
    public int NewPort() => _random.Next(49200, 60900);

    public int NewPid() => _random.Next(800, 32000);

    public int Next(int least, int bound) => _random.Next(least, bound);

    /// <summary>The small time between two lines of one process.</summary>
    public TimeSpan Tick() => TimeSpan.FromMicroseconds(_random.Next(20, 400));
}
