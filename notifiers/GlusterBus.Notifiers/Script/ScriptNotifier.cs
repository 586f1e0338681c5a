using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Notifiers.Templates;
using GlusterBus.Runtime.Text;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Notifiers.Script;

/// <summary>Runs a program for each transition: the CloudEvent on standard input, the essentials in <c>GLUSTERBUS_*</c> variables,
/// and what was asked for in its arguments.</summary>
/// <remarks>Exit code 0 is success, a code of <see cref="ScriptOptions.RejectOn"/> rejects, any other is tried again. What the program
/// writes to standard output is discarded; the end of its standard error goes into the error.</remarks>
public sealed class ScriptNotifier : INotifier, IPlugin, IConnectionTest
{
    /// <summary>A grandchild may hold the pipes open after the program has ended; nobody waits longer for it than this.</summary>
    private static readonly TimeSpan PipeGrace = TimeSpan.FromMilliseconds(500);

    private readonly ScriptOptions _options;
    private readonly TimeProvider _clock;
    private readonly TextTemplate[] _arguments;

    /// <param name="options">The program.</param>
    /// <param name="clock">Times it.</param>
    /// <param name="logger">Not used: what goes wrong travels as an exception.</param>
    public ScriptNotifier(ScriptOptions options, TimeProvider clock, ILogger<ScriptNotifier> logger)
    {
        _options = options;
        _clock = clock;
        _arguments = [.. options.Arguments.Select(TextTemplate.Parse)];
    }

    public static PluginSpec Spec { get; } = PluginSpec.For<ScriptOptions>(
        "script",
        "Runs a program per transition, with the transition on standard input and in the environment",
        """{ "command": ["/usr/local/bin/on-gluster-change", "--verbose"], "arguments": ["{severity}", "{entity}"], "timeout": "00:00:30", "rejectOn": [100] }""");

    public int Concurrency => _options.Concurrency;

    public async Task NotifyAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using Process process = Start(delivery);
        using var timer = new CancellationTokenSource(_options.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        using var pipes = new CancellationTokenSource();
        var errors = new OutputTail();
        Task feed = FeedAsync(process, delivery.Json, pipes.Token);
        Task[] drains = [OutputTail.DrainAsync(process.StandardOutput.BaseStream, null, pipes.Token), OutputTail.DrainAsync(process.StandardError.BaseStream, errors, pipes.Token)];
        try
        {
            await process.WaitForExitAsync(either.Token);
            await Task.WhenAny(Task.WhenAll(drains), Task.Delay(PipeGrace, _clock, either.Token));
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            cancellationToken.ThrowIfCancellationRequested();
            throw new DeliveryFailedException(FailureKind.Timeout, $"{_options.Command[0]} ran longer than {_options.Timeout.TotalSeconds} s and was killed{errors.Quoted}");
        }
        finally
        {
            await pipes.CancelAsync();
            await Task.WhenAll([feed, .. drains]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Judge(process.ExitCode, errors);
    }

    public Task<IReadOnlyList<CheckResult>> CheckAsync(CancellationToken cancellationToken)
    {
        string program = _options.Command[0];
        string subject = $"script {program}";
        string? found = program.Contains('/', StringComparison.Ordinal)
            ? (File.Exists(program) ? program : null)
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        const UnixFileMode execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        CheckResult result = found is null
            ? new CheckResult(subject, "there is no such program", "correct command, or install the program")
            : !OperatingSystem.IsWindows() && (File.GetUnixFileMode(found) & execute) == 0
                ? new CheckResult(subject, "it is not executable", $"chmod +x {found}")
                : new CheckResult(subject);
        return Task.FromResult<IReadOnlyList<CheckResult>>([result]);
    }

    private Process Start(Delivery delivery)
    {
        var start = new ProcessStartInfo(_options.Command[0])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The kernel ends an argument at a NUL.
        IEnumerable<string> made = _arguments.Select(template => template.Render(delivery.Transition).Replace("\0", "", StringComparison.Ordinal));
        foreach (string argument in _options.Command.Skip(1).Concat(made))
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in Variables(delivery.Transition))
        {
            start.Environment["GLUSTERBUS_" + name] = value.Replace("\0", "", StringComparison.Ordinal);
        }

        // The name that command line tools of OpenTelemetry look for; never the one that this process itself was started with.
        start.Environment["TRACEPARENT"] = delivery.TraceParent;
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new DeliveryFailedException(FailureKind.Other, $"{_options.Command[0]} could not be started: {new Win32Exception(e.NativeErrorCode).Message}", inner: e);
        }
    }

    private static IEnumerable<(string Name, string Value)> Variables(Transition t) =>
    [
        ("ID", t.Id),
        ("CLUSTER", t.Cluster),
        ("ENTITY", t.Entity.Value),
        ("KIND", t.Entity.Kind),
        ("CHANGE", t.Change),
        ("PREVIOUS", t.Previous ?? ""),
        ("CURRENT", t.Current ?? ""),
        ("SEVERITY", t.Severity.Name()),
        ("REASON", t.Reason.Name()),
        ("CAUSE", t.Cause ?? ""),
        ("TIME", TransitionJson.Time(t.Time)),
        ("SEQUENCE", t.Sequence.ToString(CultureInfo.InvariantCulture)),
        ("SUMMARY", TransitionText.Summary(t)),
    ];

    private static async Task FeedAsync(Process process, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        try
        {
            await using Stream input = process.StandardInput.BaseStream;
            await input.WriteAsync(json, cancellationToken);
        }
        catch (IOException)
        {
            // A program need not read its input.
        }
    }

    private void Judge(int exitCode, OutputTail errors)
    {
        string ended = $"{_options.Command[0]} ended with code {exitCode.ToString(CultureInfo.InvariantCulture)}";
        if (_options.RejectOn.Contains(exitCode))
        {
            throw new DeliveryRejectedException(errors.LastLine is { } line ? $"{ended}: {line}" : ended);
        }

        if (exitCode != 0)
        {
            throw new DeliveryFailedException(FailureKind.ProcessExit, ended + errors.Quoted);
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended by itself meanwhile.
        }
    }
}
