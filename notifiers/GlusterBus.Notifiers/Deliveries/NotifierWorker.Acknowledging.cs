namespace GlusterBus.Notifiers.Deliveries;

/// <content>What is done leaves the queue.</content>
public sealed partial class NotifierWorker
{
    private void Complete(long ticket)
    {
        long done = _window.Complete(ticket);
        long pending = done - Interlocked.Read(ref _acknowledged);
        if (pending > 0)
        {
            _progress.Set();
            _room.Set();
        }

        if (pending >= DeliveryPolicy.AcknowledgeBatch)
        {
            _manyDone.Set();
        }
    }

    private async Task AcknowledgeAsync(CancellationToken stop)
    {
        long last = _clock.GetTimestamp() - _clock.TimestampFrequency;
        while (true)
        {
            await _progress.WaitAsync(stop);
            while (DeliveryPolicy.AcknowledgeIn(_window.Done.Count - _acknowledged, _clock.GetElapsedTime(last)) is var wait && wait > TimeSpan.Zero)
            {
                await _manyDone.WaitAsync(wait, _clock, stop);
            }

            await AcknowledgeDoneAsync();
            last = _clock.GetTimestamp();
        }
    }

    private async Task AcknowledgeDoneAsync()
    {
        (long count, long position) = _window.Done;
        if (count > _acknowledged)
        {
            // Not cancelled: what was delivered shall not come again because of a plain stop.
            await _queue.AcknowledgeAsync(position, CancellationToken.None);
            Interlocked.Exchange(ref _acknowledged, count);
        }
    }
}
