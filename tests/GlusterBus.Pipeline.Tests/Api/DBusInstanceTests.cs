using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Api;

/// <summary>The notifier dbus in a whole instance: what the router knows is what the bus shows.</summary>
[Collection(Alone.Name)]
public sealed class DBusInstanceTests
{
    [Fact(Timeout = 60_000)]
    public async Task What_a_running_instance_knows_is_on_the_bus_as_it_changes()
    {
        Assert.SkipWhen(DBusDaemonProcess.Obstacle is not null, DBusDaemonProcess.Obstacle ?? "");
        await using DBusDaemonProcess bus = await DBusDaemonProcess.StartAsync(TestContext.Current.CancellationToken);
        await using RunningInstance running = await RunningInstance.StartAsync(notifiers: $$"""
            "dbus": { "bus": "{{bus.Address}}" }
            """);

        await running.EmitAsync("volume/gv0", "started");
        await UntilAsync(bus, """{"type":"i","data":1}""");
        await running.EmitAsync("volume/gv0", "stopped");
        await UntilAsync(bus, """{"type":"i","data":2}""");
    }

    [Fact(Timeout = 60_000)]
    public async Task What_systemd_tells_of_glusterd_is_on_the_bus_beside_what_others_tell()
    {
        Assert.SkipWhen(DBusDaemonProcess.Obstacle is not null, DBusDaemonProcess.Obstacle ?? "");
        await using DBusDaemonProcess bus = await DBusDaemonProcess.StartAsync(TestContext.Current.CancellationToken);
        using FakeSystemd systemd = await FakeSystemd.StartAsync(bus.Address, TestContext.Current.CancellationToken);
        systemd.Define("glusterd.service", new FakeUnit("active", "running", Now));
        await using RunningInstance running = await RunningInstance.StartAsync(
            collectors: $$""", "systemd": { "bus": "{{bus.Address}}" }""",
            notifiers: $$""" "dbus": { "bus": "{{bus.Address}}", "node": "gl1", "refresh": "00:00:01" } """);

        await UntilAsync(bus, "glusterd", "Glusterd", "LoadState", """{"type":"s","data":"loaded"}""");
        await UntilAsync(bus, "glusterd", "Glusterd", "ActiveState", """{"type":"s","data":"active"}""");
        await UntilAsync(bus, "glusterd", "Glusterd", "State", """{"type":"s","data":"online"}""");
        systemd.Change("glusterd.service", new FakeUnit("activating", "auto-restart", Now) { Result = "core-dump" });
        await UntilAsync(bus, "glusterd", "Glusterd", "State", """{"type":"s","data":"restarting"}""");
        systemd.Change("glusterd.service", new FakeUnit("active", "running", Now) { Restarts = 1 });
        await UntilAsync(bus, "glusterd", "Glusterd", "State", """{"type":"s","data":"online"}""");
        await UntilAsync(bus, "glusterd", "Glusterd", "Restarts", """{"type":"u","data":1}""");
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static Task UntilAsync(DBusDaemonProcess bus, string status) => UntilAsync(bus, "volumes/gv0", "Volume", "Status", status);

    private static async Task UntilAsync(DBusDaemonProcess bus, string path, string name, string property, string value)
    {
        while ((await bus.ControlAsync("--json=short", "get-property", "org.glusterbus", "/org/glusterbus/" + path, "org.glusterbus." + name, property)).Output != value)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
