using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace GlusterBus.Pipeline.Tests.Observability;

/// <summary>Rules ask for metrics that exist: one that does not is an alert that never fires.</summary>
public sealed partial class AlertRulesTests
{
    [Fact]
    public void Every_alert_asks_for_metrics_and_labels_that_exist()
    {
        YamlMappingNode[] rules = [.. Rules()];
        rules.Length.ShouldBeGreaterThan(10);
        foreach (YamlMappingNode rule in rules)
        {
            ShouldBeAnswerable(Text(rule, "expr"), Text(rule, "alert"));
            Text((YamlMappingNode)rule["annotations"], "summary").ShouldNotBeEmpty();
            Text((YamlMappingNode)rule["labels"], "severity").ShouldBeOneOf("page", "ticket");
        }

        rules.Select(rule => Text(rule, "alert")).ShouldBeUnique();
    }

    [Fact]
    public void Every_expression_of_the_documentation_asks_for_metrics_and_labels_that_exist()
    {
        string[] expressions = [.. Expression().Matches(DocumentedMetrics.Page).Select(match => match.Groups[1].Value)];
        expressions.Length.ShouldBeGreaterThan(10);
        foreach (string expression in expressions)
        {
            ShouldBeAnswerable(expression, expression);
        }
    }

    private static void ShouldBeAnswerable(string expression, string what)
    {
        string[] asked = [.. DocumentedMetrics.AskedFor(expression)];
        if (!expression.StartsWith("up{", StringComparison.Ordinal))
        {
            asked.ShouldNotBeEmpty(what);
        }

        string[] labels = [.. asked.SelectMany(name => DocumentedMetrics.All.SingleOrDefault(metric => metric.Name == name).ShouldNotBeNull($"{what} asks for {name}").Labels.Split(", "))];
        foreach (string label in Grouping().Matches(expression).SelectMany(group => group.Groups[1].Value.Split(", ")))
        {
            labels.Concat(["le", "instance"]).ShouldContain(label, what);
        }

        foreach ((string name, string label, string value) in DocumentedMetrics.Selected(expression))
        {
            DocumentedMetric metric = DocumentedMetrics.All.Single(row => row.Name == name);
            metric.Labels.Split(", ").ShouldContain(label, what);
            metric.Meaning.ShouldContain(value, Case.Sensitive, what);
        }
    }

    private static IEnumerable<YamlMappingNode> Rules()
    {
        using var text = new StreamReader(Path.Combine(AppContext.BaseDirectory, "compose", "alerts.rules.yaml"));
        var yaml = new YamlStream();
        yaml.Load(text);
        return ((YamlSequenceNode)yaml.Documents[0].RootNode["groups"]).SelectMany(group => (YamlSequenceNode)group["rules"]).Cast<YamlMappingNode>();
    }

    private static string Text(YamlMappingNode node, string key) => ((YamlScalarNode)node[key]).Value ?? "";

    [GeneratedRegex(@"\b(?:by|on) ?\(([a-z, ]+)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"`([^`\n]*(?:rate|increase|sum|max|quantile)\b ?(?:by )?\([^`\n]*|glusterbus_[^`\n]+ [/>] [^`\n]+)`")]
    private static partial Regex Expression();
}
