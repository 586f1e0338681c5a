using System.Text.RegularExpressions;
using GlusterBus.Pipeline.Tests.Deployment;

namespace GlusterBus.Pipeline.Tests.Documentation;

public sealed partial class LinkTests
{
    [Fact]
    public void Every_link_from_one_page_to_a_file_leads_to_one()
    {
        string[] pages = [
            .. Directory.EnumerateFiles(Deployed.Source, "*.md"),
            .. Directory.EnumerateFiles(Path.Combine(Deployed.Source, "docs"), "*.md", SearchOption.AllDirectories),
            .. Directory.EnumerateFiles(Path.Combine(Deployed.Source, "samples"), "*.md", SearchOption.AllDirectories),
        ];
        (string Page, string Target)[] links = [.. pages.SelectMany(page => Link().Matches(File.ReadAllText(page)).Select(link => (page, link.Groups["target"].Value)))
            .Where(link => !link.Value.Contains("://", StringComparison.Ordinal))];

        links.Length.ShouldBeGreaterThan(20);
        links.Where(link => !Path.Exists(Path.Combine(Path.GetDirectoryName(link.Page)!, link.Target))).ShouldBeEmpty();
    }

    /// <summary>A link's target without what follows a <c>#</c>.</summary>
    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)(#[^)]*)?\)")]
    private static partial Regex Link();
}
