using GlusterBus.Contracts.Plugins;

namespace GlusterBus.Notifiers.Tests.Deliveries;

/// <summary>A notifier that does what the test says and notes what was delivered, in the order in which deliveries ended.</summary>
public sealed class ScriptedNotifier(Func<Delivery, CancellationToken, Task>? attempt = null, int concurrency = 1) : INotifier
{
    private readonly List<Delivery> _delivered = [];
    private int _running;
    private int _mostRunning;

    public int Concurrency => concurrency;

    public int MostRunning => _mostRunning;

    public IReadOnlyList<Delivery> Delivered
    {
        get
        {
            lock (_delivered)
            {
                return [.. _delivered];
            }
        }
    }

    public IEnumerable<string> Ids => Delivered.Select(d => d.Transition.Id);

    public async Task NotifyAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        int running = Interlocked.Increment(ref _running);
        lock (_delivered)
        {
            _mostRunning = Math.Max(_mostRunning, running);
        }

        try
        {
            await (attempt?.Invoke(delivery, cancellationToken) ?? Task.CompletedTask);
            lock (_delivered)
            {
                _delivered.Add(delivery);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
