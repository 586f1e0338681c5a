using System.Text;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.DBus.Model;
using GlusterBus.Notifiers.DBus.Wire;
using GlusterBus.Runtime.DBus;
using Tmds.DBus.Protocol;

namespace GlusterBus.Notifiers.DBus;

/// <summary>What one connection shows. One lock covers the tree, the objects and the order in which signals and answers leave.</summary>
/// <param name="bus">The connection; whoever opened it disposes it.</param>
/// <param name="tree">Null for a mere voice.</param>
/// <param name="cluster">Whose objects these are: transitions of other clusters are signalled only.</param>
internal sealed class BusView(BusConnection bus, ObjectTree? tree, string cluster)
{
    private readonly Lock _gate = new();
    private readonly ObjectDirectory _objects = new();
    private readonly BusSignals _signals = new(bus.Library);

    public BusConnection Bus => bus;

    /// <summary>The tree's stamp: to be noted before the state table is read.</summary>
    public long Stamp
    {
        get
        {
            lock (_gate)
            {
                return tree!.Stamp;
            }
        }
    }

    /// <summary>Shows the state, then takes the name: whoever sees the name finds everything. Returns how many objects there are.</summary>
    public async Task<int> OpenAsync(IReadOnlyList<EntityState> rows, CancellationToken cancellationToken)
    {
        Show(tree!.Merge(rows, 0), isAnnounced: false);
        int count = tree.Count;
        bus.Library.AddMethodHandler(new ObjectServer(_objects, _gate));
        await bus.AnswerAsync(bus.Library.RequestNameAsync(DBusNotifier.Name, RequestNameOptions.None), cancellationToken);
        return count;
    }

    /// <summary>Compares with the state table.</summary>
    /// <param name="rows">All of it.</param>
    /// <param name="stamp">The <see cref="Stamp"/> from before it was read.</param>
    public void Merge(IReadOnlyList<EntityState> rows, long stamp)
    {
        lock (_gate)
        {
            Show(tree!.Merge(rows, stamp), isAnnounced: true);
        }
    }

    /// <summary>Changes the objects, then signals the transition: whoever hears it finds the new state. Returns when the bus has taken it.</summary>
    public Task TellAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        Transition transition = delivery.Transition;
        string json = BusText.Clean(Encoding.UTF8.GetString(delivery.Json.Span));
        lock (_gate)
        {
            if (tree is not null && transition.Cluster == cluster)
            {
                Show(tree.Apply(transition), isAnnounced: true);
            }

            // The bus has no word for nothing: a state that is not there is an empty text.
            _signals.Say(
                BusPath.Root,
                DBusNotifier.EventsInterface,
                "StateChanged",
                BusText.Clean(transition.Entity.Value),
                BusText.Clean(transition.Previous ?? ""),
                BusText.Clean(transition.Current ?? ""),
                transition.Severity.Name(),
                json);
        }

        return bus.SettleAsync(cancellationToken);
    }

    private void Show(IReadOnlyList<BusChange> changes, bool isAnnounced)
    {
        foreach (BusChange change in changes)
        {
            if (change.Kind == BusChangeKind.Removed)
            {
                _objects.Remove(change.Object.Path);
            }
            else
            {
                _objects.Set(change.Object);
            }

            if (isAnnounced)
            {
                _signals.Announce(change);
            }
        }
    }
}
