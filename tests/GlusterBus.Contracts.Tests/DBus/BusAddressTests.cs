using GlusterBus.Runtime.DBus;

namespace GlusterBus.Contracts.Tests.DBus;

public sealed class BusAddressTests
{
    [Theory]
    [InlineData("system", "", "unix:path=/run/dbus/system_bus_socket")]
    [InlineData("system", "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/other", "unix:path=/other")]
    [InlineData("session", "", null)]
    [InlineData("session", "DBUS_SESSION_BUS_ADDRESS=unix:abstract=/tmp/x", "unix:abstract=/tmp/x")]
    [InlineData("session", "XDG_RUNTIME_DIR=/run/user/7", "unix:path=/run/user/7/bus")]
    [InlineData("unix:path=/run/other/bus", "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/other", "unix:path=/run/other/bus")]
    public void A_bus_is_where_systemd_finds_it(string bus, string environment, string? address) =>
        BusAddress.Of(bus, name => environment.StartsWith(name + "=", StringComparison.Ordinal) ? environment[(name.Length + 1)..] : null).ShouldBe(address);
}
