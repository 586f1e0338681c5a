using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GlusterBus.TestKit;

/// <summary>A server as a private child process: its folder, its output, its end by process id.</summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private const int KillSignal = 9;
    private const int StopSignal = 19;
    private const int ContinueSignal = 18;

    private readonly Process _process;

    private ServerProcess(Process process)
    {
        _process = process;
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a program with its output in a file. A shell leads to it by exec, so the id is the program's own.</summary>
    public static ServerProcess Start(string program, IEnumerable<string> arguments, string output, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "out=$1; shift; exec \"$@\" >>\"$out\" 2>&1 </dev/null", "sh", output, program, .. arguments]);
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new ServerProcess(Process.Start(start)!);
    }

    /// <summary>Asks it to end and waits.</summary>
    public Task StopAsync() => EndAsync(Terminate);

    /// <summary>Ends it as a crash does and waits.</summary>
    public Task KillAsync() => EndAsync(KillSignal);

    /// <summary>Waits for its end.</summary>
    public Task WaitAsync() => _process.WaitForExitAsync();

    /// <summary>Stops its clock; <see cref="Thaw"/> lets it go on.</summary>
    public void Freeze() => _ = Signal(Id, StopSignal);

    public void Thaw() => _ = Signal(Id, ContinueSignal);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    /// <summary>Sends a signal to any process.</summary>
    public static void Send(int process, int signal) => _ = Signal(process, signal);

    private async Task EndAsync(int signal)
    {
        if (!_process.HasExited)
        {
            _ = Signal(Id, signal);
            if (signal == KillSignal)
            {
                _ = Signal(Id, ContinueSignal);
            }

            await _process.WaitForExitAsync();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);
}
