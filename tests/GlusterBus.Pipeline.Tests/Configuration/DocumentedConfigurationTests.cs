using System.Text.Json;
using System.Text.RegularExpressions;
using GlusterBus.Host.Composition;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Configuration;

/// <summary>What the documentation shows must work: every configuration in it is loaded by the strict loader.</summary>
public sealed partial class DocumentedConfigurationTests
{
    private static readonly string[] TopLevel = ["cluster", "notifiers", "collectors", "api", "archive", "dataDirectory"];

    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    [Fact]
    public void Every_configuration_in_the_documentation_is_valid()
    {
        (string Page, string Text)[] examples = [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "docs"), "*.md")
            .SelectMany(page => Block().Matches(File.ReadAllText(page)).Select(block => (Path.GetFileName(page), block.Groups["json"].Value)))
            .Where(example => IsConfiguration(example.Item2))];
        examples.Length.ShouldBeGreaterThan(1);
        using var folder = new TemporaryFolder();
        foreach ((string page, string text) in examples)
        {
            string file = folder.File("glusterbus.json");
            File.WriteAllText(file, text);
            Should.NotThrow(() => LoadedConfiguration.Load(file, new Dictionary<string, string>(), PluginFactory.Catalog), $"an example of {page}:\n{text}");
        }
    }

    private static bool IsConfiguration(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text, WithComments);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.EnumerateObject().Any(member => TopLevel.Contains(member.Name));
    }

    [GeneratedRegex("```json\n(?<json>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
