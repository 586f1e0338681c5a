using GlusterBus.Router.State;

namespace GlusterBus.Router.Partitions;

/// <summary>A table that tells its relay of every commit that leaves something to publish.</summary>
internal sealed class WatchedTable(IClusterTable table) : IRestorableStateTable
{
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

    public ValueTask RestoreAsync(TableContents contents, CancellationToken cancellationToken) => table is IRestorableStateTable restorable
        ? restorable.RestoreAsync(contents, cancellationToken)
        : throw new StateTableEmptiedException("this table can't be restored");
}
