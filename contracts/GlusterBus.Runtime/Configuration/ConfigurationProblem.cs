namespace GlusterBus.Runtime.Configuration;

/// <summary>One thing that is wrong with the configuration.</summary>
/// <param name="Where"><c>file:line</c>, or the environment variable that set it.</param>
/// <param name="Path">The dotted path of the key, such as <c>collectors.logs.directory</c>; empty for the whole file.</param>
/// <param name="Text">What is wrong and what would be right.</param>
public sealed record ConfigurationProblem(string Where, string Path, string Text)
{
    public override string ToString() => Path.Length == 0 ? $"{Where}: {Text}" : $"{Where}: {Path}: {Text}";
}
