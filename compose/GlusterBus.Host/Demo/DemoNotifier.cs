using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Host.Demo.View;

namespace GlusterBus.Host.Demo;

/// <summary>The receiver at the end of the delivery path: shows what arrives and remembers it for the verdict.</summary>
internal sealed class DemoNotifier(IDemoView view) : INotifier
{
    private readonly Lock _gate = new();
    private readonly List<Transition> _arrived = [];

    public IReadOnlyList<Transition> Arrived
    {
        get
        {
            lock (_gate)
            {
                return [.. _arrived];
            }
        }
    }

    public Task NotifyAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _arrived.Add(delivery.Transition);
        }

        view.Announced(delivery.Transition, delivery.Json);
        return Task.CompletedTask;
    }
}
