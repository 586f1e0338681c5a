using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace GlusterBus.Pipeline.Tests.Deployment;

/// <summary>compose.yaml as compose reads it: anchors resolved, merge keys merged.</summary>
internal sealed class ComposeFile
{
    private readonly Dictionary<string, object> _root;

    private ComposeFile(Dictionary<string, object> root)
    {
        _root = root;
    }

    public IReadOnlyList<ComposeService> Services => [.. Map(_root["services"]).Select(s => new ComposeService(s.Key, Map(s.Value)))];

    /// <summary>The program's own services.</summary>
    public IEnumerable<ComposeService> Roles => Services.Where(s => s.Image.StartsWith("glusterbus:", StringComparison.Ordinal));

    /// <summary>The file of each secret.</summary>
    public IReadOnlyDictionary<string, string> Secrets => Map(_root["secrets"]).ToDictionary(s => s.Key, s => (string)Map(s.Value)["file"], StringComparer.Ordinal);

    public IEnumerable<string> Volumes => Map(_root["volumes"]).Keys;

    public static ComposeFile Read() =>
        new(new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(new MergingParser(new Parser(new StringReader(Deployed.Read("compose.yaml"))))));

    public ComposeService Service(string name) => Services.Single(s => s.Name == name);

    internal static Dictionary<string, object> Map(object node) => node switch
    {
        Dictionary<string, object> map => map,
        Dictionary<object, object> map => map.ToDictionary(member => (string)member.Key, member => member.Value, StringComparer.Ordinal),
        _ => throw new InvalidDataException($"{node} is no mapping"),
    };
}

/// <summary>One service of a compose file.</summary>
internal sealed record ComposeService(string Name, Dictionary<string, object> Members)
{
    public string Image => (string)Members["image"];

    public IReadOnlyList<string> Command => List("command");

    public Dictionary<string, string> Environment => Members.TryGetValue("environment", out object? value)
        ? ComposeFile.Map(value).ToDictionary(v => v.Key, v => (string)v.Value, StringComparer.Ordinal)
        : [];

    /// <summary>Where each secret stands in the container, and which it is.</summary>
    public IReadOnlyDictionary<string, string> Secrets => ((IEnumerable<object>)Members.GetValueOrDefault("secrets", Array.Empty<object>())).ToDictionary(
        s => "/run/secrets/" + (s is string name ? name : (string)ComposeFile.Map(s)["target"]), s => s as string ?? (string)ComposeFile.Map(s)["source"], StringComparer.Ordinal);

    /// <summary>The folders that can be written and are gone with the container.</summary>
    public IReadOnlyList<string> Temporary => [.. List("tmpfs").Select(t => t.Split(':')[0])];

    public IReadOnlyList<string> HealthCheck => [.. ((IEnumerable<object>)ComposeFile.Map(Members["healthcheck"])["test"]).Cast<string>()];

    public IEnumerable<string> DependsOn => Members.TryGetValue("depends_on", out object? value) ? ComposeFile.Map(value).Keys : [];

    public IReadOnlyList<string> List(string member) => Members.TryGetValue(member, out object? value) ? [.. ((IEnumerable<object>)value).Cast<string>()] : [];
}
