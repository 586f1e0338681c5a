using GlusterBus.Collectors.Checkpoints;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors.Publishing;

/// <summary>The collector's signs of life, and what routers answer to them.</summary>
/// <remarks>The loop of the sink asks when one is due; answers come from the connection's thread.</remarks>
internal sealed partial class Heartbeats
{
    private readonly NodeContext _node;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CheckpointFile<RouterWord> _file;
    private readonly ToldClock _told;
    private volatile string? _generation;
    private long? _sent;

    public Heartbeats(NodeContext node, string dataDirectory, TimeProvider clock, ILogger logger)
    {
        (_node, _clock, _logger) = (node, clock, logger);
        _file = new CheckpointFile<RouterWord>(Path.Combine(dataDirectory, "generation"), RouterWord.CurrentVersion, RouterWordJson.Default.RouterWord, logger);
        RouterWord? kept = _file.Load();
        _generation = kept?.Generation;
        _told = new ToldClock(clock, kept?.Clock);
    }

    /// <summary>The generation of the state table that a router told last, kept across restarts; null before the first answer.</summary>
    public string? Generation => _generation;

    /// <summary>How far this node's clock is behind the state table's, as a router told last, kept across restarts; null when none has told, and when the clock
    /// was set since.</summary>
    public TimeSpan? ClockBehind => _told.Behind;

    /// <summary>True when a look at the cluster was published since the collector's start.</summary>
    public bool HasLooked { get; set; }

    /// <summary>How long until the next one is due; nothing when it is due now.</summary>
    public TimeSpan Wait
    {
        get
        {
            TimeSpan wait = _sent is { } sent ? Heartbeat.Interval - _clock.GetElapsedTime(sent) : TimeSpan.Zero;
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }

    /// <summary>Makes the next sign of life, to be sent at once.</summary>
    public Heartbeat Next()
    {
        _sent = _clock.GetTimestamp();
        return new Heartbeat(_clock.GetUtcNow(), HasLooked);
    }

    /// <summary>Takes a router's answer.</summary>
    public void Hear(ReadOnlySpan<byte> body)
    {
        HeartbeatReply reply;
        try
        {
            reply = ObservationJson.ParseReply(body);
        }
        catch (FormatException e)
        {
            LogUnreadable(e.Message);
            return;
        }

        bool isNews = reply.ClockBehind is { } behind && _told.Hear(behind);
        if (reply.Generation != _generation)
        {
            LogGeneration(reply.Generation);
            _generation = reply.Generation;
            isNews = true;
        }

        if (isNews)
        {
            _file.Save(new RouterWord { Generation = reply.Generation, Clock = _told.Reading });
        }

        if (reply.WantsLook)
        {
            _node.RequestReconcile(TimeSpan.Zero);
        }
    }

    [LoggerMessage(LogLevel.Debug, "The routers' state table is of generation {Generation}")]
    private partial void LogGeneration(string generation);

    [LoggerMessage(LogLevel.Warning, "A router's answer can't be understood: {Reason}")]
    private partial void LogUnreadable(string reason);
}
