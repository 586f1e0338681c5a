namespace GlusterBus.Runtime.Configuration;

/// <summary>The configuration can't be used. The message has one line for each problem: file, line, path and what would be right.</summary>
public sealed class ConfigurationException(IReadOnlyList<ConfigurationProblem> problems, Exception? inner = null)
    : Exception(string.Join('\n', problems), inner)
{
    /// <summary>Everything found wrong, in the order of the file.</summary>
    public IReadOnlyList<ConfigurationProblem> Problems { get; } = problems;
}
