using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using GlusterBus.Notifiers.DBus.Model;

namespace GlusterBus.Notifiers.DBus.Wire;

/// <summary>The description of an interface as the library reads it. There are as many as there are sets of properties; they live as long as the process.</summary>
/// <remarks>A table says in advance which properties an object has, and an object has only those that some source provides: so objects of one interface may
/// have different tables. A property's place in the table comes back with every question for it, in the low bits of the object's number.</remarks>
internal sealed unsafe class PropertyTable
{
    /// <summary>The bits of an object's number that hold the place of a property.</summary>
    public const int PlaceBits = 8;

    private const ulong EmitsChange = 1UL << (5 + 8);

    private static readonly Dictionary<string, PropertyTable> Known = new(StringComparer.Ordinal);
    private static readonly Lock Gate = new();

    private PropertyTable(SdBus.TableEntry[] entries)
    {
        Entries = (SdBus.TableEntry*)NativeMemory.AlignedAlloc((nuint)(entries.Length * sizeof(SdBus.TableEntry)), 8);
        entries.CopyTo(new Span<SdBus.TableEntry>(Entries, entries.Length));
    }

    public SdBus.TableEntry* Entries { get; }

    /// <summary>The table for an object's set of properties.</summary>
    public static PropertyTable For(IReadOnlyList<BusProperty> properties) => Get(
        string.Join(' ', properties.Select(p => p.Name + ":" + p.Signature)),
        () => properties.Select((p, place) => new SdBus.TableEntry
        {
            TypeAndFlags = 'P' | EmitsChange,
            A = Text(p.Name),
            B = Text(p.Signature),
            C = (nint)(delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, nint, nint, nint, int>)&Answer,
            E = place,
        }));

    /// <summary>A table with one signal, whose arguments are texts.</summary>
    public static PropertyTable ForSignal(string name, params string[] arguments) => Get(
        "signal " + name,
        () => [new SdBus.TableEntry { TypeAndFlags = 'S', A = Text(name), B = Text(new string('s', arguments.Length)), C = Text(string.Join('\0', arguments) + '\0') }]);

    private static PropertyTable Get(string key, Func<IEnumerable<SdBus.TableEntry>> make)
    {
        lock (Gate)
        {
            if (!Known.TryGetValue(key, out PropertyTable? table))
            {
                // The library recognises the names of arguments by the address of this symbol.
                nint format = NativeLibrary.GetExport(NativeLibrary.Load(SdBus.Library), "sd_bus_object_vtable_format");
                var start = new SdBus.TableEntry { TypeAndFlags = '<', A = sizeof(SdBus.TableEntry), B = 1, C = format };
                Known[key] = table = new PropertyTable([start, .. make(), new SdBus.TableEntry { TypeAndFlags = '>' }]);
            }

            return table;
        }
    }

    private static nint Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text + '\0');
        nint memory = (nint)NativeMemory.Alloc((nuint)bytes.Length);
        Marshal.Copy(bytes, 0, memory, bytes.Length);
        return memory;
    }

    /// <summary>The library asks for the value of a property. No exception may leave this method: there is no managed caller.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Answer(nint bus, byte* path, byte* name, byte* property, nint reply, nint number, nint error)
    {
        try
        {
            BusProperty? asked = ExportedObjects.Find(number);
            if (asked is null)
            {
                return -BusException.NoFile;
            }

            MessageWriter.Append(reply, asked);
            return 1;
        }
        catch (BusException e)
        {
            return -e.Number;
        }
        catch (Exception)
        {
            return -5;
        }
    }
}
