using GlusterBus.Router.State;

namespace GlusterBus.Router.Partitions;

/// <summary>A table that tells its relay of every commit that leaves something to publish.</summary>
internal sealed class WatchedTable(IClusterTable table) : IRestorableStateTable
{
    /// <summary>So many unpublished transitions may be in memory before more is decided: some 50 MB.</summary>
    private const int Most = 50_000;

    private readonly Runtime.Concurrency.Signal _published = new();

    /// <summary>How many announced transitions are committed and not yet published.</summary>
    public int Unpublished => table.Unpublished;

    /// <summary>Set when there may be something new in the outbox.</summary>
    public Runtime.Concurrency.Signal Appended { get; } = new();

    /// <summary>What the table held when it was opened; null before.</summary>
    public TableContents? Opened { get; private set; }

    public async ValueTask<TableContents> OpenAsync(CancellationToken cancellationToken) => Opened = await table.OpenAsync(cancellationToken);

    public async ValueTask CommitAsync(long epoch, Commit commit, CancellationToken cancellationToken)
    {
        await table.CommitAsync(epoch, commit, cancellationToken);
        if (commit.Transitions.Any(recorded => recorded.IsAnnounced))
        {
            Appended.Set();
        }
    }

    /// <summary>Tells who waits for room that there is more of it.</summary>
    public void Published() => _published.Set();

    /// <summary>Returns when the relay is not too far behind: a broker that takes no transitions must not fill the router's memory.</summary>
    public async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (Unpublished > Most)
        {
            await _published.WaitAsync(cancellationToken);
        }
    }

    public ValueTask RestoreAsync(TableContents contents, CancellationToken cancellationToken) => table is IRestorableStateTable restorable
        ? restorable.RestoreAsync(contents, cancellationToken)
        : throw new StateTableEmptiedException("this table can't be restored");
}
