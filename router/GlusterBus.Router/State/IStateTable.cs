using GlusterBus.Router.Decisions;

namespace GlusterBus.Router.State;

/// <summary>What a state table held when it was opened.</summary>
/// <param name="Epoch">The fencing number of the new owner; every commit must carry it.</param>
public sealed record TableContents(long Epoch, IReadOnlyList<StateEntry> Entries, IReadOnlyDictionary<string, AppliedSequence> Applied);

/// <summary>What one commit writes, all or nothing.</summary>
/// <param name="Entries">New versions of entries.</param>
/// <param name="Transitions">In the order decided; announced ones are the outbox.</param>
/// <param name="Applied">How far each stream has been applied.</param>
public sealed record Commit(IReadOnlyList<StateEntry> Entries, IReadOnlyList<RecordedTransition> Transitions, IReadOnlyDictionary<string, AppliedSequence> Applied)
{
    public bool IsEmpty => Entries.Count == 0 && Transitions.Count == 0 && Applied.Count == 0;
}

/// <summary>The durable state of the cluster: one owner at a time, atomic commits.</summary>
public interface IStateTable
{
    /// <summary>Takes ownership: raises the epoch, so that the owner before can't write any more, and loads everything.</summary>
    ValueTask<TableContents> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Writes entries, transitions and applied sequences together. Durable against <c>kill -9</c> when it returns.</summary>
    /// <exception cref="FencedException">Another owner has taken over since.</exception>
    ValueTask CommitAsync(long epoch, Commit commit, CancellationToken cancellationToken);
}

/// <summary>The state table has a newer owner; this one must stop writing.</summary>
public sealed class FencedException(long epoch, long current)
    : Exception($"the state table was taken over: this router holds epoch {epoch}, the table is at {current}");
