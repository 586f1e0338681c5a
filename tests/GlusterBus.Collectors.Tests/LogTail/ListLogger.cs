using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors.Tests.LogTail;

/// <summary>Keeps what was logged at Information and above.</summary>
internal sealed class ListLogger : ILogger
{
    public List<(LogLevel Level, string Text)> Entries { get; } = [];

    public IEnumerable<string> Warnings => Entries.Where(e => e.Level >= LogLevel.Warning).Select(e => e.Text);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Entries.Add((logLevel, formatter(state, exception)));
}
