namespace GlusterBus.Contracts.Pipeline;

/// <summary>The past: <c>history</c>, <c>replay</c> and <c>state --at</c> read it. SQLite and Redis have it beside the present; Kafka has nothing else.</summary>
public interface ITransitionHistory
{
    /// <summary>Every transition that matches, once, each entity's in order; over all entities as they were recorded, as nearly as the store can tell.
    /// Ends with what was there when it began.</summary>
    /// <param name="query">What to read.</param>
    /// <param name="progress">Kept up to date while it reads, for whoever shows it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    IAsyncEnumerable<ArchivedTransition> ReadAsync(HistoryQuery query, HistoryProgress progress, CancellationToken cancellationToken);

    /// <summary>Every entity as it was at an instant, ordered by id; entities that were gone then are left out.</summary>
    ValueTask<IReadOnlyList<EntityState>> StateAtAsync(DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>From when on <see cref="StateAtAsync"/> tells all that was known; null while nothing is recorded.</summary>
    ValueTask<DateTimeOffset?> KnownSinceAsync(CancellationToken cancellationToken);
}

/// <summary>Which part of the past. An unset member does not restrict.</summary>
public sealed record HistoryQuery
{
    /// <summary>First instant of <see cref="Messages.Transition.Time"/>, inclusive.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Last instant, exclusive.</summary>
    public DateTimeOffset? Until { get; init; }

    public TransitionFilter Filter { get; init; } = TransitionFilter.All;
}

/// <summary>How far a reading of the past has come. One writes, others look.</summary>
public sealed class HistoryProgress
{
    private long _read;
    private long _total;

    /// <summary>Records looked at so far, those that do not match included.</summary>
    public long Read => Interlocked.Read(ref _read);

    /// <summary>Records to look at; 0 while it is not known.</summary>
    public long Total => Interlocked.Read(ref _total);

    public void Add(long count) => Interlocked.Add(ref _read, count);

    public void Of(long total) => Interlocked.Exchange(ref _total, total);
}

/// <summary>A notifier that keeps all that it is given, so that the past can be read from where it carries it.</summary>
public interface IArchivingNotifier
{
    /// <summary>The past of one cluster. Connects at the first question.</summary>
    ITransitionHistory HistoryOf(string cluster);
}

/// <summary>Where the past is kept does not answer.</summary>
/// <param name="message">For people; one line, free of secrets.</param>
/// <param name="inner">What made it so.</param>
public sealed class ArchiveUnreachableException(string message, Exception? inner = null) : Exception(message, inner);
