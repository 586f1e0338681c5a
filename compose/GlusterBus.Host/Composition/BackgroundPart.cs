namespace GlusterBus.Host.Composition;

/// <summary>Something that runs from its making until it is disposed.</summary>
internal sealed class BackgroundPart : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <param name="run">Runs until its token is cancelled, then ends in its own time.</param>
    public BackgroundPart(Func<CancellationToken, Task> run)
    {
        Completion = Task.Run(() => run(_stop.Token));
    }

    public Task Completion { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }
}
