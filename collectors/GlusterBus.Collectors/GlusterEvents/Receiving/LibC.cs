using System.Runtime.InteropServices;

namespace GlusterBus.Collectors.GlusterEvents.Receiving;

/// <summary>The one system call that .NET lacks here: many datagrams at once. The layouts are those of 64-bit Linux.</summary>
internal static unsafe partial class LibC
{
    /// <summary>Wait for the first datagram only, then take what is there.</summary>
    public const int WaitForOne = 0x10000;

    public const int SocketLevel = 1;
    public const int ReceiveBufferForce = 33;
    public const int ReceiveQueueOverflow = 40;
    public const int Interrupted = 4;

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(int socket, Message* messages, uint count, int flags, void* timeout);

    [StructLayout(LayoutKind.Sequential)]
    public struct Message
    {
        public void* Name;
        public uint NameLength;
        public Segment* Segments;
        public nuint SegmentCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
        private readonly int _padding;
        public uint Length;
        private readonly int _paddingAtEnd;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Segment
    {
        public void* Start;
        public nuint Length;
    }
}
