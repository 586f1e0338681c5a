using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Api;

/// <summary>The notifier dbus in a whole instance: what the router knows is what the bus shows.</summary>
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

    private static async Task UntilAsync(DBusDaemonProcess bus, string status)
    {
        while ((await bus.ControlAsync("--json=short", "get-property", "org.glusterbus", "/org/glusterbus/volumes/gv0", "org.glusterbus.Volume", "Status")).Output != status)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
