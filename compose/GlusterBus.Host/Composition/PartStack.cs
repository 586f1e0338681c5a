namespace GlusterBus.Host.Composition;

/// <summary>The parts of an instance, disposed in the order opposite to their making.</summary>
internal sealed class PartStack : IAsyncDisposable
{
    private readonly Stack<object> _parts = new();

    public T Keep<T>(T part)
        where T : class
    {
        _parts.Push(part);
        return part;
    }

    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out object? part))
        {
            if (part is IAsyncDisposable slow)
            {
                await slow.DisposeAsync();
            }
            else
            {
                (part as IDisposable)?.Dispose();
            }
        }
    }
}
