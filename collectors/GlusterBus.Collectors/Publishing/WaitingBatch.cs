using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.Publishing;

/// <summary>A batch in memory whose caller waits until it is safe.</summary>
/// <param name="batch">The batch.</param>
/// <param name="room">Where there is room for another one when it leaves.</param>
internal sealed class WaitingBatch(ObservationBatch batch, SemaphoreSlim room)
{
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ObservationBatch Batch { get; } = batch;

    /// <summary>The records of the spool below this index go first. Owned by the line.</summary>
    public long Place { get; set; }

    /// <summary>True for a look that is overtaken by the one asked for when the broker is back.</summary>
    public bool IsSuperseded => Batch.Snapshot is { IsFirst: false };

    /// <summary>True for what may wait on disk instead of in memory although the broker is there.</summary>
    public bool IsSpoolable => !Batch.CanBeReadAgain && Batch.Snapshot is null;

    /// <summary>Completes when the batch is safe.</summary>
    public Task Left => _left.Task;

    public void Leave(Exception? failure = null)
    {
        room.Release();
        if (failure is null)
        {
            _left.TrySetResult();
        }
        else if (_left.TrySetException(failure))
        {
            // Its caller may have stopped waiting.
            _ = _left.Task.Exception;
        }
    }
}
