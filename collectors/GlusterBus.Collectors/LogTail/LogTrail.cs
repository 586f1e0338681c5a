using GlusterBus.Contracts.Plugins;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors.LogTail;

/// <summary>One log and the files that rotation made of it, read oldest first.</summary>
/// <remarks>The live file is the one that has the log's name now. When the name moves to another file, or the file begins anew, what was
/// live becomes a rotated file: by the open handle where it was renamed or deleted, by a copy with the same head where it was truncated.</remarks>
internal sealed partial class LogTrail(string log, LogFolder folder, LogStreams streams, ILogPump pump, TimeProvider clock, ILogger logger) : IDisposable
{
    private readonly string _path = folder.PathOf(log);
    private readonly RotatedFiles _rotated = new(log, folder, streams, pump, clock, logger);
    private LogFollower? _live;

    /// <summary>Set at the very first start, while the live file is not known: where reading it begins.</summary>
    public LogStart? FirstStart { get; set; }

    public string Log { get; } = log;

    public string Path => _path;

    public LogKind Kind { get; } = LogFolder.KindOf(log);

    public bool IsIdle => _live is null && _rotated.IsIdle;

    /// <summary>Looks at the live file and the rotated ones and publishes what is new.</summary>
    /// <returns>True when there is more to read at once.</returns>
    /// <exception cref="LogReadException">The live file may not be read; the rotated ones have been looked at.</exception>
    public async ValueTask<bool> PollAsync(LogLineContext context, IObservationSink sink, CancellationToken cancellationToken)
    {
        LogReadException? refused = null;
        try
        {
            LookAtLive();
        }
        catch (LogReadException e)
        {
            refused = e;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            refused = new LogReadException(e.Message, e);
        }

        if (await _rotated.DrainAsync(context, sink, cancellationToken))
        {
            return true;
        }

        if (refused is not null)
        {
            throw refused;
        }

        if (_live is not { Stream: not null, Read: null })
        {
            return false;
        }

        FileStatus before = _live.Source.Status();
        PumpEnd end = await pump.PumpAsync(_live, context with { File = _path }, sink, cancellationToken);
        if (end == PumpEnd.Replaced)
        {
            _rotated.BeginAnew(_live, before.Size);
        }
        else if (end == PumpEnd.Drained)
        {
            _live.Read = before;
        }

        return end != PumpEnd.Drained;
    }

    /// <summary>Takes up rotated files that hold something unread.</summary>
    /// <param name="names">The names of the log's rotated files.</param>
    /// <param name="areOld">True at the very first start: what was rotated before is history.</param>
    public void LookAtRotated(IReadOnlyList<string> names, bool areOld) => _rotated.LookAt(names, areOld);

    /// <summary>Looks at the live file: opens it, learns who it is, or sees that the name moved on.</summary>
    public void LookAtLive()
    {
        FileStatus? now = FileStatus.Of(_path);
        if (_live is not null && now?.Identity != _live.Source.Identity)
        {
            Retire(_live);
        }

        if (now is null)
        {
            FirstStart = null;
            return;
        }

        if (_live is null)
        {
            _live = LogSource.Open(_path) is { } source ? new LogFollower(source, _path) : null;
            _rotated.Live = _live?.Source.Identity;

            // Looked for only now that the live file is open: whatever had the name before it has another one by now, and is older.
            // Two rotations between two looks would else be read in the wrong order, and what is read late counts as late.
            _rotated.LookAgain(areOld: FirstStart is not null);
        }

        if (_live is null || _live.Read == now)
        {
            return;
        }

        _live.Read = null;
        if (_live.Stream is null)
        {
            _rotated.Identify(_live, FirstStart);
            FirstStart = null;
        }

        // Asked again: at the first start the end was looked for after the status was, and the log may have grown in between.
        if (_live.Stream is { } stream && now.Value.Size < stream.Offset && _live.Source.Status().Size is var size && size < stream.Offset)
        {
            _rotated.HasShrunk(_live, size);
        }

        if (_live.Stream is null && _live.Source.ReadHead() is null)
        {
            _live.Read = now;
        }
    }

    /// <summary>Looks at the head of the live file again even if its status did not change: it may have been written anew within one tick of the file system's clock.</summary>
    public void Distrust()
    {
        if (_live is not null)
        {
            _live.Read = null;
            _live.Stream?.SeenAt(clock.GetUtcNow());
        }
    }

    public void Dispose()
    {
        _live?.Dispose();
        _rotated.Dispose();
    }

    private void Retire(LogFollower follower)
    {
        LogRotated(_path);
        _live = null;
        _rotated.Live = null;
        _rotated.Add(follower);
    }

    [LoggerMessage(LogLevel.Debug, "The log {File} was rotated")]
    private partial void LogRotated(string file);
}
