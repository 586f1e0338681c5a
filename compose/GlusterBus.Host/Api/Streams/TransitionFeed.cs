using GlusterBus.Contracts.Pipeline;
using GlusterBus.Host.Composition;

namespace GlusterBus.Host.Api.Streams;

/// <summary>Follows the record of one cluster for everybody who listens, with one reader; works only while somebody does.</summary>
internal sealed class TransitionFeed(ITransitionArchive archive, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>The pause after news: a burst reaches a thousand clients in forty pieces a second and not one by one. The first of a burst does not wait.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(25);

    /// <summary>The most transitions that a client gets at once.</summary>
    public const int Page = 500;

    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>So many read the record at a time: a thousand that fell behind together take turns, and the store stays free for the router.</summary>
    private readonly SemaphoreSlim _catchingUp = new(2);

    private BackgroundPart? _following;
    private RecentTransitions? _recent;
    private int _cursors;

    /// <summary>A place in the record.</summary>
    /// <param name="filter">What to hand out.</param>
    /// <param name="after">The position to go on from; null for the present.</param>
    public async Task<FeedCursor> OpenAsync(TransitionFilter filter, long? after, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_following is null || _following.Completion.IsCompleted)
            {
                await StopAsync();
                var recent = new RecentTransitions(await archive.HeadAsync(cancellationToken));
                _following = new BackgroundPart(stop => FollowAsync(recent, stop));
                _recent = recent;
            }

            _cursors++;
            return new FeedCursor(this, _recent!, filter, after ?? _recent!.End);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync();
        await StopAsync();
        _gate.Release();
    }

    /// <summary>The last one to leave ends the reading.</summary>
    internal async ValueTask LeaveAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (--_cursors == 0)
            {
                await StopAsync();
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A page of the record itself.</summary>
    /// <returns>What matches, up to where that is all, and whether something was removed from the record before it could be read.</returns>
    internal async ValueTask<FeedBatch> CatchUpAsync(TransitionFilter filter, long after, CancellationToken cancellationToken)
    {
        await _catchingUp.WaitAsync(cancellationToken);
        try
        {
            // Read before the query: what is recorded meanwhile is then found by the next one.
            long head = await archive.HeadAsync(cancellationToken);
            IReadOnlyList<ArchivedTransition> found = await archive.QueryAsync(new ArchiveQuery { After = after, Filter = filter, Limit = Page }, cancellationToken);

            // Read after the query, so that what was removed in the middle of it shows. Position 0 means "all there is" and misses nothing.
            long floor = after == 0 ? 0 : await archive.FloorAsync(cancellationToken);
            long end = found.Count == Page ? found[^1].Position : Math.Max(Math.Max(after, head), found.Count == 0 ? 0 : found[^1].Position);
            return new FeedBatch(found, end, after < floor);
        }
        finally
        {
            _catchingUp.Release();
        }
    }

    internal Task WaitAsync(Task moved, TimeSpan patience, CancellationToken cancellationToken) => moved.WaitAsync(patience, clock, cancellationToken);

    internal long Now => clock.GetTimestamp();

    internal TimeSpan Since(long began) => clock.GetElapsedTime(began);

    private async Task FollowAsync(RecentTransitions recent, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await archive.WaitAsync(recent.End, stop);
                long head = await archive.HeadAsync(stop);
                IReadOnlyList<ArchivedTransition> found = await archive.QueryAsync(new ArchiveQuery { After = recent.End, Limit = RecentTransitions.MaximumCount }, stop);
                recent.Append(found, found.Count == RecentTransitions.MaximumCount ? found[^1].Position : Math.Max(head, found.Count == 0 ? 0 : found[^1].Position));
                await Task.Delay(Pace, clock, stop);
            }
        }
        catch (Exception e)
        {
            recent.Fail(e);
            throw;
        }
    }

    private async ValueTask StopAsync()
    {
        if (_following is { } following)
        {
            (_following, _recent) = (null, null);
            try
            {
                await following.DisposeAsync();
            }
            catch (Exception)
            {
                // Whoever waited was told.
            }
        }
    }
}
