using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace GlusterBus.TestKit;

/// <summary>A real glusterd of the test's own: on a loopback address, with folders of its own, ended by the numbers of its processes.</summary>
/// <remarks>Needs root and glusterfs-server. The address comes from the process id, so test runs may go side by side.</remarks>
public sealed partial class GlusterdProcess : IAsyncDisposable
{
    private static int _count;

    private readonly TemporaryFolder _folder = new();
    private readonly HashSet<string> _socketsBefore = [.. Sockets()];

    private GlusterdProcess()
    {
        int pid = Environment.ProcessId;
        Address = string.Create(CultureInfo.InvariantCulture, $"127.{100 + ((pid >> 14) % 100)}.{(pid >> 7) & 127}.{((pid & 127) * 2 % 250) + 1 + (Interlocked.Increment(ref _count) % 2)}");
        foreach (string name in (string[])["lib", "run/gluster", "log", "bricks"])
        {
            Directory.CreateDirectory(_folder.File(name));
        }
    }

    /// <summary>Why no real glusterd can be started here; null when one can.</summary>
    public static string? Obstacle =>
        !OperatingSystem.IsLinux() ? "glusterd runs on Linux"
        : !Environment.IsPrivilegedProcess ? "glusterd needs root"
        : !File.Exists("/usr/sbin/glusterd") || !File.Exists("/usr/sbin/gluster") ? "glusterfs-server is not installed"
        : null;

    /// <summary>The node's name and address.</summary>
    public string Address { get; }

    /// <summary>Options that lead the gluster command to this glusterd.</summary>
    public IReadOnlyList<string> CommandOptions => [$"--glusterd-sock={_folder.File("run/gd.sock")}", $"--log-file={_folder.File("log/cli.log")}"];

    /// <summary>Where glusterd and its bricks write their logs.</summary>
    public string LogFolder => _folder.File("log");

    /// <summary>Starts glusterd and waits until it answers.</summary>
    public static async Task<GlusterdProcess> StartAsync(CancellationToken cancellationToken)
    {
        var glusterd = new GlusterdProcess();
        try
        {
            await glusterd.StartDaemonAsync(cancellationToken);
            return glusterd;
        }
        catch
        {
            await glusterd.DisposeAsync();
            throw;
        }
    }

    /// <summary><c>host:/path</c> for a brick of this node.</summary>
    public string Brick(string name) => $"{Address}:{_folder.File("bricks")}/{name}";

    /// <summary>Starts glusterd, again after <see cref="Stop"/>.</summary>
    public async Task StartDaemonAsync(CancellationToken cancellationToken)
    {
        await RunAsync(
            "/usr/sbin/glusterd",
            [
                "--xlator-option", $"management.working-directory={_folder.File("lib")}",
                "--xlator-option", $"management.run-directory={_folder.File("run/gluster")}",
                "--xlator-option", $"management.transport.socket.bind-address={Address}",
                "--xlator-option", $"management.glusterd-sockfile={_folder.File("run/gd.sock")}",
                "--xlator-option", $"management.logging-directory={_folder.File("log")}",
                $"--log-file={_folder.File("log/glusterd.log")}",
                $"--pid-file={_folder.File("run/glusterd.pid")}",
                "-LINFO",
            ],
            cancellationToken);
        while (await TryAsync(["pool", "list"], cancellationToken) != 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Runs a gluster command, such as <c>volume start v1</c>.</summary>
    public Task GlusterAsync(IReadOnlyList<string> command, CancellationToken cancellationToken) =>
        RunAsync("/usr/sbin/gluster", ["--mode=script", .. CommandOptions, .. command], cancellationToken);

    /// <summary>Ends the brick processes of a volume as a crash does.</summary>
    public void KillBricks(string volume) => Signal(PidFiles($"run/gluster/vols/{volume}"), Kill);

    /// <summary>Ends glusterd; bricks and daemons live on.</summary>
    public void Stop() => Signal([_folder.File("run/glusterd.pid")], Terminate);

    public async ValueTask DisposeAsync()
    {
        string[] files = [_folder.File("run/glusterd.pid"), .. PidFiles("run/gluster")];
        int[] pids = [.. files.Select(Pid).Where(IsOurs)];
        Signal(files, Kill);
        while (pids.Any(IsOurs))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        // Bricks and daemons put their sockets here whatever the run directory is; a killed one leaves them behind.
        foreach (string socket in Sockets().Where(s => !_socketsBefore.Contains(s) && !IsListening(s)))
        {
            File.Delete(socket);
        }

        _folder.Dispose();
    }

    private const int Terminate = 15;
    private const int Kill = 9;
    private const string SocketFolder = "/var/run/gluster";

    private static string[] Sockets() => Directory.Exists(SocketFolder) ? Directory.GetFiles(SocketFolder, "*.socket") : [];

    private static bool IsListening(string socket) => File.ReadAllText("/proc/net/unix").Contains(Path.GetFileName(socket), StringComparison.Ordinal);

    private string[] PidFiles(string folder) =>
        Directory.Exists(_folder.File(folder)) ? Directory.GetFiles(_folder.File(folder), "*.pid", SearchOption.AllDirectories) : [];

    private static int Pid(string file) => File.Exists(file) && int.TryParse(File.ReadAllText(file).Trim(), out int pid) ? pid : 0;

    /// <summary>A process number may have passed on to somebody else: only one that names our folder is ours.</summary>
    private bool IsOurs(int pid)
    {
        try
        {
            return pid > 1 && File.ReadAllText($"/proc/{pid}/cmdline").Contains(_folder.Path, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void Signal(IEnumerable<string> pidFiles, int signal)
    {
        foreach (int pid in pidFiles.Select(Pid).Where(IsOurs))
        {
            _ = SendSignal(pid, signal);
        }
    }

    private async Task RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        // Through a shell, because a daemon keeps what it inherits: its output must not be our pipe.
        string output = _folder.File("output");
        using Process process = Process.Start("/bin/sh", ["-c", "out=$1; shift; exec \"$@\" >\"$out\" 2>&1 </dev/null", "sh", output, program, .. arguments]);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await File.ReadAllTextAsync(output, cancellationToken)}");
        }
    }

    private async Task<int> TryAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        try
        {
            await GlusterAsync(command, cancellationToken);
            return 0;
        }
        catch (InvalidOperationException)
        {
            return 1;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int pid, int signal);
}
