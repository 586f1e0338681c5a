using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.LogTail;

/// <summary>What the scanner asks about a line. A struct as type argument, so that the hot loop calls it directly and may inline it.</summary>
internal interface ILineReader
{
    /// <summary>True when the line may tell something. Called for every record; must be fast.</summary>
    bool IsWanted(ReadOnlySpan<byte> line);

    /// <summary>Appends what a wanted line tells.</summary>
    void Read(ReadOnlySpan<byte> line, in LogLineContext context, List<Observation> output);
}

/// <summary>The log rules as the scanner calls them.</summary>
/// <param name="rules">The rules.</param>
/// <param name="failed">Told when a line makes a rule fail, with file and offset. The line is passed over: it would fail again for ever.</param>
internal readonly struct RuleReader(LogRuleSet rules, Action<Exception, string, long> failed) : ILineReader
{
    public bool IsWanted(ReadOnlySpan<byte> line) => rules.IsWanted(line);

    public void Read(ReadOnlySpan<byte> line, in LogLineContext context, List<Observation> output)
    {
        int before = output.Count;
        try
        {
            rules.Read(line, context, output);
        }
        catch (Exception e)
        {
            output.RemoveRange(before, output.Count - before);
            failed(e, context.File, context.Offset);
        }
    }
}
