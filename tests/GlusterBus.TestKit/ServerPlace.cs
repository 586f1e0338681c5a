using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace GlusterBus.TestKit;

/// <summary>Where a server listens: an address, and the network namespace that has it.</summary>
/// <param name="Address">An IPv4 address.</param>
/// <param name="Namespace">A namespace of <c>ip netns</c>, which takes root to enter; null for the test's own.</param>
public sealed partial record ServerPlace(string Address, string? Namespace = null)
{
    /// <summary>CLONE_NEWNET of sched.h.</summary>
    private const int Network = 0x40000000;

    public static ServerPlace Loopback { get; } = new("127.0.0.1");

    /// <summary>A command that runs there. It leads to the program by exec, so the process id is the program's own.</summary>
    public string[] Command(params string[] command) => Namespace is null ? command : ["ip", "netns", "exec", Namespace, .. command];

    /// <summary>A TCP socket that belongs there, wherever it is used.</summary>
    /// <exception cref="InvalidOperationException">The namespace can't be entered.</exception>
    public Socket NewSocket()
    {
        if (Namespace is null)
        {
            return new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        }

        // A namespace belongs to a thread, a socket to the namespace it was made in: a thread of its own enters, and ends.
        using SafeFileHandle file = File.OpenHandle($"/run/netns/{Namespace}", share: FileShare.ReadWrite);
        Socket? made = null;
        int error = 0;
        var thread = new Thread(() =>
        {
            if (Enter(file, Network) == 0)
            {
                made = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            }
            else
            {
                error = Marshal.GetLastPInvokeError();
            }
        });
        thread.Start();
        thread.Join();
        return made ?? throw new InvalidOperationException($"the network namespace {Namespace} can't be entered: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>A connection to a port there.</summary>
    /// <exception cref="SocketException">Nobody answers.</exception>
    public async Task<NetworkStream> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        Socket socket = NewSocket();
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(Address), port), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A line from loopback to a port there, for a client in the test.</summary>
    public TcpProxy Reach(int port) => TcpProxy.Start(new IPEndPoint(IPAddress.Parse(Address), port), NewSocket);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int Enter(SafeFileHandle file, int kind);
}
