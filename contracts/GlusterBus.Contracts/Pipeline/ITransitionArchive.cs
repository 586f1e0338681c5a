using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Contracts.Pipeline;

/// <summary>A transition with its place in the archive.</summary>
/// <param name="Position">Grows with every transition recorded, over all entities; may have gaps.</param>
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

/// <summary>The record of all transitions: <c>history</c>, <c>replay</c> and <c>state --at</c> read it.</summary>
public interface ITransitionArchive
{
    /// <summary>Transitions in the order they were recorded.</summary>
    ValueTask<IReadOnlyList<ArchivedTransition>> QueryAsync(ArchiveQuery query, CancellationToken cancellationToken);

    /// <summary>Every entity as it was at an instant; entities that were gone then are left out.</summary>
    ValueTask<IReadOnlyList<EntityState>> StateAtAsync(DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Completes when something was recorded after <paramref name="position"/>.</summary>
    ValueTask WaitAsync(long position, CancellationToken cancellationToken);

    /// <summary>The newest position: whatever is recorded later has a greater one.</summary>
    ValueTask<long> HeadAsync(CancellationToken cancellationToken);

    /// <summary>Everything recorded after this position is still there; of what came before, some may have been removed. 0 where nothing ever is.</summary>
    ValueTask<long> FloorAsync(CancellationToken cancellationToken) => ValueTask.FromResult(0L);

    /// <summary>From when on <see cref="StateAtAsync"/> tells all that was known; null while nothing is recorded.</summary>
    async ValueTask<DateTimeOffset?> KnownSinceAsync(CancellationToken cancellationToken) =>
        (await QueryAsync(new ArchiveQuery { Limit = 1 }, cancellationToken)) is [var oldest, ..] ? oldest.Transition.RecordedAt : null;
}

/// <summary>One row of the state table, as people see it.</summary>
/// <param name="Since">When the present state began.</param>
public sealed record EntityState(EntityId Entity, string? State, Severity Severity, long Sequence, DateTimeOffset Since, IReadOnlyDictionary<string, string> Attributes);
