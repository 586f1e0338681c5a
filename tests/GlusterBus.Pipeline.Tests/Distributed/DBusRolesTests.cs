using System.Text.Json;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Distributed;

/// <summary>From a unit of systemd's on one node to D-Bus on another one, with the built program's roles over RabbitMQ and Redis.</summary>
[Collection(Alone.Name)]
public sealed class DBusRolesTests
{
    private const string Glusterd = "glusterd.service";

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    [Fact(Timeout = 300_000)]
    public async Task What_systemd_tells_on_one_node_is_shown_and_signalled_on_another_and_a_notifier_that_starts_anew_finds_it_in_Redis()
    {
        Assert.SkipWhen((DBusDaemonProcess.Obstacle ?? RabbitMqProcess.Obstacle) is not null, DBusDaemonProcess.Obstacle ?? RabbitMqProcess.Obstacle ?? "");
        await using DBusDaemonProcess there = await DBusDaemonProcess.StartAsync(_cancelled);
        await using DBusDaemonProcess here = await DBusDaemonProcess.StartAsync(_cancelled);
        using FakeSystemd systemd = await FakeSystemd.StartAsync(there.Address, _cancelled);
        systemd.Define(Glusterd, new FakeUnit("active", "running", Now));
        await using DistributedSystem system = await DistributedSystem.StartAsync(_cancelled);
        Role notify = await system.AddAsync("notify", "w1", $$""" "notifiers": { "dbus": { "bus": "{{here.Address}}", "node": "gl1", "refresh": "00:00:01" } },""");
        Role[] roles =
        [
            await system.AddAsync("route", "r1"),
            notify,
            await system.AddAsync("collect", "gl1", $$"""
                "collectors": { "systemd": { "bus": "{{there.Address}}" }, "logs": { "enabled": false }, "gf_event": { "enabled": false }, "get_state": { "enabled": false } },
                """),
        ];
        foreach (Role role in roles)
        {
            role.Start();
        }

        await UntilAsync(here, "ActiveState", "active");
        roles.Select(HasLibrary).ShouldBe([false, true, true], "route has nothing to do with D-Bus, and memory on a node is precious");
        using var signals = new SignalListener(here.Address);
        await signals.ListenAsync(_cancelled);
        systemd.Change(Glusterd, new FakeUnit("failed", "failed", Now) { Result = "core-dump" });

        JsonElement told = await signals.NextAsync(_cancelled);
        told.GetProperty("subject").GetString().ShouldBe("node/gl1");
        told.GetProperty("data").GetProperty("current").GetString().ShouldBe("offline");
        told.GetProperty("data").GetProperty("evidence")[0].GetProperty("text").GetString()!.ShouldContain("Result=core-dump");
        await UntilAsync(here, "ActiveState", "failed");

        await notify.KillAsync();
        systemd.Change(Glusterd, new FakeUnit("active", "running", Now) { Restarts = 1 });
        notify.Start();
        await UntilAsync(here, "ActiveState", "active");
        await UntilAsync(here, "State", "online");
        while ((await signals.NextAsync(_cancelled)).GetProperty("data").GetProperty("current").GetString() != "online")
        {
            // The last one before the end may come once more: it has the same id.
        }
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static bool HasLibrary(Role role) => File.ReadAllText($"/proc/{role.Process.ProcessId}/maps").Contains("Tmds.DBus.Protocol.dll", StringComparison.Ordinal);

    private async Task UntilAsync(DBusDaemonProcess bus, string property, string value)
    {
        while ((await bus.ControlAsync("--json=short", "get-property", "org.glusterbus", "/org/glusterbus/glusterd", "org.glusterbus.Glusterd", property)).Output != $$"""{"type":"s","data":"{{value}}"}""")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, _cancelled);
        }
    }
}
