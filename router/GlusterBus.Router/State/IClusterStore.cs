namespace GlusterBus.Router.State;

/// <summary>A cluster's state table together with its outbox.</summary>
public interface IClusterTable : IStateTable, IOutbox;

/// <summary>The state tables of all clusters, as the routers of a distributed deployment share them.</summary>
public interface IClusterStore
{
    /// <summary>The table of a cluster; made on first use.</summary>
    IClusterTable TableOf(string cluster);

    /// <summary>The clusters that routers of a partition have met so far.</summary>
    /// <exception cref="StateTableUnreachableException">The store did not answer in time.</exception>
    ValueTask<IReadOnlyList<string>> ClustersAsync(int partition, CancellationToken cancellationToken);

    /// <summary>Notes that a cluster belongs to a partition, so that whoever takes over opens it before anything is heard of it.</summary>
    /// <exception cref="StateTableUnreachableException">The store did not answer in time.</exception>
    ValueTask RememberAsync(int partition, string cluster, CancellationToken cancellationToken);

    /// <summary>Returns when the store answers.</summary>
    /// <exception cref="StateTableUnreachableException">It did not answer in time.</exception>
    ValueTask ProbeAsync(CancellationToken cancellationToken);
}
