using GlusterBus.Contracts.Pipeline;

namespace GlusterBus.Host.Api.Streams;

/// <summary>What a client gets at once.</summary>
/// <param name="Transitions">What it wants of it, in order; empty when only the position moved.</param>
/// <param name="Position">Where to go on after that.</param>
/// <param name="Missed">True when the record no longer has everything since the position before.</param>
internal sealed record FeedBatch(IReadOnlyList<ArchivedTransition> Transitions, long Position, bool Missed);

/// <summary>One client's place in the record. Holds nothing but a position: what the client does not take stays in the record.</summary>
internal sealed class FeedCursor(TransitionFeed feed, RecentTransitions recent, TransitionFilter filter, long position) : IAsyncDisposable
{
    /// <summary>The most bytes of transitions handed out at once, one transition at least.</summary>
    private const int MaximumBytes = 64 * 1024;

    /// <summary>Everything up to here was handed out.</summary>
    public long Position { get; private set; } = position;

    /// <summary>Waits for something that the client wants.</summary>
    /// <param name="patience">How long at most; then the answer tells the position alone.</param>
    /// <exception cref="Exception">The record can't be read; what <see cref="ITransitionArchive"/> threw.</exception>
    public async ValueTask<FeedBatch> NextAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        long began = feed.Now;
        while (true)
        {
            // Taken before the look, so that nothing is appended unseen in between.
            Task moved = recent.Moved;
            FeedBatch batch;
            if (recent.TryRead(Position, out long end, out ArraySegment<ArchivedTransition> following))
            {
                batch = Take(following, end);
            }
            else
            {
                batch = await feed.CatchUpAsync(filter, Position, cancellationToken);
                batch = Take(batch.Transitions, batch.Position) with { Missed = batch.Missed };
            }

            bool hasMoved = batch.Position > Position;
            Position = batch.Position;
            if (batch.Transitions.Count > 0 || batch.Missed)
            {
                return batch;
            }

            TimeSpan rest = patience - feed.Since(began);
            if (rest <= TimeSpan.Zero)
            {
                return batch;
            }

            if (!hasMoved)
            {
                try
                {
                    await feed.WaitAsync(moved, rest, cancellationToken);
                }
                catch (TimeoutException)
                {
                    return batch;
                }
            }
        }
    }

    public ValueTask DisposeAsync() => feed.LeaveAsync();

    private FeedBatch Take(IReadOnlyList<ArchivedTransition> following, long end)
    {
        var taken = new List<ArchivedTransition>();
        int bytes = 0;
        foreach (ArchivedTransition transition in following)
        {
            if (taken.Count == TransitionFeed.Page || (taken.Count > 0 && bytes + transition.Json.Length > MaximumBytes))
            {
                return new FeedBatch(taken, taken[^1].Position, false);
            }

            if (filter.IsAll || filter.Matches(transition.Transition))
            {
                taken.Add(transition);
                bytes += transition.Json.Length;
            }
        }

        return new FeedBatch(taken, end, false);
    }
}
