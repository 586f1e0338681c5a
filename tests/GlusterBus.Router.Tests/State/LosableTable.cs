using GlusterBus.Contracts.Messages;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Memory;

namespace GlusterBus.Router.Tests.State;

/// <summary>A table in a server that can be emptied or cut off while a router owns it.</summary>
internal sealed class LosableTable(string generation) : IRestorableStateTable
{
    private readonly MemoryStore _store = new();
    private bool _isEmpty;

    public bool IsUnreachable { get; set; }

    public int Commits { get; private set; }

    public List<TableContents> Restored { get; } = [];

    public List<long> SequenceBases { get; } = [];

    /// <summary>The announced transitions of all commits that succeeded.</summary>
    public List<Transition> Outbox { get; } = [];

    /// <summary>The server loses what it holds; the next commit finds out.</summary>
    public void Empty() => _isEmpty = true;

    public async ValueTask<TableContents> OpenAsync(CancellationToken cancellationToken) =>
        await _store.OpenAsync(cancellationToken) with { Generation = generation, SequenceBase = SequenceBases.LastOrDefault() };

    public async ValueTask CommitAsync(long epoch, Commit commit, CancellationToken cancellationToken)
    {
        if (IsUnreachable)
        {
            throw new StateTableUnreachableException("no answer");
        }

        if (_isEmpty)
        {
            throw new StateTableEmptiedException("the epoch is gone");
        }

        await _store.CommitAsync(epoch, commit, cancellationToken);
        Commits++;
        Outbox.AddRange(commit.Transitions.Where(t => t.IsAnnounced).Select(t => t.Transition));
        if (commit.SequenceBase is { } sequenceBase)
        {
            SequenceBases.Add(sequenceBase);
        }
    }

    public ValueTask RestoreAsync(TableContents contents, CancellationToken cancellationToken)
    {
        _isEmpty = false;
        Restored.Add(contents);
        return ValueTask.CompletedTask;
    }
}
