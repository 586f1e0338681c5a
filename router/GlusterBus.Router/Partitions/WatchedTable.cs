using GlusterBus.Router.State;

namespace GlusterBus.Router.Partitions;

/// <summary>A table that tells its relay of every commit that leaves something to publish.</summary>
internal sealed class WatchedTable(IClusterTable table) : IRestorableStateTable
{
    private long _unpublished;

    /// <summary>How many announced transitions were committed under this owner and are not yet published.</summary>
    public long Unpublished => Math.Max(0, Interlocked.Read(ref _unpublished));

    /// <summary>Set when there may be something new in the outbox.</summary>
    public Runtime.Concurrency.Signal Appended { get; } = new();

    /// <summary>What the table held when it was opened; null before.</summary>
    public TableContents? Opened { get; private set; }

    public async ValueTask<TableContents> OpenAsync(CancellationToken cancellationToken) => Opened = await table.OpenAsync(cancellationToken);

    public async ValueTask CommitAsync(long epoch, Commit commit, CancellationToken cancellationToken)
    {
        await table.CommitAsync(epoch, commit, cancellationToken);
        int announced = commit.Transitions.Count(recorded => recorded.IsAnnounced);
        if (announced > 0)
        {
            Interlocked.Add(ref _unpublished, announced);
            Appended.Set();
        }
    }

    /// <summary>Notes that so many were published; what was left over from the owner before is among them and counts as nothing.</summary>
    public void Published(int count)
    {
        if (Interlocked.Add(ref _unpublished, -count) is < 0 and var below)
        {
            Interlocked.Add(ref _unpublished, -below);
        }
    }

    public ValueTask RestoreAsync(TableContents contents, CancellationToken cancellationToken) => table is IRestorableStateTable restorable
        ? restorable.RestoreAsync(contents, cancellationToken)
        : throw new StateTableEmptiedException("this table can't be restored");
}
