using System.Net.Sockets;
using System.Text;
using GlusterBus.Host.Hosting;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Hosting;

public sealed class SystemdNotifierTests
{
    [Fact]
    public async Task Messages_reach_the_socket_that_systemd_named()
    {
        using var folder = new TemporaryFolder();
        using Socket systemd = Listen(folder.File("notify"));

        new SystemdNotifier(folder.File("notify"), null).Send("READY=1\nSTATUS=well");

        (await ReceiveAsync(systemd)).ShouldBe("READY=1\nSTATUS=well");
    }

    [Fact]
    public async Task An_at_sign_stands_for_the_abstract_namespace()
    {
        string name = "glusterbus-test-" + Guid.NewGuid();
        using Socket systemd = Listen("\0" + name);

        new SystemdNotifier("@" + name, null).Send("STOPPING=1");

        (await ReceiveAsync(systemd)).ShouldBe("STOPPING=1");
    }

    [Fact]
    public void Without_systemd_nothing_happens()
    {
        Should.NotThrow(() => new SystemdNotifier(null, null).Send("READY=1"));
        Should.NotThrow(() => new SystemdNotifier("/nowhere/notify", null).Send("READY=1"));
    }

    [Fact]
    public async Task The_watchdog_is_fed_at_half_its_patience_while_the_service_is_alive()
    {
        using var folder = new TemporaryFolder();
        using Socket systemd = Listen(folder.File("notify"));
        var clock = new FakeClock();
        var notifier = new SystemdNotifier(folder.File("notify"), "10000000");
        notifier.WatchdogInterval.ShouldBe(TimeSpan.FromSeconds(5));
        bool isAlive = true;
        using var stop = new CancellationTokenSource();
        Task feeding = notifier.KeepAliveAsync(() => isAlive, clock, stop.Token);

        clock.Advance(TimeSpan.FromSeconds(5));
        (await ReceiveAsync(systemd)).ShouldBe("WATCHDOG=1");
        isAlive = false;
        clock.Advance(TimeSpan.FromSeconds(5));
        await stop.CancelAsync();
        await feeding;

        systemd.Available.ShouldBe(0);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("soon")]
    public void Without_a_patience_there_is_no_watchdog(string? microseconds)
    {
        new SystemdNotifier("/run/notify", microseconds).WatchdogInterval.ShouldBeNull();
    }

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        byte[] buffer = new byte[1024];
        int count = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, count);
    }
}
