using System.Collections.Immutable;

namespace GlusterBus.Host.Demo.Simulation;

/// <summary>The simulated cluster at one instant: what the simulated command line answers from. A value.</summary>
internal sealed record ClusterState(ImmutableArray<SimulatedNode> Nodes, ImmutableArray<SimulatedVolume> Volumes)
{
    public SimulatedNode Node(string name) => Nodes.First(n => n.Name == name);

    public SimulatedVolume Volume(string name) => Volumes.First(v => v.Name == name);

    public IEnumerable<SimulatedNode> Running => Nodes.Where(n => n.IsUp);

    public ClusterState With(SimulatedNode node) => this with { Nodes = [.. Nodes.Select(n => n.Name == node.Name ? node : n)] };

    public ClusterState With(SimulatedVolume volume) => this with
    {
        Volumes = Volumes.Any(v => v.Name == volume.Name)
            ? [.. Volumes.Select(v => v.Name == volume.Name ? volume : v)]
            : Volumes.Add(volume),
    };
}

/// <summary>A node of the simulated cluster.</summary>
/// <param name="Address">From the range for documentation, RFC 5737.</param>
/// <param name="IsUp">False while it has no power.</param>
/// <param name="ShdPid">Process id of its self-heal daemon; 0 while none runs.</param>
/// <param name="ShdContext">The self-heal daemon's client id.</param>
internal sealed record SimulatedNode(string Name, Guid Uuid, string Address, bool IsUp = true, int ShdPid = 0, Guid ShdContext = default);

/// <summary>A brick of a simulated volume.</summary>
/// <param name="Port">The port it listens on; 0 while it does not run.</param>
internal sealed record SimulatedBrick(string Node, string Path, int Port = 0, int Pid = 0)
{
    public bool IsOnline => Port != 0;

    public string HostAndPath => $"{Node}:{Path}";

    /// <summary>The path as Gluster writes it into names of files: <c>/data/gv0</c> is <c>data-gv0</c>.</summary>
    public string Dashed => Path.TrimStart('/').Replace('/', '-');

    public string LogFile => $"bricks/{Dashed}.log";
}

/// <summary>A simulated replicated volume, one brick per node.</summary>
/// <param name="Options">In the order in which they were set.</param>
internal sealed record SimulatedVolume(
    string Name, Guid Id, bool IsStarted, ImmutableArray<SimulatedBrick> Bricks, ImmutableArray<KeyValuePair<string, string>> Options)
{
    public string Subvolume => $"{Name}-replicate-0";

    public SimulatedBrick BrickOn(string node) => Bricks.First(b => b.Node == node);

    public int IndexOn(string node) => Bricks.IndexOf(BrickOn(node));

    public SimulatedVolume With(SimulatedBrick brick) => this with { Bricks = [.. Bricks.Select(b => b.Node == brick.Node ? brick : b)] };

    public SimulatedVolume With(string option, string value) =>
        this with { Options = [.. Options.Where(o => o.Key != option), new KeyValuePair<string, string>(option, value)] };
}
