using System.Net.Sockets;
using GlusterBus.Runtime.DBus;
using Tmds.DBus.Protocol;

namespace GlusterBus.Contracts.Tests.DBus;

public sealed class BusTroubleTests
{
    [Fact]
    public void Each_failure_has_words_for_the_person_on_duty()
    {
        const string other = "unix:path=/run/other/bus";
        Text("system", new DBusConnectFailedException("x", new SocketException((int)SocketError.ConnectionRefused))).ShouldBe("there is no system bus: `systemctl start dbus`");
        Text(other, new DBusConnectFailedException("x", new SocketException((int)SocketError.AddressNotAvailable))).ShouldBe($"there is no bus at {other}");
        Text(other, new DBusConnectFailedException("x", new SocketException((int)SocketError.AccessDenied))).ShouldBe($"this user may not open the socket of the bus {other}");
        Text("unix:x", new DBusConnectFailedException("x", new FormatException())).ShouldStartWith("unix:x is no address of a bus: bus must be system, session or");
        Text(other, new DBusConnectFailedException("Authentication failure")).ShouldBe("Authentication failure");
        Text(other, new DBusConnectionClosedException("x")).ShouldBe($"the bus {other} closed the connection");
        Text(other, new ObjectDisposedException("x")).ShouldBe($"the bus {other} closed the connection");
        Text(other, new TimeoutException()).ShouldBe($"the bus {other} does not answer");
        Text(other, new DBusErrorReplyException("org.freedesktop.DBus.Error.Failed", "no")).ShouldBe($"the bus {other} says: no");
    }

    [Fact]
    public void What_is_no_failure_of_a_bus_is_not_taken_for_one()
    {
        BusTrouble.Is(new InvalidOperationException()).ShouldBeFalse();
        BusTrouble.Is(new OperationCanceledException()).ShouldBeFalse();
    }

    private static string Text(string bus, Exception failure)
    {
        BusTrouble.Is(failure).ShouldBeTrue();
        return BusTrouble.Text(failure, bus);
    }
}
