using System.ComponentModel.DataAnnotations;

namespace GlusterBus.Collectors.LogTail;

/// <summary>Where reading begins in files that are there at the very first start.</summary>
public enum LogStart
{
    /// <summary>At their end: history is not news.</summary>
    End = 0,

    /// <summary>At their beginning. Files rotated before are left alone all the same.</summary>
    Beginning,
}

/// <summary>Settings of the <c>logs</c> collector.</summary>
public sealed record LogsOptions
{
    /// <summary>The folder of Gluster's logs. The default is <c>/var/log/glusterfs</c>.</summary>
    [Required]
    public string Directory { get; init; } = "/var/log/glusterfs";

    /// <summary>Logs to follow, relative to the folder; <c>*</c> and <c>?</c> stand for characters within one name.
    /// The default is <c>*.log</c> and <c>bricks/*.log</c>. Their rotated files belong to them.</summary>
    [Required, MinLength(1)]
    public IReadOnlyList<string> Include { get; init; } = ["*.log", "bricks/*.log"];

    /// <summary>Logs to leave alone. The default leaves out what no process of the cluster writes (<c>cli.log</c>, <c>cmd_history.log</c>,
    /// <c>events.log</c>, helper commands) and the bricks of snapshots.</summary>
    [Required]
    public IReadOnlyList<string> Exclude { get; init; } =
        ["cli.log", "cmd_history.log", "events.log", "glfsheal-*", "*-clearlocks-mnt.log", "snaps*", "bricks/*snaps-*"];

    /// <summary>Where reading begins when there is no checkpoint, <c>end</c> or <c>beginning</c>. The default is <c>end</c>.
    /// Files that appear later are always read whole.</summary>
    public LogStart StartAt { get; init; } = LogStart.End;

    /// <summary>Pause between two looks at the files, from 10 ms to one minute. The default is 200 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Bytes of a line that the rules see, from 1 KiB to 512 KiB; the rest of a longer line is skipped. The default is 64 KiB.</summary>
    [Range(1024, 512 * 1024)]
    public int MaxLineLength { get; init; } = 64 * 1024;
}
