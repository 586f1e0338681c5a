using System.ComponentModel.DataAnnotations;

namespace GlusterBus.Runtime.Gluster;

/// <summary>How to reach the node's <c>gluster</c> command.</summary>
public sealed record GlusterCliOptions
{
    /// <summary>The program, by name or path. The default is <c>gluster</c>.</summary>
    [Required]
    public string Command { get; init; } = "gluster";

    /// <summary>Options put before every command, such as <c>--glusterd-sock=/run/gd.sock</c>. None by default.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Upper bound of one command, from one second to two minutes. The default is 20 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Where glusterd writes the file of <c>get-state</c>; both glusterd and this process must see it under this name. The
    /// default is <c>/run/gluster</c> where that is writable (glusterd's own choice), else the temporary folder.</summary>
    public string? StateFolder { get; init; }
}
