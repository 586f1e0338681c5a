namespace GlusterBus.Collectors.LogTail;

/// <summary>One file by its content, whatever its name: how far it was read. Owned by the tailer's loop.</summary>
internal sealed class LogStream(string log, FileFingerprint fingerprint)
{
    private string? _name;

    public string Log { get; } = log;

    public FileFingerprint Fingerprint { get; } = fingerprint;

    public int Generation { get; private set; }

    /// <summary>All before it is published.</summary>
    public long Offset { get; set; }

    public bool IsClosed { get; set; }

    public FileIdentity Identity { get; set; }

    public DateTimeOffset Seen { get; private set; }

    /// <summary>True when something was published since the checkpoint was last written.</summary>
    public bool HasPublished { get; set; }

    /// <summary>True while a follower reads it; then nobody else may.</summary>
    public bool IsFollowed { get; set; }

    /// <summary>The name of the observations' stream. Offsets repeat once a file was shortened, so a generation is a stream of its own.</summary>
    public string NameOn(string node) => _name ??= $"{node}/logs/{Log}#{Fingerprint}{(Generation > 0 ? $".{Generation}" : "")}";

    /// <summary>The file was cut back to an offset and goes on from there.</summary>
    public void Restart(long offset)
    {
        Generation++;
        Offset = offset;
        HasPublished = true; // A checkpoint that doesn't know of it would soon point into the middle of other lines.
        _name = null;
    }

    /// <summary>The file is there. Kept to the day, so that the checkpoint does not change for it all the time.</summary>
    public void SeenAt(DateTimeOffset now) => Seen = now - Seen >= TimeSpan.FromDays(1) ? now : Seen;

    public static LogStream From(LogPosition position) => new(position.Log, new FileFingerprint(position.Fingerprint))
    {
        Generation = position.Generation,
        Offset = position.Offset,
        IsClosed = position.IsClosed,
        Identity = new FileIdentity(position.Device, position.Inode),
        Seen = position.Seen,
    };

    public LogPosition ToPosition() => new(Log, Fingerprint.Hex, Generation, Offset, IsClosed, Identity.Device, Identity.Inode, Seen);
}

/// <summary>Every file that was ever read, until it is long gone: what is not in it is new.</summary>
internal sealed class LogStreams
{
    /// <summary>How long a file that is no longer there is remembered: it could be back from a backup or a full disk's clean-up.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(7);

    private readonly Dictionary<(string Log, FileFingerprint), LogStream> _byIdentity = [];

    public static LogStreams From(LogCheckpoint checkpoint)
    {
        var streams = new LogStreams();
        foreach (LogPosition position in checkpoint.Logs)
        {
            streams._byIdentity[(position.Log, new FileFingerprint(position.Fingerprint))] = LogStream.From(position);
        }

        return streams;
    }

    public LogCheckpoint ToCheckpoint() => new()
    {
        Logs = [.. _byIdentity.Values.Select(stream => stream.ToPosition()).OrderBy(p => p.Log, StringComparer.Ordinal).ThenBy(p => p.Fingerprint, StringComparer.Ordinal)],
    };

    /// <summary>The stream of a file with this beginning below this log's name, or below a name that rotation may have made it from:
    /// logrotate's <c>extension</c> turns <c>glusterd.log</c> into <c>glusterd-20261122.log</c>, which looks like a log of its own.</summary>
    public LogStream? Find(string log, FileFingerprint fingerprint, FileIdentity identity) =>
        _byIdentity.GetValueOrDefault((log, fingerprint))
        ?? _byIdentity.Values.FirstOrDefault(stream => stream.Fingerprint == fingerprint && (stream.Identity == identity || IsMadeFrom(log, stream.Log)));

    public IEnumerable<LogStream> All => _byIdentity.Values;

    public LogStream Add(string log, FileFingerprint fingerprint) => _byIdentity[(log, fingerprint)] = new LogStream(log, fingerprint);

    public void Forget(DateTimeOffset now)
    {
        foreach (LogStream stream in _byIdentity.Values.Where(stream => !stream.IsFollowed && now - stream.Seen > Memory).ToArray())
        {
            _byIdentity.Remove((stream.Log, stream.Fingerprint));
        }
    }

    private static bool IsMadeFrom(string log, string original) =>
        Path.GetDirectoryName(log.AsSpan()).SequenceEqual(Path.GetDirectoryName(original.AsSpan()))
        && Path.GetFileNameWithoutExtension(log.AsSpan()) is var name
        && Path.GetFileNameWithoutExtension(original.AsSpan()) is var stem
        && name.Length > stem.Length && name.StartsWith(stem, StringComparison.Ordinal) && name[stem.Length] is '-' or '.';
}
