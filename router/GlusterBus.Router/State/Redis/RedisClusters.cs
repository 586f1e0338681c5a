using GlusterBus.Router.State.Redis.Connections;

namespace GlusterBus.Router.State.Redis;

/// <summary>Which clusters a partition holds, so that its next owner opens their tables before the first observation comes. The list is not fenced: adding
/// what is there already changes nothing.</summary>
public sealed class RedisClusters(RedisConnection connection)
{
    /// <exception cref="StateTableUnreachableException">Redis does not answer in time.</exception>
    public async ValueTask AddAsync(int partition, string cluster, CancellationToken cancellationToken)
    {
        string key = RedisKeys.Clusters(partition);
        await connection.ExecuteAsync(RedisCommand.Of("SADD", key, cluster), cancellationToken);
    }

    /// <summary>The clusters ever added, ordered by name.</summary>
    /// <exception cref="StateTableUnreachableException">Redis does not answer in time.</exception>
    public async ValueTask<IReadOnlyList<string>> ListAsync(int partition, CancellationToken cancellationToken)
    {
        string key = RedisKeys.Clusters(partition);
        RedisAnswer answer = await connection.ExecuteAsync(RedisCommand.Of("SMEMBERS", key), cancellationToken);
        return [.. answer.Items.Select(item => item.Text).Order(StringComparer.Ordinal)];
    }
}
