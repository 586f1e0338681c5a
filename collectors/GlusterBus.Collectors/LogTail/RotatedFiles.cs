using GlusterBus.Contracts.Plugins;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors.LogTail;

/// <summary>What rotation made of one log: files that have another name by now, or none. Knows by content which file is which.</summary>
internal sealed partial class RotatedFiles(string log, LogFolder folder, LogStreams streams, ILogPump pump, TimeProvider clock, ILogger logger) : IDisposable
{
    /// <summary>A rotated file is kept open until it was quiet for this long: its writer may not have heard of the rotation yet.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromMinutes(1);

    private const int KeptOpen = 8;

    private readonly string _path = folder.PathOf(log);
    private readonly List<LogFollower> _files = [];
    private readonly Dictionary<string, (FileStatus Status, LogStream? Stream)> _settled = [];
    private readonly HashSet<string> _unreadable = [];

    public bool IsIdle => _files.Count == 0;

    /// <summary>The file that has the log's own name at present.</summary>
    public FileIdentity? Live { get; set; }

    /// <summary>Goes on with a file that lost the log's name.</summary>
    public void Add(LogFollower follower)
    {
        follower.Read = null;
        follower.QuietSince = clock.GetTimestamp();
        _files.Add(follower);
        LookAgain();
    }

    /// <summary>Takes up rotated files that hold something unread.</summary>
    /// <param name="names">The names of the log's rotated files.</param>
    /// <param name="areOld">True at the very first start: what was rotated before is history.</param>
    public void LookAt(IReadOnlyList<string> names, bool areOld = false)
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
                settled.Stream?.SeenAt(clock.GetUtcNow());
            }
            else if (status.Identity != Live && !_files.Exists(follower => follower.Source.Identity == status.Identity))
            {
                TakeUp(name, status, areOld);
            }
        }

        _files.Sort((a, b) => a.StartedAt.CompareTo(b.StartedAt));
    }

    /// <summary>Publishes what is new in the rotated files, oldest first, and closes those that had their time.</summary>
    /// <returns>True when the rotated files hold more: the live file, which is younger, has to wait.</returns>
    public async ValueTask<bool> DrainAsync(LogLineContext context, IObservationSink sink, CancellationToken cancellationToken)
    {
        for (int i = 0; i < _files.Count; i++)
        {
            LogFollower follower = _files[i];
            FileStatus now = follower.Source.Status();
            bool isDone = false;
            if (follower.Read != now)
            {
                follower.Read = null;
                follower.QuietSince = clock.GetTimestamp();
                try
                {
                    if (follower.Stream is null)
                    {
                        Identify(follower, null);
                    }

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
                catch (LogReadException e)
                {
                    TellUnreadable(follower.File, e);
                    isDone = true;
                }
            }

            if (isDone || _files.Count > KeptOpen || clock.GetElapsedTime(follower.QuietSince) >= Linger)
            {
                Close(follower);
                i--;
            }
        }

        return false;
    }

    /// <summary>Less is there than was read.</summary>
    public void HasShrunk(LogFollower follower, long size)
    {
        LogHead head = follower.Head!;
        if (size >= head.Bytes.Length && follower.Source.StillBeginsWith(head.Bytes))
        {
            LogShortened(follower.File, size);
            follower.Stream!.Restart(follower.Source.EndOfLastLine(size));
        }
        else
        {
            BeginAnew(follower, size);
        }
    }

    /// <summary>The file was truncated: the rest of what it was is in a copy, or lost.</summary>
    public void BeginAnew(LogFollower follower, long size)
    {
        LogStream stream = follower.Release()!;
        LookAgain();
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

    /// <summary>Learns from the first record which stream the file is.</summary>
    public void Identify(LogFollower follower, LogStart? firstStart)
    {
        if (follower.Source.ReadHead() is not { } head)
        {
            return;
        }

        LogStream? stream = streams.Find(log, head.Fingerprint, follower.Source.Identity);
        if (stream is null)
        {
            stream = streams.Add(log, head.Fingerprint);
            stream.Offset = firstStart == LogStart.End ? follower.Source.EndOfLastLine(follower.Source.Status().Size) : 0;
        }
        else if (stream.IsFollowed)
        {
            // The file was put back under its name, or copied there: the name counts. Another log's stream is left to that log.
            if (_files.Find(other => other.Stream == stream) is not { } other || other == follower)
            {
                return;
            }

            _files.Remove(other);
            other.Dispose();
        }

        stream.IsClosed = false;
        stream.SeenAt(clock.GetUtcNow());
        follower.Follow(stream, head);
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
            LogStream? stream = head is null ? null : streams.Find(log, head.Fingerprint, status.Identity);
            if (head is not null && stream is null)
            {
                stream = streams.Add(log, head.Fingerprint);
                if (areOld)
                {
                    stream.IsClosed = true;
                    stream.Offset = isCompressed ? long.MaxValue : source!.EndOfLastLine(status.Size);
                }
            }

            stream?.SeenAt(clock.GetUtcNow());
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
            _files.Add(follower);
            source = null;
        }
        catch (Exception e) when (e is LogReadException or IOException or UnauthorizedAccessException)
        {
            TellUnreadable(path, e);
            _settled[name] = (status, null);
        }
        finally
        {
            source?.Dispose();
        }
    }

    /// <summary>Looks now which rotated files there are.</summary>
    /// <param name="areOld">True at the very first start: what was rotated before is history.</param>
    public void LookAgain(bool areOld = false)
    {
        try
        {
            LookAt(folder.RotatedOf(log), areOld);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next full look at the folder finds them, or tells why it can't.
        }
    }

    private void TellUnreadable(string path, Exception reason)
    {
        if (_unreadable.Add(path))
        {
            LogUnreadable(path, reason.Message);
        }
    }

    private void Close(LogFollower follower)
    {
        if (follower.Stream is { } stream)
        {
            stream.IsClosed = true;
        }

        _files.Remove(follower);
        follower.Dispose();
    }

    public void Dispose() => _files.ForEach(follower => follower.Dispose());

    [LoggerMessage(LogLevel.Debug, "The log {File} was copied and truncated")]
    private partial void LogCopied(string file);

    [LoggerMessage(LogLevel.Information, "The log {File} was truncated to {Size} bytes and no copy with unread lines was found")]
    private partial void LogTruncated(string file, long size);

    [LoggerMessage(LogLevel.Warning, "The log {File} was shortened to {Size} bytes without a new beginning; lines written before its end was seen again may be missing")]
    private partial void LogShortened(string file, long size);

    [LoggerMessage(LogLevel.Warning, "The rotated log {File} can't be read: {Reason}")]
    private partial void LogUnreadable(string file, string reason);
}
