namespace GlusterBus.Pipeline.Tests.Deployment;

/// <summary>A unit of systemd, read as far as the tests ask.</summary>
internal sealed class UnitFile
{
    private readonly List<(string Name, string Value)> _members = [];

    private UnitFile(string name)
    {
        Name = name;
        foreach (string line in Deployed.Read("systemd/" + name).Split('\n').Where(l => l.Contains('=', StringComparison.Ordinal) && !l.StartsWith('#')))
        {
            _members.Add((line[..line.IndexOf('=', StringComparison.Ordinal)], line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]));
        }
    }

    /// <summary>Every unit that is shipped.</summary>
    public static IReadOnlyList<string> Names => [.. Directory.EnumerateFiles(Path.Combine(Deployed.Folder, "systemd"), "*.service").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    public string Name { get; }

    /// <summary>The verb with its arguments.</summary>
    public string[] Arguments => this["ExecStart"].Split(' ')[1..];

    public Dictionary<string, string> Environment => All("Environment").Select(v => v.Replace("%n", Name, StringComparison.Ordinal).Split('=', 2)).ToDictionary(v => v[0], v => v[1], StringComparer.Ordinal);

    /// <summary>The file of each credential, by the path that the service finds it under.</summary>
    public Dictionary<string, string> Credentials => All("LoadCredential").Select(v => v.Split(':', 2)).ToDictionary(v => $"/run/credentials/{Name}/{v[0]}", v => v[1], StringComparer.Ordinal);

    public string this[string member] => All(member).Single();

    public static UnitFile Read(string name) => new(name);

    public string[] All(string member) => [.. _members.Where(m => m.Name == member).Select(m => m.Value)];
}
