using GlusterBus.TestKit;

namespace GlusterBus.Notifiers.Tests.DBus;

/// <summary>The policy in <c>compose/dbus</c>, on a bus that forbids what the system's bus forbids.</summary>
public sealed class BusPolicyTests
{
    private static readonly string[] Nobody = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"];
    private static readonly string[] Reader = ["--reuid=nobody", "--regid=nogroup", "--groups=adm"];

    [Fact(Timeout = 60_000)]
    public async Task Root_is_GlusterBus_who_reads_logs_may_look_and_others_see_nothing()
    {
        Assert.SkipWhen(DBusDaemonProcess.Obstacle is not null, DBusDaemonProcess.Obstacle ?? "");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, to be other users");
        await using DBusDaemonProcess bus = await DBusDaemonProcess.StartAsync(TestContext.Current.CancellationToken, SystemBus());
        await using var bridge = new RunningBridge(bus.Address, TimeSpan.FromHours(1), Rows.Volume("gv0"));
        await bridge.UntilLoggedAsync("objects are shown");

        (await AsAsync(Reader, bus, "get-property", "org.glusterbus", "/org/glusterbus/volumes/gv0", "org.glusterbus.Volume", "Name")).Output.ShouldBe("s \"gv0\"");
        (int code, string output) = await AsAsync(Nobody, bus, "get-property", "org.glusterbus", "/org/glusterbus/volumes/gv0", "org.glusterbus.Volume", "Name");
        code.ShouldNotBe(0);
        output.ShouldContain("Access denied");
    }

    [Fact(Timeout = 60_000)]
    public async Task Without_the_policy_the_bus_lets_nobody_be_GlusterBus_and_the_log_says_what_to_type()
    {
        Assert.SkipWhen(DBusDaemonProcess.Obstacle is not null, DBusDaemonProcess.Obstacle ?? "");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, since the bus runs as another user's");
        string configuration = SystemBus();
        await using DBusDaemonProcess bus = await DBusDaemonProcess.StartAsync(
            TestContext.Current.CancellationToken, configuration.Replace("<include>", "<include ignore_missing=\"yes\">/nowhere", StringComparison.Ordinal));
        await using var bridge = new RunningBridge(bus.Address, TimeSpan.FromHours(1), Rows.Volume("gv0"));

        await bridge.UntilLoggedAsync("the bus does not let this user own org.glusterbus: `cp compose/dbus/org.glusterbus.conf /etc/dbus-1/system.d/ && systemctl reload dbus`");
    }

    private static async Task<(int Code, string Output)> AsAsync(string[] user, DBusDaemonProcess bus, params string[] arguments) =>
        await DBusDaemonProcess.RunAsync("/usr/bin/setpriv", [.. user, "/usr/bin/busctl", "--address=" + bus.Address, .. arguments]);

    /// <summary>The rules of the system's bus as they ship, with the policy included.</summary>
    private static string SystemBus() => $"""
        <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
        <busconfig>
          <type>system</type>
          <listen>ADDRESS</listen>
          <auth>EXTERNAL</auth>
          <policy context="default">
            <allow user="*"/>
            <deny own="*"/>
            <deny send_type="method_call"/>
            <allow send_type="signal"/>
            <allow send_requested_reply="true" send_type="method_return"/>
            <allow send_requested_reply="true" send_type="error"/>
            <allow receive_type="method_call"/>
            <allow receive_type="method_return"/>
            <allow receive_type="error"/>
            <allow receive_type="signal"/>
            <allow send_destination="org.freedesktop.DBus"/>
          </policy>
          <include>{Path.Combine(AppContext.BaseDirectory, "dbus", "org.glusterbus.conf")}</include>
        </busconfig>
        """;
}
