using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.Decisions;

namespace GlusterBus.Router.State;

/// <summary>What a state table held when it was opened.</summary>
/// <param name="Epoch">The fencing number of the new owner; every commit must carry it.</param>
public sealed record TableContents(long Epoch, IReadOnlyList<StateEntry> Entries, IReadOnlyDictionary<string, AppliedSequence> Applied)
{
    /// <summary>Names this table for as long as it lives; a table that was made anew has another one. Empty where tables are not lost (embedded).</summary>
    public string Generation { get; init; } = "";

    /// <summary>What the sequence of an entity that has none yet starts from. 0, unless the table replaces one that was lost: then a number above all
    /// that the lost one can have given, so that no id is used twice.</summary>
    public long SequenceBase { get; init; }

    /// <summary>Up to which position of the outbox everything is published.</summary>
    public long Published { get; init; }

    /// <summary>How the new owner's clock stands to the table's.</summary>
    public TableClock Clock { get; init; }
}

/// <summary>What one commit writes, all or nothing.</summary>
/// <param name="Entries">New versions of entries.</param>
/// <param name="Transitions">In the order decided; announced ones are the outbox.</param>
/// <param name="Applied">How far each stream has been applied.</param>
public sealed record Commit(IReadOnlyList<StateEntry> Entries, IReadOnlyList<RecordedTransition> Transitions, IReadOnlyDictionary<string, AppliedSequence> Applied)
{
    /// <summary>Set in the commit that raises <see cref="TableContents.SequenceBase"/>.</summary>
    public long? SequenceBase { get; init; }

    public bool IsEmpty => Entries.Count == 0 && Transitions.Count == 0 && Applied.Count == 0 && SequenceBase is null;
}

/// <summary>The durable state of the cluster: one owner at a time, atomic commits.</summary>
public interface IStateTable
{
    /// <summary>Takes ownership: raises the epoch, so that the owner before can't write any more, and loads everything.</summary>
    ValueTask<TableContents> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Writes entries, transitions and applied sequences together. Durable against <c>kill -9</c> when it returns.</summary>
    /// <exception cref="FencedException">Another owner has taken over since.</exception>
    /// <exception cref="StateTableUnreachableException">It did not answer in time: whether the commit was applied is not known, and this owner must
    /// give up.</exception>
    /// <exception cref="StateTableEmptiedException">What this owner had committed is gone. Only <see cref="IRestorableStateTable"/> throws it.</exception>
    ValueTask CommitAsync(long epoch, Commit commit, CancellationToken cancellationToken);
}

/// <summary>A table in a server that may lose what it holds; the owner's memory then brings it back.</summary>
public interface IRestorableStateTable : IStateTable
{
    /// <summary>Writes everything anew, under the owner's epoch.</summary>
    /// <exception cref="FencedException">Another owner has taken over since.</exception>
    /// <exception cref="StateTableUnreachableException">It did not answer in time.</exception>
    ValueTask RestoreAsync(TableContents contents, CancellationToken cancellationToken);
}

/// <summary>Transitions that are committed and not yet published.</summary>
public interface IOutbox
{
    /// <summary>The next announced transitions after a position, in the order committed, at most <paramref name="maximum"/>; from the owner's memory, which
    /// holds all that is not published.</summary>
    /// <exception cref="StateTableUnreachableException">The table must be opened again.</exception>
    IReadOnlyList<ArchivedTransition> Next(long epoch, long after, int maximum);

    /// <summary>How many announced transitions of this owner and those before wait to be published.</summary>
    int Unpublished { get; }

    /// <summary>Notes that everything up to <paramref name="position"/> is published, and removes what the history need not keep.</summary>
    /// <exception cref="FencedException">Another owner has taken over since.</exception>
    /// <exception cref="StateTableUnreachableException">It did not answer in time.</exception>
    /// <exception cref="StateTableEmptiedException">What was committed is gone; the next commit brings it back, and the note with it.</exception>
    ValueTask PublishedAsync(long epoch, long position, CancellationToken cancellationToken);
}

/// <summary>The state table's server does not answer: who owns the table can't work and must let another one try.</summary>
public sealed class StateTableUnreachableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The state table no longer holds what its owner has committed: it was emptied, or its server came back with an older copy.</summary>
public sealed class StateTableEmptiedException(string message) : Exception(message);

/// <summary>The state table has a newer owner; this one must stop writing.</summary>
public sealed class FencedException(long epoch, long current)
    : Exception($"the state table was taken over: this router holds epoch {epoch}, the table is at {current}");
