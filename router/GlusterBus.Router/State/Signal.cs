namespace GlusterBus.Router.State;

/// <summary>Wakes everybody who waits for the head of the archive to move.</summary>
internal sealed class Signal
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _head;

    public long Head => Interlocked.Read(ref _head);

    public void MoveTo(long head)
    {
        Interlocked.Exchange(ref _head, head);
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>Completes when the head is above <paramref name="position"/>.</summary>
    public async ValueTask WaitAsync(long position, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task moved = Volatile.Read(ref _next).Task;
            if (Head > position)
            {
                return;
            }

            await moved.WaitAsync(cancellationToken);
        }
    }
}
