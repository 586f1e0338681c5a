using GlusterBus.Contracts.Plugins;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors.LogTail;

/// <summary>One log and the files that rotation made of it, read oldest first.</summary>
/// <remarks>The live file is the one that has the log's name now. When the name moves to another file, or the file begins anew, what was
/// live becomes a rotated file: by the open handle where it was renamed or deleted, by a copy with the same head where it was truncated.</remarks>
internal sealed partial class LogTrail(string log, LogFolder folder, LogStreams streams, ILogPump pump, TimeProvider clock, ILogger logger) : IDisposable
{
    /// <summary>A rotated file is kept open until it was quiet for this long: its writer may not have heard of the rotation yet.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromMinutes(1);

    private const int RotatedKeptOpen = 8;

    private readonly string _path = folder.PathOf(log);
    private readonly List<LogFollower> _rotated = [];
    private readonly Dictionary<string, (FileStatus Status, LogStream? Stream)> _settled = [];
    private LogFollower? _live;

    /// <summary>Set at the very first start, while the live file is not known: where reading it begins.</summary>
    public LogStart? FirstStart { get; set; }

    public string Log { get; } = log;

    public string Path => _path;

    public LogKind Kind { get; } = LogFolder.KindOf(log);

    public bool IsIdle => _live is null && _rotated.Count == 0;

    /// <summary>Looks at the live file and the rotated ones and publishes what is new.</summary>
    /// <returns>True when there is more to read at once.</returns>
    /// <exception cref="UnauthorizedAccessException">The live file may not be read; the rotated ones have been looked at.</exception>
    public async ValueTask<bool> PollAsync(LogLineContext context, IObservationSink sink, CancellationToken cancellationToken)
    {
        UnauthorizedAccessException? refused = null;
        try
        {
            LookAtLive();
        }
        catch (UnauthorizedAccessException e)
        {
            refused = e;
        }

        if (await DrainRotatedAsync(context, sink, cancellationToken))
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
            BeginAnew(_live, before.Size);
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
    public void LookAtRotated(IReadOnlyList<string> names, bool areOld = false)
    {
        foreach (string gone in _settled.Keys.Except(names).ToArray())
        {
            _settled.Remove(gone);
        }

        // Of several copies the plain one is read, and the longest: another may be in the making.
        foreach ((string name, FileStatus status) in names
            .Select(name => (Name: name, Status: FileStatus.Of(folder.PathOf(name))))
            .Where(file => file.Status is { IsRegular: true })
            .Select(file => (file.Name, file.Status!.Value))
            .OrderBy(file => file.Name.EndsWith(".gz", StringComparison.Ordinal))
            .ThenByDescending(file => file.Value.Size))
        {
            if (_settled.TryGetValue(name, out (FileStatus Status, LogStream? Stream) settled) && settled.Status == status)
            {
                MarkSeen(settled.Stream);
            }
            else if (!Followers().Any(follower => follower.Source.Identity == status.Identity))
            {
                TakeUp(name, status, areOld);
            }
        }

        _rotated.Sort((a, b) => a.StartedAt.CompareTo(b.StartedAt));
    }

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
        }

        if (_live is null || _live.Read == now)
        {
            return;
        }

        _live.Read = null;
        if (_live.Stream is null)
        {
            Identify(_live, FirstStart);
            FirstStart = null;
        }

        if (_live.Stream is { } stream && now.Value.Size < stream.Offset)
        {
            HasShrunk(_live, now.Value.Size);
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
            MarkSeen(_live.Stream);
        }
    }

    public void Dispose()
    {
        foreach (LogFollower follower in Followers())
        {
            follower.Dispose();
        }
    }

    private IEnumerable<LogFollower> Followers() => _live is null ? _rotated : _rotated.Append(_live);

    private void Retire(LogFollower follower)
    {
        LogRotated(_path);
        _live = null;
        follower.Read = null;
        follower.QuietSince = clock.GetTimestamp();
        _rotated.Add(follower);
        LookAtRotated(folder.RotatedOf(Log));
    }

    /// <summary>Less is there than was read.</summary>
    private void HasShrunk(LogFollower follower, long size)
    {
        LogHead head = follower.Head!;
        if (size >= head.Bytes.Length && follower.Source.StillBeginsWith(head.Bytes))
        {
            LogShortened(follower.File, size);
            follower.Stream!.Restart(EndOfLastLine(follower.Source, size));
        }
        else
        {
            BeginAnew(follower, size);
        }
    }

    /// <summary>The file was truncated: the rest of what it was is in a copy, or lost.</summary>
    private void BeginAnew(LogFollower follower, long size)
    {
        LogStream stream = follower.Release()!;
        LookAtRotated(folder.RotatedOf(Log));
        if (stream.IsFollowed)
        {
            LogCopied(_path);
        }
        else
        {
            LogTruncated(_path, size);
        }

        Identify(follower, null);
    }

    private void TakeUp(string name, FileStatus status, bool areOld)
    {
        string path = folder.PathOf(name);
        bool isCompressed = name.EndsWith(".gz", StringComparison.Ordinal);
        LogSource? source = null;
        try
        {
            source = LogSource.Open(path);
            LogHead? head = source?.ReadHead();
            LogStream? stream = head is null ? null : streams.Find(Log, head.Fingerprint, status.Identity);
            if (head is not null && stream is null)
            {
                stream = streams.Add(Log, head.Fingerprint);
                if (areOld)
                {
                    stream.IsClosed = true;
                    stream.Offset = isCompressed ? long.MaxValue : EndOfLastLine(source!, status.Size);
                }
            }

            MarkSeen(stream);
            if (stream is { IsFollowed: true })
            {
                return;
            }

            if (stream is null || (stream.IsClosed && (isCompressed || status.Size <= stream.Offset)))
            {
                _settled[name] = (status, stream);
                return;
            }

            stream.IsClosed = false;
            var follower = new LogFollower(source!, path) { QuietSince = clock.GetTimestamp() };
            follower.Follow(stream, head!);
            _rotated.Add(follower);
            source = null;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            LogUnreadable(path, e.Message);
            _settled[name] = (status, null);
        }
        finally
        {
            source?.Dispose();
        }
    }

    /// <returns>True when the rotated files hold more: the live file, which is younger, has to wait.</returns>
    private async ValueTask<bool> DrainRotatedAsync(LogLineContext context, IObservationSink sink, CancellationToken cancellationToken)
    {
        for (int i = 0; i < _rotated.Count; i++)
        {
            LogFollower follower = _rotated[i];
            FileStatus now = follower.Source.Status();
            bool isDone = false;
            if (follower.Read != now)
            {
                follower.Read = null;
                follower.QuietSince = clock.GetTimestamp();
                if (follower.Stream is null)
                {
                    Identify(follower, null);
                }

                try
                {
                    // What was renamed may have been truncated just before.
                    if (follower.Source is PlainLogSource && now.Size < follower.Stream?.Offset)
                    {
                        HasShrunk(follower, now.Size);
                        return true;
                    }

                    PumpEnd end = follower.Stream is null ? PumpEnd.Drained : await pump.PumpAsync(follower, context with { File = follower.File }, sink, cancellationToken);
                    if (end == PumpEnd.Replaced)
                    {
                        BeginAnew(follower, now.Size);
                    }

                    if (end != PumpEnd.Drained)
                    {
                        return true;
                    }

                    isDone = follower.Source is GzipLogSource;
                    follower.Read = now;
                }
                catch (InvalidDataException e)
                {
                    LogUnreadable(follower.File, e.Message);
                    isDone = true;
                }
            }

            if (isDone || _rotated.Count > RotatedKeptOpen || clock.GetElapsedTime(follower.QuietSince) >= Linger)
            {
                Close(follower);
                i--;
            }
        }

        return false;
    }

    private void Close(LogFollower follower)
    {
        if (follower.Stream is { } stream)
        {
            stream.IsClosed = true;
        }

        _rotated.Remove(follower);
        follower.Dispose();
    }

    /// <summary>Learns from the first record which stream the file is.</summary>
    private void Identify(LogFollower follower, LogStart? firstStart)
    {
        if (follower.Source.ReadHead() is not { } head)
        {
            return;
        }

        LogStream? stream = streams.Find(Log, head.Fingerprint, follower.Source.Identity);
        if (stream is null)
        {
            stream = streams.Add(Log, head.Fingerprint);
            stream.Offset = firstStart == LogStart.End ? EndOfLastLine(follower.Source, follower.Source.Status().Size) : 0;
        }
        else if (stream.IsFollowed)
        {
            // The file was put back under its name, or copied there: the name counts. Another log's stream is left to that log.
            if (_rotated.Find(other => other.Stream == stream) is not { } other || other == follower)
            {
                return;
            }

            _rotated.Remove(other);
            other.Dispose();
        }

        stream.IsClosed = false;
        MarkSeen(stream);
        follower.Follow(stream, head);
    }

    private void MarkSeen(LogStream? stream)
    {
        if (stream is not null && clock.GetUtcNow() is var now && now - stream.Seen >= TimeSpan.FromDays(1))
        {
            stream.Seen = now;
        }
    }

    /// <summary>The offset after the last line feed before <paramref name="size"/>; <paramref name="size"/> when the last line is longer than one megabyte.</summary>
    private static long EndOfLastLine(LogSource source, long size)
    {
        byte[] block = new byte[64 * 1024];
        for (long end = size; end > 0 && end > size - (1024 * 1024);)
        {
            long start = Math.Max(0, end - block.Length);
            int count = source.Read(block.AsSpan(0, (int)(end - start)), start);
            int feed = block.AsSpan(0, count).LastIndexOf((byte)'\n');
            if (feed >= 0)
            {
                return start + feed + 1;
            }

            end = start;
        }

        return size <= 1024 * 1024 ? 0 : size;
    }

    [LoggerMessage(LogLevel.Debug, "The log {File} was rotated")]
    private partial void LogRotated(string file);

    [LoggerMessage(LogLevel.Debug, "The log {File} was copied and truncated")]
    private partial void LogCopied(string file);

    [LoggerMessage(LogLevel.Information, "The log {File} was truncated to {Size} bytes and no copy with unread lines was found")]
    private partial void LogTruncated(string file, long size);

    [LoggerMessage(LogLevel.Warning, "The log {File} was shortened to {Size} bytes without a new beginning; lines written before its end was seen again may be missing")]
    private partial void LogShortened(string file, long size);

    [LoggerMessage(LogLevel.Warning, "The rotated log {File} can't be read: {Reason}")]
    private partial void LogUnreadable(string file, string reason);
}
