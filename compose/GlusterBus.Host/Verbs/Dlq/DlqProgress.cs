using System.Globalization;

namespace GlusterBus.Host.Verbs.Dlq;

/// <summary>Tells on standard error how far long work is: in place on a terminal, else in a line now and then. Ends with the whole count, also when the work was cut short.</summary>
/// <param name="what">What is done to each message, such as <c>sent back to …</c>.</param>
/// <param name="total">How many there are.</param>
/// <param name="clock">Times the news.</param>
internal sealed class DlqProgress(string what, long total, TimeProvider clock) : IProgress<long>, IDisposable
{
    private static readonly TimeSpan OnTerminal = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan InLog = TimeSpan.FromSeconds(10);

    private long _told = clock.GetTimestamp();
    private long _done;

    public void Report(long value)
    {
        _done = value;
        if (clock.GetElapsedTime(_told) < (Console.IsErrorRedirected ? InLog : OnTerminal))
        {
            return;
        }

        _told = clock.GetTimestamp();
        string line = string.Create(CultureInfo.InvariantCulture, $"{value} of {total} {what}");
        Console.Error.Write(Console.IsErrorRedirected ? line + "\n" : "\r" + line);
    }

    public void Dispose()
    {
        if (_done > 0)
        {
            string rest = _done < total ? string.Create(CultureInfo.InvariantCulture, $", {total - _done} stay") : "";
            Console.Error.WriteLine((Console.IsErrorRedirected ? "" : "\r") + string.Create(CultureInfo.InvariantCulture, $"{_done} {what}{rest}"));
        }
    }
}
