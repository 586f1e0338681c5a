using System.Text;
using GlusterBus.Collectors.LogTail;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using GlusterBus.TestKit;

namespace GlusterBus.Collectors.Tests.LogTail.Rules;

/// <summary>Reads single lines with the embedded rules on node gl1.</summary>
internal sealed class LogFixture
{
    public NodeContext Node { get; } = new("gl1", null!, "/nowhere", 1);

    public FakeClock Clock { get; } = new();

    public LogRuleSet Rules { get; init; } = LogRuleSet.Embedded;

    public LogKind Kind { get; init; } = LogKind.Glusterd;

    public string? BrickPath { get; init; }

    /// <summary>One line of every message that two real clusters wrote, with the kind of log it came from.</summary>
    public static IReadOnlyList<(LogKind Kind, byte[] Line)> OneOfEach { get; } = [.. ReadOneOfEach()];

    public Observation One(string line) => All(Encoding.UTF8.GetBytes(line)).ShouldHaveSingleItem();

    public List<Observation> All(byte[] line)
    {
        var output = new List<Observation>();
        Rules.Read(line, new LogLineContext(Kind, "/var/log/glusterfs/the.log", 99, Node, Clock, BrickPath), output);
        return output;
    }

    private static IEnumerable<(LogKind Kind, byte[] Line)> ReadOneOfEach()
    {
        byte[] file = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "fixtures/log-rules/one-of-each.tsv"));
        for (int start = 0, end; (end = Array.IndexOf(file, (byte)'\n', start)) >= 0; start = end + 1)
        {
            int tab = Array.IndexOf(file, (byte)'\t', start);
            yield return (Enum.Parse<LogKind>(Encoding.ASCII.GetString(file[start..tab])), file[(tab + 1)..end]);
        }
    }
}
