using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.Decisions;
using GlusterBus.Router.State.Redis.Connections;

namespace GlusterBus.Router.State.Redis;

/// <summary>Reads the state table of one cluster without owning it: on a standby router and in <c>notify</c>.</summary>
public sealed class RedisStateReader(string cluster, RedisConnection connection) : IStateReader
{
    private readonly string _owner = RedisKeys.Owner(cluster);

    /// <inheritdoc/>
    /// <exception cref="StateTableUnreachableException">Redis does not answer in time, or the table is being written anew.</exception>
    public async ValueTask<IReadOnlyList<EntityState>> CurrentAsync(CancellationToken cancellationToken)
    {
        IReadOnlyCollection<StateEntry> entries = await RedisHash.EntriesAsync(connection, RedisKeys.Entries(cluster), cancellationToken);

        // Asked last: a restoration that began while the pages were read shows here.
        RedisAnswer restoring = await connection.ExecuteAsync(RedisCommand.Of("HGET", _owner, "restoring"), cancellationToken);
        if (!restoring.IsNull)
        {
            throw new StateTableUnreachableException("the state table is being written anew; ask again in a moment");
        }

        return [.. entries
            .Where(entry => !entry.IsGone)
            .OrderBy(entry => entry.Entity)
            .Select(entry => new EntityState(entry.Entity, entry.State, entry.Severity, entry.Sequence, entry.Since, entry.Attributes))];
    }
}
