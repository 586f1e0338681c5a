using System.Collections.Concurrent;

namespace GlusterBus.Notifiers.DBus.Wire;

/// <summary>A connection to a bus on a thread of its own: the library may be used by one thread only, and everything else is handed to it.</summary>
internal sealed class BusConnection : IAsyncDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const short Readable = 1;

    /// <summary>How long a stop waits for the thread. It may be inside a call to a bus that does not answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<Action> _work = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _wake;
    private readonly Lock _gate = new();
    private volatile bool _stop;
    private bool _isOver;
    private nint _bus;
    private ExportedObjects? _objects;

    private BusConnection(string address, TaskCompletionSource ready)
    {
        _wake = SdBus.EventDescriptor(0, CloseOnExec | NonBlocking);
        new Thread(() => Run(address, ready)) { IsBackground = true, Name = "dbus" }.Start();
    }

    /// <summary>Ends when the connection does: with an exception unless it was disposed.</summary>
    public Task Completion => _done.Task;

    /// <summary>The connection's own handle, for its thread: inside of <see cref="DoAsync"/>.</summary>
    public nint Handle => _bus;

    /// <summary>The objects, for the connection's thread.</summary>
    public ExportedObjects Objects => _objects!;

    /// <param name="address"><c>system</c>, <c>session</c> or an address.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BusException">The bus is away or refuses.</exception>
    /// <exception cref="DllNotFoundException">libsystemd is not installed.</exception>
    public static async Task<BusConnection> OpenAsync(string address, CancellationToken cancellationToken)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var connection = new BusConnection(address, ready);
        try
        {
            await ready.Task.WaitAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs something on the connection's thread.</summary>
    /// <exception cref="BusException">The connection has ended, or the work failed.</exception>
    public Task DoAsync(Action work)
    {
        var result = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_isOver)
            {
                return Task.FromException(new BusException("connection", BusException.NotConnected));
            }

            _work.Enqueue(() =>
            {
                try
                {
                    ObjectDisposedException.ThrowIf(_bus == 0, this);
                    work();
                    result.SetResult();
                }
                catch (ObjectDisposedException)
                {
                    result.SetException(new BusException("connection", BusException.NotConnected));
                }
                catch (Exception e)
                {
                    result.SetException(e);
                }
            });
            Wake();
        }

        return result.Task;
    }

    /// <summary>Sends a signal whose arguments are texts. On the connection's thread.</summary>
    public unsafe void Emit(string path, string name, string member, Action<nint> write)
    {
        SdBus.Check(SdBus.NewSignal(_bus, out nint message, path, name, member));
        try
        {
            write(message);
            SdBus.Check(SdBus.Send(_bus, message, null));
        }
        finally
        {
            SdBus.MessageUnref(message);
        }
    }

    /// <summary>Calls a method with one text or none, and waits for the answer, which is not looked at. On the connection's thread.</summary>
    public unsafe void Call(string destination, string path, string name, string member, string? argument)
    {
        SdBus.Check(SdBus.NewMethodCall(_bus, out nint message, destination, path, name, member));
        var error = default(SdBus.BusError);
        nint reply = 0;
        try
        {
            if (argument is not null)
            {
                MessageWriter.Text(message, argument);
            }

            SdBus.Check(SdBus.Call(_bus, message, 0, &error, out reply));
        }
        finally
        {
            SdBus.FreeError(&error);
            SdBus.MessageUnref(message);
            SdBus.MessageUnref(reply);
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _stop = true;
            if (!_isOver)
            {
                Wake();
            }
        }

        await Task.WhenAny(_done.Task, Task.Delay(Patience, TimeProvider.System));
    }

    private static nint Open(string address)
    {
        nint bus;
        if (address is "system" or "session")
        {
            SdBus.Check(address == "system" ? SdBus.OpenSystem(out bus) : SdBus.OpenUser(out bus));
            return bus;
        }

        SdBus.Check(SdBus.New(out bus));
        try
        {
            SdBus.Check(SdBus.SetAddress(bus, address));
            SdBus.Check(SdBus.SetBusClient(bus, 1));
            SdBus.Check(SdBus.Start(bus));
            return bus;
        }
        catch
        {
            SdBus.Unref(bus);
            throw;
        }
    }

    private void Run(string address, TaskCompletionSource ready)
    {
        Exception? failure = null;
        try
        {
            _bus = Open(address);
            _objects = new ExportedObjects(_bus);

            // The greeting tells whether the bus lets us in at all.
            Call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.Peer", "Ping", null);
            ready.SetResult();
            Attend();
        }
        catch (Exception e)
        {
            failure = e;
        }

        End();
        if (failure is not null)
        {
            ready.TrySetException(failure);
            _done.SetException(failure);
            _ = _done.Task.Exception;
        }
        else
        {
            _done.SetResult();
        }
    }

    private unsafe void Attend()
    {
        SdBus.PollEntry* entries = stackalloc SdBus.PollEntry[2];
        while (!_stop)
        {
            while (_work.TryDequeue(out Action? work))
            {
                work();
            }

            if (SdBus.Check(SdBus.Process(_bus, null)) > 0)
            {
                continue;
            }

            SdBus.Check(SdBus.Timeout(_bus, out ulong until));
            entries[0] = new SdBus.PollEntry { Descriptor = SdBus.Check(SdBus.Descriptor(_bus)), Events = (short)SdBus.Check(SdBus.Events(_bus)) };
            entries[1] = new SdBus.PollEntry { Descriptor = _wake, Events = Readable };
            int wait = until == ulong.MaxValue ? -1 : (int)Math.Clamp((long)(until / 1000) - Environment.TickCount64, 0, 60_000);
            _ = SdBus.Poll(entries, 2, wait);
            if ((entries[1].Returned & Readable) != 0)
            {
                ulong count;
                _ = SdBus.Read(_wake, &count, sizeof(ulong));
            }
        }
    }

    private void End()
    {
        lock (_gate)
        {
            _isOver = true;
        }

        _objects?.Dispose();
        nint bus = _bus;
        _bus = 0;
        if (bus != 0)
        {
            // What is still unsent is not waited for: a bus that reads nothing must not hold up a stop.
            SdBus.Close(bus);
            SdBus.Unref(bus);
        }

        _ = SdBus.CloseDescriptor(_wake);
        while (_work.TryDequeue(out Action? late))
        {
            late();
        }
    }

    private unsafe void Wake()
    {
        ulong one = 1;
        _ = SdBus.Write(_wake, &one, sizeof(ulong));
    }
}
