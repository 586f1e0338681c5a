using System.Net.Sockets;
using Tmds.DBus.Protocol;

namespace GlusterBus.Runtime.DBus;

/// <summary>What a failure of a message bus means to the person on duty. Pure.</summary>
public static class BusTrouble
{
    /// <summary>True for what the bus, the way to it or the library reports; false for mistakes of our own.</summary>
    public static bool Is(Exception failure) => failure is DBusExceptionBase or ObjectDisposedException or TimeoutException;

    /// <summary>One line, with what to type where that is known.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="bus">The bus as configured.</param>
    public static string Text(Exception failure, string bus) => failure switch
    {
        DBusConnectFailedException { InnerException: SocketException { SocketErrorCode: SocketError.AddressNotAvailable or SocketError.ConnectionRefused } } =>
            bus == "system" ? "there is no system bus: `systemctl start dbus`" : $"there is no bus at {bus}",
        DBusConnectFailedException { InnerException: SocketException { SocketErrorCode: SocketError.AccessDenied } } =>
            $"this user may not open the socket of the bus {bus}",
        DBusConnectFailedException { InnerException: ArgumentException or FormatException } => $"{bus} is no address of a bus: {BusAddress.Advice}",
        DBusConnectFailedException => failure.Message,
        DBusConnectionException or ObjectDisposedException => $"the bus {bus} closed the connection",
        TimeoutException => $"the bus {bus} does not answer",
        DBusErrorReplyException refusal => $"the bus {bus} says: {refusal.ErrorMessage}",
        _ => failure.Message,
    };
}
