using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.DBus.Model;
using GlusterBus.Notifiers.DBus.Wire;

namespace GlusterBus.Notifiers.DBus;

/// <summary>What one connection shows. The tree belongs to the connection's thread, so that objects and signals keep one order.</summary>
/// <param name="bus">The connection; whoever opened it disposes it.</param>
/// <param name="tree">Null for a mere voice.</param>
/// <param name="cluster">Whose objects these are: transitions of other clusters are signalled only.</param>
/// <param name="notShown">Hears the path and the problem of an object that the bus does not take.</param>
internal sealed class BusView(BusConnection bus, ObjectTree? tree, string cluster, Action<string, string> notShown)
{
    public BusConnection Bus => bus;

    /// <summary>Shows the state, then takes the name: whoever sees the name finds everything. Returns how many objects there are.</summary>
    public async Task<int> OpenAsync(IReadOnlyList<EntityState> rows)
    {
        await bus.DoAsync(() =>
        {
            bus.Objects.AddRoot(ObjectPath.Root, DBusNotifier.EventsInterface, "StateChanged", "entity", "previous", "current", "severity", "event");
            Show(tree!.Merge(rows, 0), isAnnounced: false);
            SdBus.Check(SdBus.RequestName(bus.Handle, DBusNotifier.Name, 0));
        });
        return tree!.Count;
    }

    public async Task<long> StampAsync()
    {
        long stamp = 0;
        await bus.DoAsync(() => stamp = tree!.Stamp);
        return stamp;
    }

    public Task MergeAsync(IReadOnlyList<EntityState> rows, long stamp) => bus.DoAsync(() => Show(tree!.Merge(rows, stamp), isAnnounced: true));

    /// <summary>Changes the objects, then signals the transition: whoever hears it finds the new state.</summary>
    public Task TellAsync(Delivery delivery) => bus.DoAsync(() =>
    {
        Transition transition = delivery.Transition;
        if (tree is not null && transition.Cluster == cluster)
        {
            Show(tree.Apply(transition), isAnnounced: true);
        }

        // The bus has no word for nothing: a state that is not there is an empty text.
        bus.Emit(ObjectPath.Root, DBusNotifier.EventsInterface, "StateChanged", message =>
        {
            MessageWriter.Text(message, BusText.Clean(transition.Entity.Value));
            MessageWriter.Text(message, BusText.Clean(transition.Previous ?? ""));
            MessageWriter.Text(message, BusText.Clean(transition.Current ?? ""));
            MessageWriter.Text(message, transition.Severity.Name());
            MessageWriter.Utf8(message, delivery.Json.Span);
        });
    });

    private void Show(IReadOnlyList<BusChange> changes, bool isAnnounced)
    {
        foreach (BusChange change in changes)
        {
            try
            {
                bus.Objects.Do(change, isAnnounced);
            }
            catch (BusException e) when (!e.IsLoss)
            {
                // One that the bus does not take must not take the others with it.
                notShown(change.Object.Path, e.Message);
            }
        }
    }
}
