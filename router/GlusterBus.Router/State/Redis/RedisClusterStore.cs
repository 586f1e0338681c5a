using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Router.State.Redis;

/// <summary>The state tables of all clusters in one Redis.</summary>
/// <param name="connection">The way to it; whoever opened it disposes it.</param>
/// <param name="options">How much history is kept.</param>
/// <param name="clock">Stamps what is forgotten by age.</param>
public sealed class RedisClusterStore(RedisConnection connection, RedisOptions options, TimeProvider clock) : IClusterStore
{
    private readonly RedisClusters _clusters = new(connection);

    public IClusterTable TableOf(string cluster) => new RedisStateTable(cluster, connection, options, clock);

    public ValueTask<IReadOnlyList<string>> ClustersAsync(int partition, CancellationToken cancellationToken) => _clusters.ListAsync(partition, cancellationToken);

    public ValueTask RememberAsync(int partition, string cluster, CancellationToken cancellationToken) => _clusters.AddAsync(partition, cluster, cancellationToken);

    public ValueTask ProbeAsync(CancellationToken cancellationToken) => connection.ProbeAsync(cancellationToken);
}
