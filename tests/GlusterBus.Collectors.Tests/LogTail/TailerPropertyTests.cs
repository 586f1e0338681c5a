using FsCheck;
using FsCheck.Fluent;

namespace GlusterBus.Collectors.Tests.LogTail;

/// <summary>Random lives of a log, lived by the tailer and by a plain model of it.</summary>
public sealed class TailerPropertyTests
{
    private enum Step
    {
        WriteLine, WritePart, Poll, PollOften, Rename, CopyTruncate, Truncate, DeleteAndCreate, Compress, Kill, Stop, FailEarly, FailLate, Wait,
    }

    /// <summary>How often each step is drawn.</summary>
    private static readonly Step[] Steps =
    [
        .. Enumerable.Repeat(Step.WriteLine, 10), .. Enumerable.Repeat(Step.WritePart, 3), .. Enumerable.Repeat(Step.Poll, 6), Step.PollOften,
        Step.Rename, Step.Rename, Step.CopyTruncate, Step.CopyTruncate, Step.Truncate, Step.DeleteAndCreate, Step.Compress, Step.Kill, Step.Kill,
        Step.Stop, Step.FailEarly, Step.FailLate, Step.Wait,
    ];

    [Fact]
    public void Every_complete_line_that_could_be_read_is_told_exactly_once_and_in_the_order_of_its_file()
    {
        Arbitrary<int[]> lives = Arb.From(
            Gen.Choose(0, Steps.Length - 1).ArrayOf(),
            life => life.Select((_, i) => life.Where((_, j) => j != i).ToArray()));
        Prop.ForAll(lives, life =>
        {
            using var world = new Life();
            foreach (int step in life)
            {
                world.Do(Steps[step]);
            }

            string? verdict = world.Verdict();
            return (verdict is null).Label($"{string.Join(' ', life.Select(s => Steps[s]))}: {verdict}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithEndSize(100).WithReplay(20261122, 1));
    }

    /// <summary>The model: which lines must be told, which may be, and which file each was written to.</summary>
    private sealed class Life : IDisposable
    {
        private const string Log = "glusterd.log";
        private readonly TailedFolder _folder = new(bufferLength: 2048);
        private readonly List<string> _failures = [];

        /// <summary>Lines of the present file that are on disk, complete.</summary>
        private readonly List<string> _live = [];

        /// <summary>Every line by the file it was written to.</summary>
        private readonly Dictionary<string, int> _fileOf = [];

        private readonly HashSet<string> _required = [];

        /// <summary>Lines whose file has no name any more: only the tailer's open handle has them.</summary>
        private readonly HashSet<string> _onlyByHandle = [];
        private int _file;
        private int _line;
        private string? _part;
        private bool _isRunning;
        private bool _isLiveOpen;

        public Life()
        {
            Write("");
            _folder.Start();
            _isRunning = true;
        }

        public void Do(Step step)
        {
            switch (step)
            {
                case Step.WriteLine:
                    FinishPart();
                    Write(_folder.Stamp() + NextLine() + "\n");
                    Complete();
                    break;
                case Step.WritePart when _part is null:
                    _part = _folder.Stamp() + NextLine();
                    Write(_part[..(_part.Length / 2)]);
                    _part = _part[(_part.Length / 2)..];
                    break;
                case Step.WritePart:
                    FinishPart();
                    break;
                case Step.Poll:
                    Poll();
                    break;
                case Step.PollOften:
                    Try(_folder.Settle);
                    break;
                case Step.Wait:
                    _folder.Clock.Advance(TimeSpan.FromMinutes(2));
                    break;
                case Step.Rename when File.Exists(_folder.PathOf(Log)):
                    FinishPart();
                    Shift();
                    _folder.Rename(Log, Log + ".1");
                    BeginFile();
                    break;
                case Step.CopyTruncate when File.Exists(_folder.PathOf(Log)):
                    Shift();
                    _folder.CopyTruncate(Log, Log + ".1");
                    BeginFile();
                    break;
                case Step.Truncate when File.Exists(_folder.PathOf(Log)):
                    Forgive(_live);
                    _folder.Truncate(Log);
                    BeginFile();
                    break;
                case Step.DeleteAndCreate when File.Exists(_folder.PathOf(Log)):
                    FinishPart();
                    LoseName(_live);
                    _folder.Delete(Log);
                    BeginFile();
                    Write("");
                    break;
                case Step.Compress when File.Exists(_folder.PathOf(Log + ".2")):
                    _folder.Compress(Log + ".2");
                    break;
                case Step.Kill:
                    _folder.Kill();
                    Ended();
                    break;
                case Step.Stop:
                    _folder.Stop();
                    Ended();
                    break;
                case Step.FailEarly or Step.FailLate:
                    (_folder.FailAfter, _folder.FailsLate) = (0, step == Step.FailLate);
                    Poll();
                    _folder.FailAfter = null;
                    break;
            }
        }

        /// <summary>Null when the law was kept.</summary>
        public string? Verdict()
        {
            FinishPart();
            Try(_folder.Settle);
            var lines = _folder.Lines.ToList();
            _failures.AddRange(_required.Except(lines).Select(line => $"{line} is missing"));
            _failures.AddRange(lines.GroupBy(line => line).Where(g => g.Count() > 1).Select(g => $"{g.Key} came {g.Count()} times"));
            _failures.AddRange(lines.Where(line => !_fileOf.ContainsKey(line)).Select(line => $"'{line}' was never written"));
            _failures.AddRange(lines.GroupBy(line => _fileOf.GetValueOrDefault(line)).Where(file => !file.SequenceEqual(file.OrderBy(Number))).Select(file => $"file {file.Key} is out of order"));
            return _failures.Count == 0 ? null : string.Join("; ", _failures);
        }

        public void Dispose() => _folder.Dispose();

        private static int Number(string line) => int.Parse(line.AsSpan(5), null);

        private void Poll() => Try(_folder.Poll);

        private void Try(Action action)
        {
            try
            {
                action();
                _isLiveOpen = File.Exists(_folder.PathOf(Log));
                _isRunning = true;
            }
            catch (SinkLostException)
            {
                // What the runner does: the collector is started again.
                _folder.Stop();
                Ended();
            }
        }

        private void Ended()
        {
            Forgive(_onlyByHandle);
            _onlyByHandle.Clear();
            (_isRunning, _isLiveOpen) = (false, false);
        }

        private string NextLine()
        {
            string line = $"line {_line++}";
            _fileOf[line] = _file;
            return line;
        }

        private void Write(string text) => _folder.WriteRaw(Log, text);

        private void Complete()
        {
            string line = $"line {_line - 1}";
            _live.Add(line);
            _required.Add(line);
        }

        private void FinishPart()
        {
            if (_part is not null)
            {
                Write(_part + "\n");

                // Where a truncation cut off its begin, what is left is no record.
                if (_fileOf[$"line {_line - 1}"] == _file)
                {
                    Complete();
                }

                _part = null;
            }
        }

        private void BeginFile()
        {
            _live.Clear();
            _file++;
            _isLiveOpen = false;
        }

        /// <summary>Rotated files move up by one.</summary>
        private void Shift()
        {
            foreach (string end in new[] { "", ".gz" })
            {
                for (int i = 80; i > 0; i--)
                {
                    if (File.Exists(_folder.PathOf($"{Log}.{i}{end}")))
                    {
                        _folder.Rename($"{Log}.{i}{end}", $"{Log}.{i + 1}{end}");
                    }
                }
            }
        }

        private void LoseName(IEnumerable<string> lines)
        {
            if (_isRunning && _isLiveOpen)
            {
                _onlyByHandle.UnionWith(lines);
            }
            else
            {
                Forgive(lines);
            }
        }

        private void Forgive(IEnumerable<string> lines) => _required.ExceptWith([.. lines.Except(_folder.Lines)]);
    }
}
