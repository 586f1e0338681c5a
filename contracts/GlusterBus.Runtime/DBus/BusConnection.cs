using Tmds.DBus.Protocol;

namespace GlusterBus.Runtime.DBus;

/// <summary>A connection to a message bus that has been greeted. Nothing here waits for ever: the library itself has no time limits.</summary>
public sealed class BusConnection : IDisposable
{
    private const string Daemon = "org.freedesktop.DBus";

    /// <summary>How long the bus may take for an answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _clock;

    private BusConnection(DBusConnection library, TimeProvider clock) => (Library, Ended, _clock) = (library, library.DisconnectedAsync(), clock);

    /// <summary>The library's own connection.</summary>
    public DBusConnection Library { get; }

    /// <summary>Completes when the connection ends: with the reason, or null after <see cref="Dispose"/>. Never fails.</summary>
    public Task<Exception?> Ended { get; }

    /// <summary>Connects, authenticates as this process's user and is greeted.</summary>
    /// <param name="bus"><c>system</c>, <c>session</c> or an address.</param>
    /// <param name="clock">Times the wait, 10 seconds at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DBusConnectionException">The bus is away or refuses.</exception>
    /// <exception cref="TimeoutException">The bus does not answer.</exception>
    public static async Task<BusConnection> OpenAsync(string bus, TimeProvider clock, CancellationToken cancellationToken)
    {
        string address = BusAddress.Of(bus, Environment.GetEnvironmentVariable)
            ?? throw new DBusConnectFailedException("there is no session bus here: set DBUS_SESSION_BUS_ADDRESS, or bus to system");
        var library = new DBusConnection(new DBusConnectionOptions(address));
        try
        {
            await library.ConnectAsync().AsTask().WaitAsync(Patience, clock, cancellationToken);
            return library.UniqueName is not null
                ? new BusConnection(library, clock)
                : throw new DBusConnectFailedException($"the bus {bus} does not let this user in");
        }
        catch
        {
            library.Dispose();
            throw;
        }
    }

    /// <summary>Returns when the bus has taken all that was sent before: it works in order, and answers this last.</summary>
    /// <exception cref="DBusConnectionClosedException">The connection has ended; what was sent may be lost.</exception>
    /// <exception cref="TimeoutException">The bus does not answer within 10 seconds.</exception>
    public Task SettleAsync(CancellationToken cancellationToken)
    {
        using MessageWriter writer = Library.GetMessageWriter();
        writer.WriteMethodCallHeader(Daemon, "/org/freedesktop/DBus", "org.freedesktop.DBus.Peer", "Ping");
        return AnswerAsync(Library.CallMethodAsync(writer.CreateMessage()), cancellationToken);
    }

    /// <summary>Waits for an answer of the bus, but not for ever.</summary>
    /// <exception cref="TimeoutException">It takes longer than 10 seconds.</exception>
    public Task AnswerAsync(Task call, CancellationToken cancellationToken) => call.WaitAsync(Patience, _clock, cancellationToken);

    /// <summary>Waits for an answer of the bus, but not for ever.</summary>
    /// <exception cref="TimeoutException">It takes longer than 10 seconds.</exception>
    public Task<T> AnswerAsync<T>(Task<T> call, CancellationToken cancellationToken) => call.WaitAsync(Patience, _clock, cancellationToken);

    /// <summary>Closes the connection. What is still unsent is not waited for: a bus that reads nothing must not hold up a stop.</summary>
    public void Dispose() => Library.Dispose();
}
