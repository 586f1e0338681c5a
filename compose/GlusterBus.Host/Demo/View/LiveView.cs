using System.Text;
using GlusterBus.Contracts.Messages;
using Spectre.Console;
using Spectre.Console.Advanced;

namespace GlusterBus.Host.Demo.View;

/// <summary>The full-screen display: what comes in on the left, what goes out on the right, and the arithmetic between them below.</summary>
/// <remarks>Redraws ten times a second at most, and only what <see cref="LiveFrame"/> makes of a copy of the data; the router never waits for the terminal.</remarks>
internal sealed class LiveView : IDemoView
{
    private const int Remembered = 400;
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly Queue<(Observation Observation, string Outcome)> _incoming = new();
    private readonly List<Transition> _outgoing = [];
    private readonly IAnsiConsole _console;
    private readonly TextWriter _raw;
    private readonly Func<Tally> _tally;
    private readonly TimeProvider _clock;
    private readonly int _chapters;
    private readonly TimeSpan _length;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _drawing;
    private (int Width, int Height) _size;
    private (int Number, Chapter Chapter)? _chapter;
    private string? _dashboard;
    private bool _isDown;

    /// <param name="console">Where to draw.</param>
    /// <param name="raw">The same terminal, for the alternate screen.</param>
    /// <param name="tally">Reads the counters.</param>
    /// <param name="chapters">How many chapters there are.</param>
    /// <param name="length">How long the story takes at the speed it is played.</param>
    public LiveView(IAnsiConsole console, TextWriter raw, Func<Tally> tally, int chapters, TimeSpan length, TimeProvider clock)
    {
        (_console, _raw, _tally, _chapters, _length, _clock) = (console, raw, tally, chapters, length, clock);
        _raw.Write("\e[?1049h\e[?25l");
        _raw.Flush();
        _drawing = Task.Run(DrawAsync);
    }

    public void Begin(int number, Chapter chapter)
    {
        lock (_gate)
        {
            _chapter = (number, chapter);
        }
    }

    public void Serves(string dashboard)
    {
        lock (_gate)
        {
            _dashboard = dashboard;
        }
    }

    public void Observed(Observation observation, string outcome)
    {
        lock (_gate)
        {
            _incoming.Enqueue((observation, outcome));
            if (_incoming.Count > Remembered)
            {
                _incoming.Dequeue();
            }
        }
    }

    public void Announced(Transition transition, ReadOnlyMemory<byte> json)
    {
        lock (_gate)
        {
            _outgoing.Add(transition);
        }
    }

    public void Conclude(Verdict? verdict, Tally tally)
    {
        TakeDown();
        _console.Write(LiveSummary.Render(verdict, tally));
    }

    public async ValueTask DisposeAsync()
    {
        TakeDown();
        await _drawing;
        _stopping.Dispose();
    }

    private async Task DrawAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Draw();
            }
            catch (IOException)
            {
                // The terminal was closed: there is nobody to draw for.
                return;
            }

            await Task.Delay(Frame, _clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Draw()
    {
        (int Width, int Height) size = (Math.Max(40, System.Console.WindowWidth), Math.Max(12, System.Console.WindowHeight));
        Tally tally = _tally();
        lock (_gate)
        {
            if (_isDown)
            {
                return;
            }

            if (size != _size)
            {
                _size = size;
                _console.Profile.Width = size.Width;
                _console.Profile.Height = size.Height;
                _raw.Write("\e[2J");
            }

            var frame = new LiveFrame(size.Width, size.Height, [.. _incoming], _outgoing, tally, _chapter, _chapters, _length) { Dashboard = _dashboard };
            var text = new StringBuilder("\e[H");
            text.AppendJoin("\e[K\r\n", frame.Lines().Select(line => _console.ToAnsi(new Markup(line) { Overflow = Overflow.Crop }).TrimEnd('\n')));
            _raw.Write(text.Append("\e[K\e[J").ToString());
            _raw.Flush();
        }
    }

    private void TakeDown()
    {
        lock (_gate)
        {
            if (!_isDown)
            {
                _isDown = true;
                _stopping.Cancel();
                _raw.Write("\e[?25h\e[?1049l");
                _raw.Flush();
            }
        }
    }
}
