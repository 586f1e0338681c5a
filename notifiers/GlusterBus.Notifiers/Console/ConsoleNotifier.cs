using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Text;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Notifiers.Console;

/// <summary>Writes one line per transition to standard output, in the order of the record.</summary>
public sealed class ConsoleNotifier : INotifier, IPlugin
{
    private readonly ConsoleOptions _options;
    private readonly Stream _output;
    private readonly bool _isColoured;

    /// <param name="options">The format.</param>
    /// <param name="clock">Not used; every notifier is made the same way.</param>
    /// <param name="logger">Not used: trouble with the output is the caller's to report.</param>
    public ConsoleNotifier(ConsoleOptions options, TimeProvider clock, ILogger<ConsoleNotifier> logger)
        : this(
            options,
            System.Console.OpenStandardOutput(),
            !System.Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")))
    {
    }

    internal ConsoleNotifier(ConsoleOptions options, Stream output, bool isColoured)
    {
        _options = options;
        _output = output;
        _isColoured = isColoured;
    }

    public static PluginSpec Spec { get; } = PluginSpec.For<ConsoleOptions>(
        "console",
        "Writes one line per transition to standard output",
        """{ "format": "text" }""");

    public async Task NotifyAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // One write for the whole line, so that lines of other writers don't get into it.
        byte[] line = _options.Format == "json" ? [.. delivery.Json.Span, (byte)'\n'] : Text(delivery.Transition);
        await _output.WriteAsync(line, cancellationToken);
        await _output.FlushAsync(cancellationToken);
    }

    private byte[] Text(Transition transition)
    {
        string line = TransitionText.Line(transition);
        return System.Text.Encoding.UTF8.GetBytes((_isColoured ? SeverityColour.Paint(line, transition.Severity) : line) + "\n");
    }
}
