namespace GlusterBus.Collectors.LogTail;

/// <summary>One open log file and the stream that is read from it. Owned by its trail.</summary>
internal sealed class LogFollower(LogSource source, string file) : IDisposable
{
    public LogSource Source { get; } = source;

    /// <summary>The path it was opened by, for evidence; it may have another name by now.</summary>
    public string File { get; } = file;

    /// <summary>Null until the first record is complete: who the file is isn't known before.</summary>
    public LogStream? Stream { get; private set; }

    public LogHead? Head { get; private set; }

    /// <summary>The status before everything it told of was read; null while there may be more.</summary>
    public FileStatus? Read { get; set; }

    /// <summary>The timestamp of the last growth.</summary>
    public long QuietSince { get; set; }

    /// <summary>No line feed is between the stream's offset and here: a line longer than the buffer is being written.</summary>
    public long SearchedUpTo { get; set; }

    /// <summary>Orders the files of one log, oldest first.</summary>
    public DateTimeOffset StartedAt { get; private set; } = source.Status().ModifiedAt;

    public void Follow(LogStream stream, LogHead head)
    {
        Stream = stream;
        Head = head;
        StartedAt = head.Stamp ?? StartedAt;
        SearchedUpTo = 0;
        stream.IsFollowed = true;
        stream.Identity = Source.Identity;
    }

    /// <summary>Lets go of the stream; the file stays open.</summary>
    public LogStream? Release()
    {
        LogStream? stream = Stream;
        if (stream is not null)
        {
            stream.IsFollowed = false;
        }

        Stream = null;
        Head = null;
        Read = null;
        return stream;
    }

    public void Dispose()
    {
        Release();
        Source.Dispose();
    }
}
