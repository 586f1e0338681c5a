using System.Text.RegularExpressions;

namespace GlusterBus.Pipeline.Tests.Observability;

/// <summary>A row of the table in docs/metrics.md.</summary>
internal sealed record DocumentedMetric(string Name, string Type, string Labels, string[] Roles, string Meaning)
{
    public bool IsOf(string role) => Roles is ["all"] || Roles.Contains(role);
}

/// <summary>The page about metrics.</summary>
internal static partial class DocumentedMetrics
{
    public static string Page { get; } = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "metrics.md"));

    public static DocumentedMetric[] All { get; } =
    [
        .. Row().Matches(Page).Select(row => new DocumentedMetric(
            row.Groups["name"].Value,
            row.Groups["type"].Value,
            string.Join(", ", Names(row.Groups["labels"].Value).Order(StringComparer.Ordinal)),
            row.Groups["roles"].Value.Split(", "),
            row.Groups["meaning"].Value)),
    ];

    /// <summary>The metrics that an expression asks for, histograms by their family.</summary>
    public static IEnumerable<string> AskedFor(string expression) => Metric().Matches(expression).Select(name => name.Value).Select(name =>
        All.Any(m => m.Name == name) ? name : Suffix().Replace(name, "") is var family && All.Any(m => m.Name == family && m.Type == "histogram") ? family : name);

    /// <summary>The metrics that an expression asks for together with the value that one of their labels shall have.</summary>
    public static IEnumerable<(string Metric, string Label, string Value)> Selected(string expression) =>
        Selector().Matches(expression).Select(s => (s.Groups["metric"].Value, s.Groups["label"].Value, s.Groups["value"].Value));

    private static IEnumerable<string> Names(string cell) => Quoted().Matches(cell).Select(name => name.Groups[1].Value);

    [GeneratedRegex(@"^\| `(?<name>[a-z_]+)` \| (?<type>counter|gauge|histogram) \| (?<labels>[^|]*)\| (?<roles>[^|]*) \| (?<meaning>.*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([a-z]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex("(glusterbus|process|dotnet)_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();

    [GeneratedRegex("(?<metric>glusterbus_[a-z_]+)\\{(?<label>[a-z]+)!?=\"(?<value>[^\"]+)\"\\}")]
    private static partial Regex Selector();
}
