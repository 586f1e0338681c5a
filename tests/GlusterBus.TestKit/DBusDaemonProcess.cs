using System.Diagnostics;
using System.Net.Sockets;

namespace GlusterBus.TestKit;

/// <summary>A real message bus of the test's own, on a socket in a folder of its own. Needs the package dbus-daemon; to look at it, systemd (busctl).</summary>
public sealed class DBusDaemonProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string[] _arguments;
    private ServerProcess? _process;

    private DBusDaemonProcess(string? configuration)
    {
        if (configuration is null)
        {
            _arguments = ["--session", "--address=" + Address];
            return;
        }

        // Other users are to get to the socket.
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
        File.WriteAllText(_folder.File("bus.conf"), configuration.Replace("ADDRESS", Address, StringComparison.Ordinal));
        _arguments = ["--config-file=" + _folder.File("bus.conf")];
    }

    /// <summary>Why no bus can be started here; null when one can.</summary>
    public static string? Obstacle =>
        !File.Exists("/usr/bin/dbus-daemon") ? "dbus-daemon is not installed"
        : !File.Exists("/usr/bin/busctl") ? "busctl is not installed (package systemd)"
        : !File.Exists("/usr/bin/gdbus") ? "gdbus is not installed (package libglib2.0-bin)"
        : null;

    /// <summary>Leads to this bus.</summary>
    public string Address => "unix:path=" + _folder.File("bus");

    public ServerProcess Process => _process!;

    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="configuration">A configuration with <c>ADDRESS</c> in place of the address; by default that of a session bus, where everybody may do everything.</param>
    public static async Task<DBusDaemonProcess> StartAsync(CancellationToken cancellationToken, string? configuration = null)
    {
        var bus = new DBusDaemonProcess(configuration);
        try
        {
            await bus.StartDaemonAsync(cancellationToken);
            return bus;
        }
        catch
        {
            await bus.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the daemon, again after its process was ended, and waits until it takes connections.</summary>
    public async Task StartDaemonAsync(CancellationToken cancellationToken)
    {
        _process = ServerProcess.Start("/usr/bin/dbus-daemon", [.. _arguments, "--nofork", "--nopidfile"], _folder.File("output"));
        while (!Answers())
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"dbus-daemon ended: {await File.ReadAllTextAsync(_folder.File("output"), cancellationToken)}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Runs <c>busctl</c> on this bus.</summary>
    public Task<(int Code, string Output)> ControlAsync(params string[] arguments) => RunAsync("/usr/bin/busctl", ["--address=" + Address, .. arguments]);

    /// <summary>Runs a program and returns its exit code and what it printed, errors too.</summary>
    public static async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
    {
        using Process process = System.Diagnostics.Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, (output + await errors).TrimEnd());
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private bool Answers()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(_folder.File("bus")));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
