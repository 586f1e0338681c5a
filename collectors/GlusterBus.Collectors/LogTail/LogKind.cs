namespace GlusterBus.Collectors.LogTail;

/// <summary>What writes a log file, told from its path.</summary>
public enum LogKind
{
    Unknown = 0,

    /// <summary><c>glusterd.log</c>: the management daemon of the node.</summary>
    Glusterd,

    /// <summary><c>bricks/*.log</c>: a brick process, which may hold several bricks.</summary>
    Brick,

    /// <summary><c>glustershd.log</c>: the self-heal daemon.</summary>
    SelfHeal,

    /// <summary>A mount: the other logs at the top of the folder.</summary>
    Mount,

    /// <summary>Known, and nothing of the above.</summary>
    Other,
}
