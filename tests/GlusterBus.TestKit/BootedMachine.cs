using System.Diagnostics;
using System.Globalization;

namespace GlusterBus.TestKit;

/// <summary>This machine's file system, booted by a systemd of its own in a container without a network: units run there as they do on a machine, and what is
/// written is gone with it. Needs root.</summary>
public sealed class BootedMachine : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();

    // Not in the folder that is deleted with all that is in it.
    private readonly string _root = string.Create(CultureInfo.InvariantCulture, $"/run/glusterbus-booted-{Environment.ProcessId}");
    private ServerProcess? _container;
    private string _leader = "";

    private BootedMachine()
    {
    }

    /// <summary>Why no machine can be booted here; null when one can.</summary>
    public static string? Obstacle =>
        !Environment.IsPrivilegedProcess ? "to boot a container needs root"
        : !File.Exists("/usr/bin/systemd-nspawn") ? "systemd-nspawn is not installed (package systemd-container)"
        : null;

    /// <summary>Boots to the basic system: no service of the machine's own runs until it is started.</summary>
    /// <param name="binds">Folders of this machine by where they are seen there, read-only; <c>/tmp</c> is not seen otherwise.</param>
    public static async Task<BootedMachine> StartAsync(IReadOnlyDictionary<string, string> binds, CancellationToken cancellationToken)
    {
        var machine = new BootedMachine();
        try
        {
            await machine.BootAsync(binds, cancellationToken);
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a shell's script there, which ends at the first command that fails.</summary>
    public async Task<(int Code, string Output)> RunAsync(string script, CancellationToken cancellationToken)
    {
        using Process process = Process.Start(new ProcessStartInfo("nsenter", ["--target", _leader, "--mount", "--uts", "--ipc", "--net", "--pid", "--", "/bin/sh", "-e"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.StandardInput.WriteAsync(script.AsMemory(), cancellationToken);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output + await errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (_container is not null)
        {
            if (int.TryParse(_leader, CultureInfo.InvariantCulture, out int leader))
            {
                // The first process of the container takes all others with it.
                ServerProcess.Send(leader, 9);
            }

            await _container.DisposeAsync();
        }

        if (Directory.Exists(_root))
        {
            await ShouldSucceedAsync("umount", ["--lazy", _root]);
            Directory.Delete(_root, recursive: false);
        }

        _folder.Dispose();
    }

    private async Task BootAsync(IReadOnlyDictionary<string, string> binds, CancellationToken cancellationToken)
    {
        // A container may not be made of the root itself, but of another view of it.
        Directory.CreateDirectory(_root);
        await ShouldSucceedAsync("mount", ["--bind", "/", _root]);
        await ShouldSucceedAsync("mount", ["--options", "remount,bind,ro", _root]);
        _container = ServerProcess.Start("systemd-nspawn",
            [
                "--directory=" + _root, "--volatile=overlay", "--boot", "--register=no", "--keep-unit", "--private-network", "--console=pipe",
                string.Create(CultureInfo.InvariantCulture, $"--machine=booted{Environment.ProcessId}"),
                .. binds.Select(bind => $"--bind-ro={bind.Value}:{bind.Key}"), "systemd.unit=basic.target",
            ],
            _folder.File("console.txt"));
        long began = Stopwatch.GetTimestamp();
        while (!await IsUpAsync(cancellationToken))
        {
            if (_container!.HasExited || Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new InvalidOperationException("the container did not boot: " + await File.ReadAllTextAsync(_folder.File("console.txt"), cancellationToken));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
    }

    private async Task<bool> IsUpAsync(CancellationToken cancellationToken)
    {
        string children = string.Create(CultureInfo.InvariantCulture, $"/proc/{_container!.Id}/task/{_container.Id}/children");
        _leader = File.Exists(children) ? (await File.ReadAllTextAsync(children, cancellationToken)).Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault("") : "";
        return _leader.Length > 0 && (await RunAsync("systemctl is-active basic.target", cancellationToken)).Code == 0;
    }

    private static async Task ShouldSucceedAsync(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors}");
        }
    }
}
