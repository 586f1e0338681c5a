using System.Globalization;
using GlusterBus.Contracts.Messages;
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

    /// <summary>So many transitions from before a past instant are read to tell since when the states of then lasted.</summary>
    private const int EarlierRead = 4000;

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

    /// <summary>The state table of now, taken back by what was announced since. Redis keeps no quiet changes, so the attributes of then may be newer than then.</summary>
    /// <exception cref="PastUnknownException">The instant is before <see cref="ITransitionHistory.KnownSinceAsync"/>.</exception>
    /// <exception cref="StateTableUnreachableException">Redis does not answer in time, or the table is being written anew.</exception>
    public async ValueTask<IReadOnlyList<EntityState>> StateAtAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        // The table is read first: what is announced meanwhile is then undone too, which changes nothing in the answer.
        IReadOnlyList<EntityState> now = await new RedisStateReader(cluster, connection).CurrentAsync(cancellationToken);
        DateTimeOffset since = await ((ITransitionHistory)this).KnownSinceAsync(cancellationToken) ?? clock.GetUtcNow();
        return at < since ? throw new PastUnknownException(since) : PastState.Rewind(now, await AroundAsync(at, cancellationToken), at, since);
    }

    /// <summary>All transitions since an instant and the last ones before it, in the order recorded.</summary>
    private async Task<IReadOnlyList<Transition>> AroundAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        var found = new List<Transition>();
        var backwards = new ArchiveQuery { Newest = true };
        long? last = null;
        for (int before = 0; before < EarlierRead;)
        {
            IReadOnlyList<ArchivedTransition> page = await PageAsync(backwards, last, LargestPage, cancellationToken);
            found.AddRange(page.Select(record => record.Transition));
            before += page.Count(record => record.Transition.RecordedAt <= at);
            if (page.Count < LargestPage)
            {
                break;
            }

            last = page[^1].Position;
        }

        found.Reverse();
        return found;
    }

    /// <inheritdoc/>
    /// <exception cref="StateTableUnreachableException">Redis does not answer in time.</exception>
    public async ValueTask<long> FloorAsync(CancellationToken cancellationToken)
    {
        // In this order: a stream that is empty has lost everything up to the head that is read afterwards, or nothing was ever in it.
        IReadOnlyList<ArchivedTransition> oldest = await QueryAsync(new ArchiveQuery { Limit = 1 }, cancellationToken);
        return oldest is [var first, ..] ? first.Position - 1 : await HeadAsync(cancellationToken);
    }

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
