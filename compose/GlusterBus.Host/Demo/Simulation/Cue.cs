namespace GlusterBus.Host.Demo.Simulation;

/// <summary>One thing that happens on the stage, at a time counted from the story's beginning at speed 1.</summary>
internal abstract record Cue(TimeSpan At)
{
    /// <summary>A line of a log file: the player puts the stamp in front.</summary>
    /// <param name="File">Relative to the node's log folder, such as <c>bricks/data-gv0.log</c>.</param>
    /// <param name="Text">Everything after the stamp.</param>
    /// <param name="Behind">How much older than the moment of writing the stamp is: glusterd holds repeated lines back and writes them late.</param>
    public sealed record LogLine(TimeSpan At, string Node, string File, string Text, TimeSpan Behind = default) : Cue(At);

    /// <summary>What glusterd writes instead of lines it held back: <c>The message "…" repeated N times between […] and […]</c>.</summary>
    /// <param name="Message">Level, message id, place, domain and text of the repeated line.</param>
    public sealed record RepeatedLine(TimeSpan At, string Node, string File, string Message, int Count, TimeSpan FirstBehind, TimeSpan LastBehind) : Cue(At);

    /// <summary>Text without a stamp: the inner lines of a record of several lines.</summary>
    public sealed record BareLines(TimeSpan At, string Node, string File, string Text) : Cue(At);

    /// <summary>A gf_event datagram to the node's listener; the player puts the Unix second in front.</summary>
    public sealed record Datagram(TimeSpan At, string Node, int Number, string Payload) : Cue(At);

    /// <summary>The cluster as get-state, volume info and peer status tell it from now on.</summary>
    public sealed record Becomes(TimeSpan At, ClusterState State) : Cue(At);

    /// <summary>logrotate renames the file; the process goes on writing into it until its next line after <paramref name="Reopens"/>.</summary>
    public sealed record Rotation(TimeSpan At, string Node, string File, TimeSpan Reopens) : Cue(At);

    /// <summary>The node loses power (and with it the collectors on it), or they start again after its boot.</summary>
    public sealed record Power(TimeSpan At, string Node, bool IsOn) : Cue(At);
}
