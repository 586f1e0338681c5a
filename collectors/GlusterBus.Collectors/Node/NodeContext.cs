using GlusterBus.Contracts.Entities;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.Node;

/// <summary>What the collectors of one node share. One instance per node; thread-safe.</summary>
/// <param name="name">The node's name as Gluster knows it.</param>
/// <param name="cli">The node's gluster command.</param>
/// <param name="stateDirectory">Where checkpoints live.</param>
/// <param name="epoch">Grows with each start of the node's collectors (microseconds since 1970 at start).</param>
public sealed class NodeContext(string name, IGlusterCli cli, string stateDirectory, long epoch)
{
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Topology _topology = Topology.Unknown;

    public string Name { get; } = name;

    public IGlusterCli Cli { get; } = cli;

    public string StateDirectory { get; } = stateDirectory;

    public long Epoch { get; } = epoch;

    /// <summary>True when this node is the only one whose collectors report to the router: it then speaks for the whole cluster. False in the distributed
    /// deployment, where every node speaks for its own bricks. The default is true.</summary>
    public bool IsAlone { get; init; } = true;

    /// <summary>The latest known shape of the cluster; owned by the get_state collector.</summary>
    public Topology Topology
    {
        get => _topology;
        set => _topology = value;
    }

    /// <summary>Completes when the first look at the cluster is published (or was tried in vain): sources wait for it before they publish,
    /// so that names can be resolved and the rebuild comes first. They listen from the start all the same.</summary>
    public Task WhenKnown => _known.Task;

    /// <summary>Called by the get_state collector after its first try, and by the runner where that collector is off.</summary>
    public void MarkKnown() => _known.TrySetResult();

    /// <summary>Raised when some source saw a sign whose meaning only a fresh look at the cluster can tell.</summary>
    public event Action<TimeSpan>? ReconcileRequested;

    /// <summary>Asks for a fresh get-state after <paramref name="delay"/>. Requests made meanwhile are answered by the same look.</summary>
    public void RequestReconcile(TimeSpan delay) => ReconcileRequested?.Invoke(delay);

    /// <summary>Raised when a source other than get_state reported an entity well.</summary>
    public event Action<EntityId>? HeardWell;

    /// <summary>Tells who looks at the cluster that an entity was just reported well.</summary>
    public void TellWell(EntityId entity) => HeardWell?.Invoke(entity);
}
