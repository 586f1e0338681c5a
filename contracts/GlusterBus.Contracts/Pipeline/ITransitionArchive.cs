using System.Runtime.CompilerServices;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Contracts.Pipeline;

/// <summary>A transition with its place in the archive.</summary>
/// <param name="Position">Grows with every transition recorded, over all entities; may have gaps. 0 where an archive has no such order.</param>
/// <param name="Json">The CloudEvent as UTF-8, exactly as every receiver gets it.</param>
public sealed record ArchivedTransition(long Position, ReadOnlyMemory<byte> Json)
{
    private Transition? _transition;

    /// <summary>The W3C trace context that it came with; null when it came with none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The parsed form, made at first use where it was not at hand already.</summary>
    public Transition Transition
    {
        get => _transition ??= TransitionJson.Parse(Json.Span);
        init => _transition = value;
    }
}

/// <summary>What to read from the archive. An unset member does not restrict.</summary>
public sealed record ArchiveQuery
{
    /// <summary>First instant of <see cref="Transition.Time"/>, inclusive.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Last instant, exclusive.</summary>
    public DateTimeOffset? Until { get; init; }

    public TransitionFilter Filter { get; init; } = TransitionFilter.All;

    /// <summary>Only positions above this one.</summary>
    public long After { get; init; }

    /// <summary>The most transitions returned, 1 to 100,000. The default is 1,000.</summary>
    public int Limit { get; init; } = 1000;

    /// <summary>True returns the newest that match (still in ascending order); false the oldest.</summary>
    public bool Newest { get; init; }
}

/// <summary>The record of all transitions as it grows: <c>watch</c> follows it, and it has the past, too.</summary>
public interface ITransitionArchive : ITransitionHistory
{
    private const int Page = 5000;

    /// <summary>Transitions in the order they were recorded.</summary>
    ValueTask<IReadOnlyList<ArchivedTransition>> QueryAsync(ArchiveQuery query, CancellationToken cancellationToken);

    /// <summary>Completes when something was recorded after <paramref name="position"/>.</summary>
    ValueTask WaitAsync(long position, CancellationToken cancellationToken);

    /// <summary>The newest position: whatever is recorded later has a greater one.</summary>
    ValueTask<long> HeadAsync(CancellationToken cancellationToken);

    /// <summary>Everything recorded after this position is still there; of what came before, some may have been removed. 0 where nothing ever is.</summary>
    ValueTask<long> FloorAsync(CancellationToken cancellationToken) => ValueTask.FromResult(0L);

    /// <inheritdoc/>
    async ValueTask<DateTimeOffset?> ITransitionHistory.KnownSinceAsync(CancellationToken cancellationToken) =>
        (await QueryAsync(new ArchiveQuery { Limit = 1 }, cancellationToken)) is [var oldest, ..] ? oldest.Transition.RecordedAt : null;

    /// <inheritdoc/>
    /// <remarks>Page by page, so that no more than one is in memory.</remarks>
    async IAsyncEnumerable<ArchivedTransition> ITransitionHistory.ReadAsync(
        HistoryQuery query, HistoryProgress progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long head = await HeadAsync(cancellationToken);
        var page = new ArchiveQuery { Since = query.Since, Until = query.Until, Filter = query.Filter, Limit = Page };
        IReadOnlyList<ArchivedTransition> found;
        do
        {
            found = await QueryAsync(page, cancellationToken);
            progress.Add(found.Count);
            foreach (ArchivedTransition transition in found)
            {
                if (transition.Position > head)
                {
                    yield break;
                }

                yield return transition;
            }

            page = page with { After = found.Count > 0 ? found[^1].Position : page.After };
        }
        while (found.Count == Page);
    }
}

/// <summary>One row of the state table, as people see it.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="State">Its state; null when it has none.</param>
/// <param name="Severity">What the state means.</param>
/// <param name="Sequence">Of the last announced transition.</param>
/// <param name="Since">When the state began; null when the record does not reach that far.</param>
/// <param name="Attributes">What describes it.</param>
public sealed record EntityState(EntityId Entity, string? State, Severity Severity, long Sequence, DateTimeOffset? Since, IReadOnlyDictionary<string, string> Attributes);
