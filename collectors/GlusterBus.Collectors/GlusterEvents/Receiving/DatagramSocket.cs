using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GlusterBus.Collectors.GlusterEvents.Receiving;

/// <summary>One UDP socket and the thread that does nothing but empty it into the queue.</summary>
/// <remarks>The thread owns the socket's reading side and all of its native memory. It blocks in the kernel, so an idle socket costs nothing;
/// under load it takes up to <see cref="Batch"/> datagrams with one system call.</remarks>
internal sealed unsafe class DatagramSocket : IDisposable
{
    private const int Batch = 64;
    private const int SlotSize = 65536;
    private const int NameSize = 32;
    private const int ControlSize = 32;

    private readonly Socket _socket;
    private readonly DatagramQueue _queue;
    private readonly ArrivalClock _clock;
    private readonly Action<Exception> _onFailure;
    private readonly Thread _thread;
    private volatile bool _stopping;
    private uint _drops;
    private long _received;
    private long _dropped;

    private DatagramSocket(Socket socket, DatagramQueue queue, ArrivalClock clock, Action<Exception> onFailure)
    {
        _socket = socket;
        _queue = queue;
        _clock = clock;
        _onFailure = onFailure;
        Endpoint = (IPEndPoint)socket.LocalEndPoint!;
        GrantedBufferBytes = socket.ReceiveBufferSize / 2;
        _thread = new Thread(Receive) { IsBackground = true, Name = $"gf_event {Endpoint}" };
    }

    /// <summary>Where it listens, with the port that the kernel chose when 0 was asked for.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>The buffer that the kernel gave; it books twice of it for its own overhead.</summary>
    public int GrantedBufferBytes { get; }

    public long Received => Interlocked.Read(ref _received);

    /// <summary>How many the kernel threw away because the buffer was full (SO_RXQ_OVFL). Known only when the next one comes through.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Binds a socket and starts its thread.</summary>
    /// <param name="endpoint">Where to listen.</param>
    /// <param name="bufferBytes">The kernel's buffer that is wanted.</param>
    /// <param name="queue">Where the datagrams go.</param>
    /// <param name="clock">Where their times come from.</param>
    /// <param name="onFailure">Told, on the thread, when the socket can't be read any more.</param>
    /// <exception cref="SocketException">The address can't be had.</exception>
    public static DatagramSocket Open(IPEndPoint endpoint, int bufferBytes, DatagramQueue queue, ArrivalClock clock, Action<Exception> onFailure)
    {
        Socket socket = Bind(endpoint);
        try
        {
            SetBuffer(socket, bufferBytes);
            Span<byte> on = [1, 0, 0, 0];
            socket.SetRawSocketOption(LibC.SocketLevel, LibC.ReceiveQueueOverflow, on);
            var opened = new DatagramSocket(socket, queue, clock, onFailure);
            opened._thread.Start();
            return opened;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Binds and nothing else; for the connection test too.</summary>
    /// <exception cref="SocketException">The address can't be had.</exception>
    public static Socket Bind(IPEndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (endpoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                // Else [::] would take IPv4's port too.
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.IPv6Only, true);
            }

            socket.Bind(endpoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _stopping = true;
        try
        {
            // Wakes the thread; the kernel complains that an unconnected socket is not connected, and does it all the same.
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
        }

        _thread.Join();
        _socket.Dispose();
    }

    // Past net.core.rmem_max with the right to do so, else up to it.
    private static void SetBuffer(Socket socket, int bytes)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        MemoryMarshal.Write(value, bytes);
        try
        {
            socket.SetRawSocketOption(LibC.SocketLevel, LibC.ReceiveBufferForce, value);
        }
        catch (SocketException)
        {
            socket.ReceiveBufferSize = bytes;
        }
    }

    private void Receive()
    {
        // Native, because the kernel keeps the addresses between calls; a page is real only once a datagram reached it.
        byte* slots = (byte*)NativeMemory.Alloc(Batch, SlotSize + NameSize + ControlSize);
        var messages = (LibC.Message*)NativeMemory.AllocZeroed(Batch, (nuint)sizeof(LibC.Message));
        var segments = (LibC.Segment*)NativeMemory.AllocZeroed(Batch, (nuint)sizeof(LibC.Segment));
        try
        {
            byte* names = slots + (Batch * SlotSize);
            byte* controls = names + (Batch * NameSize);
            for (int i = 0; i < Batch; i++)
            {
                segments[i] = new() { Start = slots + (i * SlotSize), Length = SlotSize };
                messages[i].Segments = &segments[i];
                messages[i].SegmentCount = 1;
                messages[i].Name = names + (i * NameSize);
                messages[i].Control = controls + (i * ControlSize);
            }

            Loop(messages, segments);
        }
        catch (Exception e)
        {
            _onFailure(e);
        }
        finally
        {
            NativeMemory.Free(segments);
            NativeMemory.Free(messages);
            NativeMemory.Free(slots);
        }
    }

    // Compiled at its best from the start: the first burst may be the one that matters.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Loop(LibC.Message* messages, LibC.Segment* segments)
    {
        int descriptor = (int)_socket.Handle;
        while (!_stopping)
        {
            for (int i = 0; i < Batch; i++)
            {
                messages[i].NameLength = NameSize;
                messages[i].ControlLength = ControlSize;
            }

            int count = LibC.ReceiveMany(descriptor, messages, Batch, LibC.WaitForOne, null);
            if (_stopping)
            {
                return;
            }

            if (count < 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error == LibC.Interrupted)
                {
                    continue;
                }

                throw new SocketException(error, $"the datagram socket {Endpoint} can't be read (errno {error})");
            }

            for (int i = 0; i < count; i++)
            {
                var bytes = new ReadOnlySpan<byte>(segments[i].Start, (int)messages[i].Length);
                NoteDrops(messages[i]);
                _queue.TryAdd(new(bytes.ToArray(), Sender((byte*)messages[i].Name), _clock.Next()));
            }

            Interlocked.Add(ref _received, count);
        }
    }

    // sockaddr_in: family, port, 4 bytes; sockaddr_in6: family, port, flow, 16 bytes.
    private static IPAddress Sender(byte* name) =>
        *(ushort*)name == 2 ? new IPAddress(new ReadOnlySpan<byte>(name + 4, 4)) : new IPAddress(new ReadOnlySpan<byte>(name + 8, 16));

    // cmsghdr: length (8), level (4), type (4), then the count of all drops so far (4).
    private void NoteDrops(in LibC.Message message)
    {
        if (message.ControlLength < 20)
        {
            return;
        }

        byte* control = (byte*)message.Control;
        if (*(int*)(control + 8) == LibC.SocketLevel && *(int*)(control + 12) == LibC.ReceiveQueueOverflow)
        {
            uint drops = *(uint*)(control + 16);
            Interlocked.Add(ref _dropped, unchecked(drops - _drops));
            _drops = drops;
        }
    }
}
