using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors.Publishing.Spooling;

/// <summary>A bounded queue on disk for what can't be read again: segment files of records. At the bound the oldest segment gives way, counted.</summary>
/// <remarks>Not thread-safe. A record counts as kept when <see cref="TryAppend"/> returned true, and then outlives the process.</remarks>
internal sealed partial class Spool : IDisposable
{
    private const int LeastSegment = 64 * 1024;
    private const int MostSegment = 8 * 1024 * 1024;

    private readonly string _folder;
    private readonly long _maximumBytes;
    private readonly int _segmentBytes;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly SpoolLosses _losses;
    private readonly Queue<SpoolSegment> _segments = new();
    private SpoolSegment? _last;
    private bool _isRefusing;

    /// <summary>Opens the spool with what earlier processes left in it.</summary>
    /// <param name="folder">The folder of the segments; made when it is missing.</param>
    /// <param name="maximumBytes">The most bytes of all segments together.</param>
    public Spool(string folder, long maximumBytes, TimeProvider clock, ILogger logger)
    {
        (_folder, _maximumBytes, _clock, _logger) = (folder, maximumBytes, clock, logger);
        _segmentBytes = (int)Math.Clamp(maximumBytes / 64, LeastSegment, MostSegment);
        _losses = new SpoolLosses(Path.Combine(folder, "dropped.json"), clock.GetUtcNow(), logger);
        Tail = _losses.Through;
        if (Directory.Exists(folder))
        {
            Recover();
        }
    }

    /// <summary>The index of the first record that is not confirmed; <see cref="Tail"/> when there is none.</summary>
    public long Head => _segments.TryPeek(out SpoolSegment? first) ? first.Head : Tail;

    /// <summary>The index that the next record will get.</summary>
    public long Tail { get; private set; }

    public bool IsEmpty => Head == Tail;

    /// <summary>How many bytes the files take.</summary>
    public long Bytes { get; private set; }

    /// <summary>Records below this index are under way to the broker and can't be dropped.</summary>
    public long UnderWay { get; set; }

    /// <summary>What was dropped and is not reported; null when there is nothing.</summary>
    public SpoolLoss? Loss => _losses.Unreported;

    /// <summary>Keeps a batch. False when that is impossible now: the disk is full or refuses, or what would have to give way is under way.</summary>
    public bool TryAppend(ReadOnlySpan<byte> payload, int observations)
    {
        int length = SpoolRecord.HeaderLength + payload.Length;
        if (length + SpoolSegment.HeaderLength > _maximumBytes)
        {
            return Refuse($"{observations} observations take {length} bytes, more than the whole spool may; raise spool.maximumMegabytes");
        }

        try
        {
            while (Bytes + length + (NeedsSegment(length) ? SpoolSegment.HeaderLength : 0) > _maximumBytes)
            {
                if (_segments.Peek().First < UnderWay)
                {
                    return false;
                }

                if (!DropOldest())
                {
                    return Refuse("what is dropped can't be counted");
                }
            }

            Append(payload, observations, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refuse(e.Message);
        }

        if (_isRefusing)
        {
            _isRefusing = false;
            LogTakesAgain(_folder);
        }

        return true;
    }

    /// <summary>The records that are not confirmed, in order. Read them before anything else is done to the spool.</summary>
    public IEnumerable<SpoolRecord> Unconfirmed() => _segments.SelectMany(segment => segment.Unconfirmed());

    /// <summary>Forgets records that the broker has, and deletes the files that hold no others.</summary>
    /// <param name="records">The oldest ones, in order, none left out.</param>
    public void Confirm(IReadOnlyList<SpoolRecord> records)
    {
        for (int next = 0; next < records.Count;)
        {
            SpoolSegment segment = _segments.Peek();
            SpoolRecord[] own = [.. records.Skip(next).TakeWhile(record => record.Index < segment.End)];
            next += own.Length;
            Quietly(() => segment.Confirm(own));
            if (segment.Head == segment.End)
            {
                Remove(segment);
            }
        }
    }

    /// <summary>Counts a record as dropped that can't be understood; it is confirmed with its neighbours.</summary>
    public void CountUnreadable(SpoolRecord record, string reason)
    {
        _losses.TryCount(record.Observations, _segments.Peek().CreatedAt, through: 0);
        LogUnreadable(record.Index, record.Observations, reason);
    }

    /// <summary>Drops the oldest segment, counted, because it can't be read.</summary>
    public void AbandonOldest(string reason)
    {
        SpoolSegment oldest = _segments.Peek();
        LogUnreadableFile(oldest.Path, oldest.Waiting, reason);
        if (!DropOldest())
        {
            // Not even counting works; reading it again and again would hold up everything else.
            Remove(oldest);
        }
    }

    /// <summary>A report of <see cref="Loss"/> is safe with the broker.</summary>
    public void Reported(SpoolLoss loss) => _losses.Reported(loss);

    public void Dispose()
    {
        foreach (SpoolSegment segment in _segments)
        {
            segment.Dispose();
        }
    }

    private bool NeedsSegment(int length) => _last is null || _last.Bytes + length > _segmentBytes;

    private void Append(ReadOnlySpan<byte> payload, int observations, int length)
    {
        if (NeedsSegment(length))
        {
            Directory.CreateDirectory(_folder);
            if (_segments.Count > 1)
            {
                _last?.Rest();
            }

            _last = SpoolSegment.Create(_folder, Tail, _clock.GetUtcNow());
            _segments.Enqueue(_last);
            Bytes += _last.Bytes;
        }

        _last!.Append(payload, observations);
        Bytes += length;
        Tail = _last.End;
    }

    private bool DropOldest()
    {
        SpoolSegment oldest = _segments.Peek();
        long observations = oldest.Waiting;
        bool isNews = Loss is null;

        // Counted first: a crash in between leaves a file that is known to be counted.
        if (!_losses.TryCount(observations, oldest.CreatedAt, oldest.End))
        {
            return false;
        }

        Remove(oldest);
        PublishingMetrics.Dropped(observations);
        if (isNews)
        {
            LogDropping(observations, _maximumBytes >> 20);
        }

        return true;
    }

    private void Remove(SpoolSegment segment)
    {
        _segments.Dequeue();
        _last = ReferenceEquals(segment, _last) ? null : _last;
        Bytes -= segment.Bytes;
        Quietly(segment.Delete);
    }

    private void Recover()
    {
        foreach (string path in Directory.GetFiles(_folder, "*" + SpoolSegment.Extension).Order(StringComparer.Ordinal))
        {
            SpoolSegment? segment = SpoolSegment.Open(path, out int cut);
            if (segment is null || segment.Head == segment.End || segment.First < _losses.Through)
            {
                // Never begun, done, or counted as dropped.
                segment?.Dispose();
                Quietly(() => File.Delete(path));
                continue;
            }

            if (cut > 0)
            {
                LogCut(path, cut);
            }

            segment.Rest();
            _segments.Enqueue(_last = segment);
            Bytes += segment.Bytes;
            Tail = segment.End;
        }
    }

    private bool Refuse(string reason)
    {
        if (!_isRefusing)
        {
            _isRefusing = true;
            LogRefuses(_folder, reason);
        }

        return false;
    }

    /// <summary>For what may fail without harm: a record that stays is sent again, and the router knows it.</summary>
    private void Quietly(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogStays(_folder, e.Message);
        }
    }

    [LoggerMessage(LogLevel.Error, "The broker is away and the spool is full at {Megabytes} MiB: the oldest observations are dropped, {Count} at first. All are counted and reported when the broker is back; raise spool.maximumMegabytes to keep more")]
    private partial void LogDropping(long count, long megabytes);

    [LoggerMessage(LogLevel.Error, "The spool {Folder} can't take observations: {Reason}. Free some space or mend the folder; until then the sources wait")]
    private partial void LogRefuses(string folder, string reason);

    [LoggerMessage(LogLevel.Information, "The spool {Folder} takes observations again")]
    private partial void LogTakesAgain(string folder);

    [LoggerMessage(LogLevel.Warning, "The last {Bytes} bytes of {File} were not written completely, since the process or the machine ended; they were cut off")]
    private partial void LogCut(string file, int bytes);

    [LoggerMessage(LogLevel.Error, "Record {Index} of the spool with {Count} observations can't be understood and is dropped: {Reason}")]
    private partial void LogUnreadable(long index, int count, string reason);

    [LoggerMessage(LogLevel.Error, "The spool's file {File} with {Count} observations can't be read and is dropped: {Reason}")]
    private partial void LogUnreadableFile(string file, long count, string reason);

    [LoggerMessage(LogLevel.Debug, "Something stays in the spool {Folder} that was to go: {Reason}")]
    private partial void LogStays(string folder, string reason);
}
