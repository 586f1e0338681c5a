namespace GlusterBus.Contracts.Messages;

/// <summary>What was seen, as it was seen: the proof that goes with a message.</summary>
/// <param name="Kind"><c>log-line</c>, <c>datagram</c>, <c>get-state</c>, <c>cli</c>, <c>systemd</c> or <c>injected</c>.</param>
/// <param name="Text">The line, datagram or field, decoded as UTF-8 with replacement and cut to <see cref="MaximumLength"/>.</param>
/// <param name="Where">File and byte offset, sender's address, or command.</param>
/// <param name="Node">The node whose collector saw it.</param>
/// <param name="At">When the source says it happened.</param>
public sealed record Evidence(string Kind, string Text, string? Where, string Node, DateTimeOffset At)
{
    /// <summary>The most characters of evidence that travel with an observation.</summary>
    public const int MaximumLength = 2048;

    /// <summary>Cuts a text to the bound, marking the cut.</summary>
    public static string Bound(string text) => text.Length <= MaximumLength ? text : string.Concat(text.AsSpan(0, MaximumLength - 1), "…");
}

/// <summary>Who ordered a change, where a source tells.</summary>
/// <param name="Command">The command line as the operator typed it.</param>
/// <param name="Node">Where it was typed.</param>
public sealed record Actor(string Command, string Node);
