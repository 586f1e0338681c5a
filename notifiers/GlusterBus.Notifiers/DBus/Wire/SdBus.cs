using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GlusterBus.Notifiers.DBus.Wire;

/// <summary>What is used of libsystemd's D-Bus library, sd-bus: only functions without variable arguments. A bus may be used by one thread alone.</summary>
internal static unsafe partial class SdBus
{
    public const string Library = "libsystemd.so.0";

    private const string LibC = "libc";

    [LibraryImport(Library, EntryPoint = "sd_bus_new")]
    public static partial int New(out nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_set_address", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetAddress(nint bus, string address);

    [LibraryImport(Library, EntryPoint = "sd_bus_set_bus_client")]
    public static partial int SetBusClient(nint bus, int isClient);

    [LibraryImport(Library, EntryPoint = "sd_bus_start")]
    public static partial int Start(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_open_system")]
    public static partial int OpenSystem(out nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_open_user")]
    public static partial int OpenUser(out nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_close")]
    public static partial void Close(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_unref")]
    public static partial nint Unref(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_slot_unref")]
    public static partial nint SlotUnref(nint slot);

    [LibraryImport(Library, EntryPoint = "sd_bus_request_name", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RequestName(nint bus, string name, ulong flags);

    [LibraryImport(Library, EntryPoint = "sd_bus_add_object_vtable", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddObjectTable(nint bus, out nint slot, string path, string name, TableEntry* table, nint userdata);

    [LibraryImport(Library, EntryPoint = "sd_bus_add_object_manager", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddObjectManager(nint bus, out nint slot, string path);

    [LibraryImport(Library, EntryPoint = "sd_bus_emit_object_added", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int EmitObjectAdded(nint bus, string path);

    [LibraryImport(Library, EntryPoint = "sd_bus_emit_object_removed", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int EmitObjectRemoved(nint bus, string path);

    [LibraryImport(Library, EntryPoint = "sd_bus_emit_properties_changed_strv", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int EmitPropertiesChanged(nint bus, string path, string name, nint* properties);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_new_signal", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int NewSignal(nint bus, out nint message, string path, string name, string member);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_new_method_call", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int NewMethodCall(nint bus, out nint message, string destination, string path, string name, string member);

    [LibraryImport(Library, EntryPoint = "sd_bus_call")]
    public static partial int Call(nint bus, nint message, ulong microseconds, BusError* error, out nint reply);

    [LibraryImport(Library, EntryPoint = "sd_bus_error_free")]
    public static partial void FreeError(BusError* error);

    [LibraryImport(Library, EntryPoint = "sd_bus_send")]
    public static partial int Send(nint bus, nint message, ulong* cookie);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_unref")]
    public static partial nint MessageUnref(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_append_basic")]
    public static partial int AppendBasic(nint message, byte type, void* value);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_open_container")]
    public static partial int OpenContainer(nint message, byte type, byte* contents);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_close_container")]
    public static partial int CloseContainer(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_process")]
    public static partial int Process(nint bus, nint* message);

    [LibraryImport(Library, EntryPoint = "sd_bus_get_fd")]
    public static partial int Descriptor(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_get_events")]
    public static partial int Events(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_get_timeout")]
    public static partial int Timeout(nint bus, out ulong microseconds);

    [LibraryImport(LibC, EntryPoint = "poll")]
    public static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport(LibC, EntryPoint = "eventfd")]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport(LibC, EntryPoint = "write")]
    public static partial nint Write(int descriptor, void* buffer, nuint count);

    [LibraryImport(LibC, EntryPoint = "read")]
    public static partial nint Read(int descriptor, void* buffer, nuint count);

    [LibraryImport(LibC, EntryPoint = "close")]
    public static partial int CloseDescriptor(int descriptor);

    /// <summary>The answer of a call, or its error as an exception that names the function.</summary>
    public static int Check(int result, [CallerArgumentExpression(nameof(result))] string call = "") =>
        result < 0 ? throw new BusException(call[..call.IndexOf('(', StringComparison.Ordinal)].Split('.')[^1], -result) : result;

    /// <summary><c>struct sd_bus_vtable</c>: 8 bits of type and 56 of flags, then at most six words.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TableEntry
    {
        public ulong TypeAndFlags;
        public nint A;
        public nint B;
        public nint C;
        public nint D;
        public nint E;
        public nint F;
    }

    /// <summary><c>sd_bus_error</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct BusError
    {
        public nint Name;
        public nint Message;
        public int NeedsFree;
    }

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}

/// <summary>The bus library refused or failed.</summary>
/// <param name="call">What was asked of it.</param>
/// <param name="number">The system's error number.</param>
internal sealed class BusException(string call, int number) : Exception($"{call}: {Marshal.GetPInvokeErrorMessage(number)}")
{
    public const int NoPermission = 1;
    public const int NoFile = 2;
    public const int AccessDenied = 13;
    public const int Exists = 17;
    public const int BrokenPipe = 32;
    public const int Reset = 104;
    public const int NotConnected = 107;
    public const int Refused = 111;
    public const int NoAddress = 123;

    /// <summary>The function of <see cref="SdBus"/> that was called.</summary>
    public string Call { get; } = call;

    /// <summary>The system's error number (errno).</summary>
    public int Number { get; } = number;

    /// <summary>True when the connection is gone, whatever was asked of it.</summary>
    public bool IsLoss => Number is BrokenPipe or Reset or NotConnected;
}
