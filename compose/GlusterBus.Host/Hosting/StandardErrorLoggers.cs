using System.Globalization;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Host.Hosting;

/// <summary>Log lines on standard error: with a time for people, with a priority for systemd's journal.</summary>
/// <remarks>Takes the place of the console provider, whose queue and formatters cost memory that a node has better uses for.</remarks>
public sealed class StandardErrorLoggers(TextWriter output, bool forJournal, LogLevel least, TimeProvider clock) : ILoggerProvider
{
    private static readonly string[] Names = ["trace", "debug", "info", "warn", "error", "fatal"];
    private static readonly string[] Priorities = ["<7>", "<7>", "<6>", "<4>", "<3>", "<2>"];

    /// <summary>A factory with this provider alone, as the surroundings want it.</summary>
    public static ILoggerFactory Create(LogLevel least, TimeProvider clock)
    {
        // The journal's own stream is announced in the environment; a terminal on standard error means somebody reads it there instead.
        bool forJournal = Environment.GetEnvironmentVariable("JOURNAL_STREAM") is not null && Console.IsErrorRedirected;
        return LoggerFactory.Create(logging => logging
            .SetMinimumLevel(least)
            // The web server's own news are nobody's.
            .AddFilter("Microsoft", least > LogLevel.Warning ? least : LogLevel.Warning)
            // At a lost connection the bus says a dozen things; our own lines say what matters.
            .AddFilter("MassTransit", least > LogLevel.Debug ? LogLevel.Critical : least)
            .AddProvider(new StandardErrorLoggers(Console.Error, forJournal, least, clock)));
    }

    public ILogger CreateLogger(string categoryName) => new Line(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    public void Dispose()
    {
    }

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        string head = forJournal ? Priorities[(int)level] : clock.GetLocalNow().ToString("HH:mm:ss ", CultureInfo.InvariantCulture) + Names[(int)level].PadRight(6);
        string tail = exception switch
        {
            null => "",
            _ when least <= LogLevel.Debug => $": {exception}",
            _ => $": {exception.GetType().Name}: {exception.Message}",
        };

        // One call for the whole line, so that threads don't mix theirs.
        output.WriteLine($"{head}{category}: {message}{tail}".ReplaceLineEndings(" "));
    }

    private sealed class Line(StandardErrorLoggers owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            owner.Write(logLevel, category, formatter(state, exception), exception);
    }
}
