using System.Diagnostics;
using GlusterBus.TestKit;

namespace GlusterBus.Notifiers.Tests.DBus;

/// <summary>A program whose lines the test waits for, output and errors together.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _lines = [];

    private RunningProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string[] Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public static RunningProgram Start(string program, params string[] arguments) =>
        new(Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!);

    /// <summary>Prints every signal of GlusterBus. Returns when it listens.</summary>
    public static async Task<RunningProgram> MonitorAsync(DBusDaemonProcess bus)
    {
        RunningProgram monitor = Start("/usr/bin/gdbus", "monitor", "--address", bus.Address, "--dest", "org.glusterbus");
        await monitor.UntilAsync("is owned by");
        return monitor;
    }

    /// <summary>Waits for a line with all of these texts, and returns it.</summary>
    public async Task<string> UntilAsync(params string[] texts)
    {
        while (true)
        {
            if (Array.Find(Lines, line => texts.All(text => line.Contains(text, StringComparison.Ordinal))) is { } found)
            {
                return found;
            }

            _process.HasExited.ShouldBeFalse(string.Join('\n', Lines));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_lines)
            {
                _lines.Add(line);
            }
        }
    }
}
