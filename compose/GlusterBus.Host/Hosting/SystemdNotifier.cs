using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace GlusterBus.Host.Hosting;

/// <summary>Tells systemd how the service is (sd_notify). Does nothing where nobody asked.</summary>
public sealed class SystemdNotifier(string? socketPath, string? watchdogMicroseconds)
{
    public static SystemdNotifier FromEnvironment() =>
        new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), Environment.GetEnvironmentVariable("WATCHDOG_USEC"));

    /// <summary>How often <c>WATCHDOG=1</c> is due: half of what systemd waits. Null when it does not watch.</summary>
    public TimeSpan? WatchdogInterval =>
        socketPath is not null && long.TryParse(watchdogMicroseconds, NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds / 2.0)
            : null;

    /// <summary>Sends one message such as <c>READY=1</c>. A systemd that does not listen is no reason to fail.</summary>
    public void Send(string message)
    {
        if (string.IsNullOrEmpty(socketPath))
        {
            return;
        }

        // A leading @ stands for the abstract namespace, which the system writes as a zero byte.
        string path = socketPath[0] == '@' ? '\0' + socketPath[1..] : socketPath;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(message), new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            // Nobody to tell.
        }
    }

    /// <summary>Says that the service is alive for as long as <paramref name="isAlive"/> agrees. Returns when cancelled, at once where systemd does not watch.</summary>
    public async Task KeepAliveAsync(Func<bool> isAlive, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (WatchdogInterval is not { } interval)
        {
            return;
        }

        using var timer = new PeriodicTimer(interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (isAlive())
                {
                    Send("WATCHDOG=1");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }
}
