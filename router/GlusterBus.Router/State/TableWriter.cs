using System.Diagnostics;
using System.Diagnostics.Metrics;
using GlusterBus.Router.Decisions;
using GlusterBus.Runtime.Telemetry;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Router.State;

/// <summary>The owner's pen: opens the table, and commits until it succeeds or the table is another one's.</summary>
internal sealed partial class TableWriter(IStateTable table, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly Histogram<double> CommitSeconds = Telemetry.Meter.CreateHistogram<double>("glusterbus_commit_seconds", "s", "Time of one commit to the state table.");
    private static readonly Counter<long> Restores = Telemetry.Meter.CreateCounter<long>("glusterbus_state_table_restores_total", description: "How often a state table that had lost its content was written anew from memory.");

    private TableContents _opened = new(0, [], new Dictionary<string, AppliedSequence>());

    /// <summary>The table's name for as long as it lives; empty where tables are not lost.</summary>
    public string Generation => _opened.Generation;

    /// <summary>Takes ownership and fills the state with what the table holds.</summary>
    public async Task OpenAsync(ClusterState state, CancellationToken cancellationToken)
    {
        TableContents contents = await table.OpenAsync(cancellationToken);
        Restores.Add(0);
        state.Clocks.Table = contents.Clock;
        foreach (StateEntry entry in contents.Entries)
        {
            state.Put(entry);
        }

        foreach ((string stream, AppliedSequence applied) in contents.Applied)
        {
            state.Put(stream, applied);
        }

        state.SequenceBase = contents.SequenceBase;

        // What was read is in the state now; the entries themselves are not kept twice.
        _opened = contents with { Entries = [], Applied = new Dictionary<string, AppliedSequence>() };
        LogOpened(contents.Epoch, contents.Entries.Count);
    }

    /// <summary>Commits, trying again for as long as the disk is unwilling: nothing is lost meanwhile, the collectors wait. A table that has lost its
    /// content gets it back first.</summary>
    /// <param name="committed">The state as it is without the commit.</param>
    /// <exception cref="FencedException">Another owner has taken over since.</exception>
    /// <exception cref="StateTableUnreachableException">Whether the commit was applied is not known.</exception>
    public async Task CommitAsync(Commit commit, ClusterState committed, CancellationToken stopping)
    {
        bool isEmptied = false, wasRestored = false;
        for (TimeSpan pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                if (isEmptied)
                {
                    await RestoreAsync(committed);
                    (isEmptied, wasRestored) = (false, true);
                }

                long started = Stopwatch.GetTimestamp();
                await table.CommitAsync(_opened.Epoch, commit, CancellationToken.None);
                CommitSeconds.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
                return;
            }
            catch (StateTableEmptiedException e) when (table is IRestorableStateTable && !isEmptied && !wasRestored && !stopping.IsCancellationRequested)
            {
                isEmptied = true;
                LogEmptied(e.Message, committed.Entries.Count);
            }
            catch (Exception e) when (e is not (FencedException or StateTableUnreachableException) && !stopping.IsCancellationRequested)
            {
                isEmptied |= e is StateTableEmptiedException;
                LogCommitFailed(e, pause);
                await Task.Delay(pause, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RestoreAsync(ClusterState committed)
    {
        TableContents contents = _opened with
        {
            Entries = [.. committed.Entries.Values],
            Applied = committed.Applied.ToDictionary(StringComparer.Ordinal),
            SequenceBase = committed.SequenceBase,
        };
        await ((IRestorableStateTable)table).RestoreAsync(contents, CancellationToken.None);
        Restores.Add(1);
    }

    [LoggerMessage(LogLevel.Information, "Router started with epoch {Epoch} and {EntryCount} entries")]
    private partial void LogOpened(long epoch, int entryCount);

    [LoggerMessage(LogLevel.Error, "Commit failed, tried again in {Pause}")]
    private partial void LogCommitFailed(Exception e, TimeSpan pause);

    [LoggerMessage(LogLevel.Warning, "The state table has lost what it held, {EntryCount} entries are written back from memory: {Reason}")]
    private partial void LogEmptied(string reason, int entryCount);
}
