using System.Collections.Concurrent;
using GlusterBus.Notifiers.DBus.Model;

namespace GlusterBus.Notifiers.DBus.Wire;

/// <summary>The objects of one connection in the library's hands. Used by the connection's thread alone.</summary>
/// <param name="bus">The connection.</param>
internal sealed unsafe class ExportedObjects(nint bus) : IDisposable
{
    /// <summary>All objects of the process by number: the library knows an object by a number only, and asks on its own thread.</summary>
    private static readonly ConcurrentDictionary<long, BusObject> Numbered = new();
    private static long _lastNumber;

    private readonly Dictionary<string, (nint Slot, long Number, PropertyTable Table)> _exported = new(StringComparer.Ordinal);
    private readonly List<nint> _fixtures = [];

    /// <summary>The property that a number means, which is an object's with a place in its low bits; null when the object is gone.</summary>
    public static BusProperty? Find(long numberAndPlace) =>
        Numbered.TryGetValue(numberAndPlace >> PropertyTable.PlaceBits, out BusObject? found)
            ? found.Properties[(int)(numberAndPlace & ((1 << PropertyTable.PlaceBits) - 1))]
            : null;

    /// <summary>Makes a path answer for all objects below it, and declares the signal that comes from it.</summary>
    public void AddRoot(string path, string name, string signal, params string[] arguments)
    {
        SdBus.Check(SdBus.AddObjectManager(bus, out nint manager, path));
        _fixtures.Add(manager);
        SdBus.Check(SdBus.AddObjectTable(bus, out nint root, path, name, PropertyTable.ForSignal(signal, arguments).Entries, 0));
        _fixtures.Add(root);
    }

    /// <summary>Does on the bus what has changed.</summary>
    /// <param name="change">The step.</param>
    /// <param name="isAnnounced">False before anybody can listen: then no signals are made.</param>
    public void Do(BusChange change, bool isAnnounced)
    {
        BusObject target = change.Object;
        if (change.Kind is BusChangeKind.Removed or BusChangeKind.Replaced)
        {
            Remove(target.Path, isAnnounced);
        }

        if (change.Kind == BusChangeKind.Changed)
        {
            Update(target);
            Announce(target, isAnnounced ? change.Names : []);
        }
        else if (change.Kind != BusChangeKind.Removed)
        {
            Export(target);
            if (isAnnounced)
            {
                SdBus.Check(SdBus.EmitObjectAdded(bus, target.Path));
            }
        }
    }

    public void Dispose()
    {
        foreach ((nint slot, long number, _) in _exported.Values)
        {
            SdBus.SlotUnref(slot);
            Numbered.TryRemove(number, out _);
        }

        _fixtures.ForEach(slot => SdBus.SlotUnref(slot));
        _exported.Clear();
        _fixtures.Clear();
    }

    private void Export(BusObject target)
    {
        long number = Interlocked.Increment(ref _lastNumber);
        PropertyTable table = PropertyTable.For(target.Properties);
        Numbered[number] = target;
        int result = SdBus.AddObjectTable(bus, out nint slot, target.Path, target.Interface, table.Entries, (nint)(number << PropertyTable.PlaceBits));
        if (result < 0)
        {
            Numbered.TryRemove(number, out _);
            SdBus.Check(result);
        }

        _exported[target.Path] = (slot, number, table);
    }

    private void Update(BusObject target)
    {
        (nint slot, long number, PropertyTable table) = _exported[target.Path];
        if (ReferenceEquals(table, PropertyTable.For(target.Properties)))
        {
            Numbered[number] = target;
            return;
        }

        // It has more properties than before: another table, and for the listeners the same object.
        SdBus.SlotUnref(slot);
        Numbered.TryRemove(number, out _);
        _exported.Remove(target.Path);
        Export(target);
    }

    private void Remove(string path, bool isAnnounced)
    {
        if (!_exported.TryGetValue(path, out (nint Slot, long Number, PropertyTable Table) known))
        {
            return;
        }

        if (isAnnounced)
        {
            // Before it goes: the library looks up what was there.
            SdBus.Check(SdBus.EmitObjectRemoved(bus, path));
        }

        SdBus.SlotUnref(known.Slot);
        Numbered.TryRemove(known.Number, out _);
        _exported.Remove(path);
    }

    private void Announce(BusObject target, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
        {
            return;
        }

        nint* list = stackalloc nint[names.Count + 1];
        list[names.Count] = 0;
        try
        {
            for (int i = 0; i < names.Count; i++)
            {
                list[i] = System.Runtime.InteropServices.Marshal.StringToCoTaskMemUTF8(names[i]);
            }

            SdBus.Check(SdBus.EmitPropertiesChanged(bus, target.Path, target.Interface, list));
        }
        finally
        {
            for (int i = 0; i < names.Count; i++)
            {
                System.Runtime.InteropServices.Marshal.FreeCoTaskMem(list[i]);
            }
        }
    }
}
