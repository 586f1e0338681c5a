using System.Net;
using System.Net.Sockets;

namespace GlusterBus.TestKit;

/// <summary>Stands between a client on loopback and a server, and breaks the line as the test says: resets it, refuses connections, or swallows what is sent.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly IPEndPoint _target;
    private readonly Func<Socket> _open;
    private readonly HashSet<Line> _lines = [];
    private readonly CancellationTokenSource _stopping = new();
    private Socket _listener;
    private Task _accepting = Task.CompletedTask;
    private int _accepted;

    private TcpProxy(IPEndPoint target, Func<Socket> open, IPAddress address)
    {
        (_target, _open) = (target, open);
        Address = address;
        _listener = Bound(0);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
    }

    /// <summary>Where it listens.</summary>
    public IPAddress Address { get; }

    /// <summary>Where clients connect to. Stays the same for the proxy's life.</summary>
    public int Port { get; }

    /// <summary>How many connections were accepted since the start.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>How many connections are open.</summary>
    public int Open
    {
        get
        {
            lock (_gate)
            {
                return _lines.Count;
            }
        }
    }

    /// <summary>What of the server is let through to clients; closed, answers (confirms, say) are kept back while requests arrive.</summary>
    public Gate ToClient { get; } = new();

    /// <summary>What of clients is let through to the server.</summary>
    public Gate ToServer { get; } = new();

    /// <summary>Listens, and leads each connection to a port on loopback.</summary>
    /// <param name="target">The server's port.</param>
    /// <param name="address">Where to listen; loopback when left out.</param>
    public static TcpProxy Start(int target, IPAddress? address = null) => Start(new IPEndPoint(IPAddress.Loopback, target), NewSocket, address);

    /// <summary>Listens, and leads each connection to a server anywhere.</summary>
    /// <param name="target">The server.</param>
    /// <param name="open">Makes the socket that connects to it, in a network namespace of the caller's choice, say.</param>
    /// <param name="address">Where to listen; loopback when left out.</param>
    public static TcpProxy Start(IPEndPoint target, Func<Socket> open, IPAddress? address = null)
    {
        var proxy = new TcpProxy(target, open, address ?? IPAddress.Loopback);
        proxy.Accept();
        return proxy;
    }

    /// <summary>Breaks every open connection with a reset, at both ends. New ones are accepted as before.</summary>
    public void Reset()
    {
        Line[] lines;
        lock (_gate)
        {
            lines = [.. _lines];
        }

        foreach (Line line in lines)
        {
            line.Reset();
        }
    }

    /// <summary>Refuses new connections from now on, as a port without a server does, and resets those that are open.</summary>
    public void Refuse()
    {
        lock (_gate)
        {
            // Bound and not listening: refused, and nobody else can take the port meanwhile.
            _listener.Dispose();
            _listener = Bound(Port);
        }

        Reset();
    }

    /// <summary>Accepts connections again after <see cref="Refuse"/>.</summary>
    public void Accept()
    {
        lock (_gate)
        {
            Socket listener = _listener;
            listener.Listen();
            _accepting = Task.WhenAll(_accepting, AcceptAsync(listener));
        }
    }

    /// <summary>Lets nothing through in either direction and tells nobody, as a broken switch does. New connections are accepted and hear nothing.</summary>
    public void Swallow()
    {
        ToClient.Close();
        ToServer.Close();
    }

    /// <summary>Ends <see cref="Swallow"/>: what was kept back arrives, as after a cable was plugged in again.</summary>
    public void LetThrough()
    {
        ToServer.Open();
        ToClient.Open();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        Reset();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private Socket Bound(int port)
    {
        Socket socket = NewSocket();
        socket.Bind(new IPEndPoint(Address, port));
        return socket;
    }

    private async Task AcceptAsync(Socket listener)
    {
        var carried = new List<Task>();
        try
        {
            while (true)
            {
                Socket client = await listener.AcceptAsync(_stopping.Token);
                Interlocked.Increment(ref _accepted);
                carried.RemoveAll(task => task.IsCompleted);
                carried.Add(CarryAsync(client));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Refusing, or the end.
        }

        await Task.WhenAll(carried);
    }

    private async Task CarryAsync(Socket client)
    {
        using var line = new Line(client, _open());
        lock (_gate)
        {
            _lines.Add(line);
        }

        try
        {
            await line.CarryAsync(_target, ToServer, ToClient, _stopping.Token);
        }
        finally
        {
            lock (_gate)
            {
                _lines.Remove(line);
            }
        }
    }

    /// <summary>One direction of all lines.</summary>
    public sealed class Gate
    {
        private volatile TaskCompletionSource _open = Opened();

        /// <summary>Keeps back what comes from now on.</summary>
        public void Close()
        {
            if (_open.Task.IsCompleted)
            {
                _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        /// <summary>Lets through what was kept back, and what comes.</summary>
        public void Open() => _open.TrySetResult();

        internal Task WaitAsync(CancellationToken cancellationToken) => _open.Task.WaitAsync(cancellationToken);

        private static TaskCompletionSource Opened()
        {
            var open = new TaskCompletionSource();
            open.SetResult();
            return open;
        }
    }

    /// <summary>One client's connection and the one that continues it.</summary>
    private sealed class Line(Socket client, Socket server) : IDisposable
    {
        private readonly CancellationTokenSource _broken = new();

        public async Task CarryAsync(IPEndPoint target, Gate toServer, Gate toClient, CancellationToken cancellationToken)
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(_broken.Token, cancellationToken);
            try
            {
                await toServer.WaitAsync(ending.Token);
                await server.ConnectAsync(target, ending.Token);
                client.NoDelay = server.NoDelay = true;
                await Task.WhenAll(PumpAsync(client, server, toServer, ending), PumpAsync(server, client, toClient, ending));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // What broke at one end breaks at the other.
                Break(client);
                Break(server);
            }
        }

        public void Reset()
        {
            Break(client);
            Break(server);
            _broken.Cancel();
        }

        public void Dispose()
        {
            client.Dispose();
            server.Dispose();
        }

        private static async Task PumpAsync(Socket from, Socket to, Gate gate, CancellationTokenSource ending)
        {
            try
            {
                byte[] buffer = new byte[64 * 1024];
                while (await from.ReceiveAsync(buffer, ending.Token) is var count and > 0)
                {
                    await gate.WaitAsync(ending.Token);
                    for (int sent = 0; sent < count;)
                    {
                        sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), ending.Token);
                    }
                }

                await gate.WaitAsync(ending.Token);
                to.Shutdown(SocketShutdown.Send);
            }
            catch
            {
                await ending.CancelAsync();
                throw;
            }
        }

        private static void Break(Socket socket)
        {
            try
            {
                socket.LingerState = new LingerOption(true, 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It was broken already.
            }

            socket.Dispose();
        }
    }
}
