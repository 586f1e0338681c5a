using System.Diagnostics;
using System.Text;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Verbs;

/// <summary>The built executable as a child process.</summary>
internal sealed class Executable : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _error = new();
    private readonly Task _readingError;
    private bool _isDisposed;

    private Executable(Process process)
    {
        _process = process;
        _readingError = ReadErrorAsync();
    }

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Its standard output, line by line.</summary>
    public StreamReader Output => _process.StandardOutput;

    /// <summary>What it has written to standard error so far.</summary>
    public string Error
    {
        get
        {
            lock (_error)
            {
                return _error.ToString();
            }
        }
    }

    public static Executable Start(IReadOnlyDictionary<string, string?> environment, params string[] arguments) =>
        StartCommand(environment, BuiltProgram.Command(arguments));

    /// <summary>Starts any command in the environment of a program under test.</summary>
    public static Executable StartCommand(IReadOnlyDictionary<string, string?> environment, IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        // What the developer's own shell sets must not reach the child.
        foreach (string variable in start.Environment.Keys.Where(k => k.StartsWith("GLUSTERBUS__", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(variable);
        }

        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        return new Executable(Process.Start(start)!);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        return await RunCommandAsync(environment, BuiltProgram.Command(arguments));
    }

    /// <summary>Runs any command to its end, in the environment of a program under test.</summary>
    public static async Task<(int Code, string Output, string Error)> RunCommandAsync(IReadOnlyDictionary<string, string?> environment, IReadOnlyList<string> command)
    {
        await using Executable run = StartCommand(environment, command);
        string output = await run.Output.ReadToEndAsync(TestContext.Current.CancellationToken);
        int code = await run.EndAsync();
        return (code, output, run.Error);
    }

    /// <summary>Runs it to its end with a file as its standard input.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(IReadOnlyDictionary<string, string?> environment, string input, string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "glusterbus.dll");
        await using Executable run = StartCommand(environment, ["sh", "-c", "input=$1; shift; exec dotnet \"$@\" < \"$input\"", "sh", input, program, .. arguments]);
        string output = await run.Output.ReadToEndAsync(TestContext.Current.CancellationToken);
        int code = await run.EndAsync();
        return (code, output, run.Error);
    }

    /// <summary>Waits for a text on standard error.</summary>
    public async Task UntilErrorAsync(string text)
    {
        while (!Error.Contains(text, StringComparison.Ordinal))
        {
            if (_process.HasExited)
            {
                await _readingError;
                Error.ShouldContain(text);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Sends a signal by its name, such as TERM.</summary>
    public void Signal(string name) => Process.Start("kill", ["-" + name, ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture)]).WaitForExit();

    /// <summary>The exit code.</summary>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await _readingError;
        return _process.ExitCode;
    }

    /// <summary>Ends it as a crash does, once: who killed it may forget about it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private async Task ReadErrorAsync()
    {
        char[] buffer = new char[4096];
        int count;
        while ((count = await _process.StandardError.ReadAsync(buffer)) > 0)
        {
            lock (_error)
            {
                _error.Append(buffer, 0, count);
            }
        }
    }
}
