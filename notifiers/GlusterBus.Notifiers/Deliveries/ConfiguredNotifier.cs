using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;

namespace GlusterBus.Notifiers.Deliveries;

/// <summary>A notifier that the configuration asks for.</summary>
/// <param name="Name">Its name in the configuration: the name of its queue, and its label in logs and metrics.</param>
/// <param name="Notifier">The plugin's instance. Whoever made it disposes it.</param>
/// <param name="Filter">Which transitions it gets; the others count as done.</param>
public sealed record ConfiguredNotifier(string Name, INotifier Notifier, TransitionFilter Filter);
