using GlusterBus.Collectors.Checkpoints;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Plugins;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors.LogTail;

/// <summary>Follows all logs of one folder. Every call to <see cref="PollAsync"/> is one look; nothing here waits or runs by itself.</summary>
/// <remarks>Exactly once across any crash comes from two halves: an offset moves only after its lines are published, and what is read again
/// after a restart carries the same stream and sequence, so the router knows it. The checkpoint may therefore lag behind at no cost but reading.</remarks>
internal sealed partial class LogTailer : IDisposable
{
    /// <summary>More logs than this are not followed: each keeps a file open.</summary>
    public const int MaximumLogs = 1024;

    private static readonly TimeSpan LookForNew = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookAtAll = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SavePublished = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SaveRead = TimeSpan.FromSeconds(10);

    private readonly LogsOptions _options;
    private readonly NodeContext _node;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ILogPump _pump;
    private readonly LogFolder _folder;
    private readonly CheckpointFile<LogCheckpoint> _file;
    private readonly SortedDictionary<string, LogTrail> _trails = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refused = [];
    private readonly BrickPaths _brickPaths = new();
    private readonly LogStreams _streams;
    private long _lookedForNew;
    private long _lookedAtAll;
    private long _saved;
    private bool _isFolderMissing;
    private bool _isCrowded;

    /// <summary>Opens the files that are there, each at its checkpoint.</summary>
    public LogTailer(LogsOptions options, NodeContext node, ILogPump pump, TimeProvider clock, ILogger logger)
    {
        (_options, _node, _pump, _clock, _logger) = (options, node, pump, clock, logger);
        _folder = new LogFolder(options.Directory, options.Include, options.Exclude);
        _file = new CheckpointFile<LogCheckpoint>(CheckpointPath(node), LogCheckpoint.CurrentVersion, LogCheckpointJson.Default.LogCheckpoint, logger);
        LogCheckpoint? checkpoint = _file.Load();
        _streams = checkpoint is null ? new LogStreams() : LogStreams.From(checkpoint);
        Discover(isFirstStart: checkpoint is null);
        Save();
    }

    public static string CheckpointPath(NodeContext node) => Path.Combine(node.StateDirectory, "logs.checkpoint.json");

    /// <summary>Looks at every file once and publishes what is new.</summary>
    /// <returns>True when there is more to read at once.</returns>
    public async ValueTask<bool> PollAsync(IObservationSink sink, CancellationToken cancellationToken)
    {
        if (_clock.GetElapsedTime(_lookedAtAll) >= LookAtAll || (_clock.GetElapsedTime(_lookedForNew) >= LookForNew && HasFolderChanged()))
        {
            Discover(isFirstStart: false);
        }

        bool hasMore = false;
        foreach (LogTrail trail in _trails.Values)
        {
            var context = new LogLineContext(trail.Kind, trail.Path, 0, _node, _clock, trail.Kind == LogKind.Brick ? _brickPaths.Of(trail.Log, _node.Topology) : null);
            try
            {
                hasMore |= await trail.PollAsync(context, sink, cancellationToken);
                _refused.Remove(trail.Path);
            }
            catch (LogReadException e)
            {
                Refused(trail.Path, e);
            }
        }

        return hasMore;
    }

    /// <summary>Writes the checkpoint: at most each second when something was published, each ten seconds when lines were only passed over.</summary>
    public void SaveIfDue()
    {
        TimeSpan since = _clock.GetElapsedTime(_saved);
        if (since >= SaveRead || (since >= SavePublished && _streams.All.Any(stream => stream.HasPublished)))
        {
            Save();
        }
    }

    public void Save()
    {
        _saved = _clock.GetTimestamp();
        if (_file.Save(_streams.ToCheckpoint()))
        {
            foreach (LogStream stream in _streams.All)
            {
                stream.HasPublished = false;
            }
        }
    }

    public void Dispose()
    {
        foreach (LogTrail trail in _trails.Values)
        {
            trail.Dispose();
        }
    }

    private bool HasFolderChanged()
    {
        _lookedForNew = _clock.GetTimestamp();
        try
        {
            return _folder.HasChanged();
        }
        catch (UnauthorizedAccessException)
        {
            return false; // Told by the full look.
        }
    }

    private void Discover(bool isFirstStart)
    {
        _lookedAtAll = _lookedForNew = _clock.GetTimestamp();
        try
        {
            TellIfMissing();
            SortedDictionary<string, List<string>> found = _folder.Scan(Refused);
            foreach ((string log, List<string> rotated) in found)
            {
                Discover(log, rotated, isFirstStart);
            }

            foreach (LogTrail gone in _trails.Values.Where(trail => trail.IsIdle && !found.ContainsKey(trail.Log)).ToArray())
            {
                _trails.Remove(gone.Log);
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            Refused(_folder.Root, e);
            return;
        }

        _refused.Remove(_folder.Root);
        _streams.Forget(_clock.GetUtcNow());
    }

    private void Discover(string log, List<string> rotated, bool isFirstStart)
    {
        if (!_trails.TryGetValue(log, out LogTrail? trail))
        {
            if (_trails.Count >= MaximumLogs)
            {
                if (!_isCrowded)
                {
                    LogTooMany(_folder.Root, MaximumLogs);
                }

                _isCrowded = true;
                return;
            }

            trail = _trails[log] = new LogTrail(log, _folder, _streams, _pump, _clock, _logger) { FirstStart = isFirstStart ? _options.StartAt : null };
        }

        try
        {
            trail.Distrust();
            trail.LookAtLive();
            trail.LookAtRotated(rotated, isFirstStart);
        }
        catch (Exception e) when (e is LogReadException or UnauthorizedAccessException or IOException)
        {
            Refused(_folder.PathOf(log), e);
        }
    }

    private void TellIfMissing()
    {
        bool isMissing = FileStatus.Of(_folder.Root) is null;
        if (isMissing && !_isFolderMissing)
        {
            LogFolderMissing(_folder.Root);
        }
        else if (_isFolderMissing && !isMissing)
        {
            LogFolderFound(_folder.Root);
        }

        _isFolderMissing = isMissing;
    }

    private void Refused(string path, Exception reason)
    {
        if (_refused.Add(path))
        {
            LogRefused(path, reason.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Path} can't be read: {Reason}. Let GlusterBus read it, for example with: setfacl -R -m u:glusterbus:rX /var/log/glusterfs")]
    private partial void LogRefused(string path, string reason);

    [LoggerMessage(LogLevel.Warning, "There is no log folder {Folder}; set 'directory' of the logs collector if Gluster writes its logs elsewhere. It is followed as soon as it appears")]
    private partial void LogFolderMissing(string folder);

    [LoggerMessage(LogLevel.Information, "The log folder {Folder} is there now")]
    private partial void LogFolderFound(string folder);

    [LoggerMessage(LogLevel.Warning, "{Folder} holds more than {Maximum} logs; the rest is not followed. Leave some out with 'exclude' of the logs collector")]
    private partial void LogTooMany(string folder, int maximum);
}
