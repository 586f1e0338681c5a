using System.CommandLine;

namespace GlusterBus.Host.Verbs;

/// <summary>A verb of <c>glusterbus</c>. Found by this interface: a new verb is a new file and nothing else.</summary>
internal interface IVerb
{
    static abstract Command Build();
}

/// <summary>A command whose help ends with examples.</summary>
/// <param name="examples">Command lines as one would type them, a comment after <c>#</c>.</param>
internal sealed class VerbCommand(string name, string description, params string[] examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;
}
