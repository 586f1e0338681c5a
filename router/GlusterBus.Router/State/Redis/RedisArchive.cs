using System.Globalization;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.State.Redis.Connections;

namespace GlusterBus.Router.State.Redis;

/// <summary>The transitions of one cluster that Redis still holds: those not yet published and the last <c>redis.history</c> published ones. Needs no
/// ownership, so it answers on a standby router and in <c>notify</c> too.</summary>
public sealed class RedisArchive(string cluster, RedisConnection connection, TimeProvider clock) : ITransitionArchive
{
    private const int LargestPage = 1000;

    /// <summary>How often is looked while somebody waits.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly string _owner = RedisKeys.Owner(cluster);
    private readonly string _outbox = RedisKeys.Outbox(cluster);

    /// <inheritdoc/>
    /// <exception cref="StateTableUnreachableException">Redis does not answer in time.</exception>
    public async ValueTask<long> HeadAsync(CancellationToken cancellationToken) =>
        (await connection.ExecuteAsync(RedisCommand.Of("HGET", _owner, "position"), cancellationToken)).Integer;

    /// <inheritdoc/>
    /// <remarks>Time and entity have no index in Redis: a narrow question over a long history reads all of it.</remarks>
    /// <exception cref="StateTableUnreachableException">Redis does not answer in time.</exception>
    public async ValueTask<IReadOnlyList<ArchivedTransition>> QueryAsync(ArchiveQuery query, CancellationToken cancellationToken)
    {
        bool isPlain = query.Filter.IsAll && query.Since is null && query.Until is null;
        int size = isPlain ? Math.Min(query.Limit, LargestPage) : LargestPage;
        var found = new List<ArchivedTransition>();
        long? last = null;
        while (found.Count < query.Limit)
        {
            IReadOnlyList<ArchivedTransition> page = await PageAsync(query, last, size, cancellationToken);
            found.AddRange(page.Where(transition => isPlain || Matches(query, transition)).Take(query.Limit - found.Count));
            if (page.Count < size)
            {
                break;
            }

            last = page[^1].Position;
        }

        if (query.Newest)
        {
            found.Reverse();
        }

        return found;
    }

    /// <summary>Not to be had from Redis.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public ValueTask<IReadOnlyList<EntityState>> StateAtAsync(DateTimeOffset at, CancellationToken cancellationToken) =>
        ValueTask.FromException<IReadOnlyList<EntityState>>(
            new NotSupportedException("Redis does not keep the quiet changes that a past state needs; the state of now and the history can be asked for. An archive in Kafka (a notifier with the plugin kafka) has past states."));

    /// <inheritdoc/>
    /// <exception cref="StateTableUnreachableException">Redis does not answer in time.</exception>
    public async ValueTask WaitAsync(long position, CancellationToken cancellationToken)
    {
        while (await HeadAsync(cancellationToken) <= position)
        {
            await Task.Delay(Interval, clock, cancellationToken);
        }
    }

    private static bool Matches(ArchiveQuery query, ArchivedTransition transition) =>
        (query.Since is not { } since || transition.Transition.Time >= since)
        && (query.Until is not { } until || transition.Transition.Time < until)
        && query.Filter.Matches(transition.Transition);

    /// <param name="query">What is asked.</param>
    /// <param name="last">The position read last; null at the beginning.</param>
    /// <param name="size">How many at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private async Task<IReadOnlyList<ArchivedTransition>> PageAsync(ArchiveQuery query, long? last, int size, CancellationToken cancellationToken)
    {
        string count = size.ToString(CultureInfo.InvariantCulture);
        string first = RedisOutbox.Id(query.After + 1);
        if (query.Newest && last <= query.After + 1)
        {
            return [];
        }

        RedisCommand command = query.Newest
            ? RedisCommand.Of("XREVRANGE", _outbox, last is { } newer ? RedisOutbox.Id(newer - 1) : "+", first, "COUNT", count)
            : RedisCommand.Of("XRANGE", _outbox, last is { } older ? RedisOutbox.Id(older + 1) : first, "+", "COUNT", count);
        return RedisOutbox.Read(await connection.ExecuteAsync(command, cancellationToken));
    }
}
