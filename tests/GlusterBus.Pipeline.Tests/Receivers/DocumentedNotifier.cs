using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Receivers;

/// <summary>The notifiers that the documentation shows, as it shows them but for the receiver's address.</summary>
internal static partial class DocumentedNotifier
{
    public static string Slack(Uri url) => Member("slack", notifier => notifier["url"] = url.ToString());

    public static string Alertmanager(Uri url) => Member("alertmanager", notifier => notifier["url"] = url + "api/v2/alerts");

    public static string Snmp(string address) => Member("snmp", notifier => notifier["arguments"]![0] = address);

    public static string Archive(KafkaMock kafka) => Member("archive", notifier =>
    {
        notifier["brokers"] = JsonNode.Parse(kafka.Json);
        foreach (string ofAccounts in (string[])["user", "passwordFile", "tls", "replicas"])
        {
            notifier.AsObject().Remove(ofAccounts).ShouldBeTrue($"the mock knows neither accounts nor encryption: {ofAccounts}");
        }
    });

    /// <summary>A member of <c>notifiers</c> as text.</summary>
    private static string Member(string name, Action<JsonNode> address)
    {
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "notifiers.md"));
        JsonNode notifier = Block().Matches(page)
            .Select(block => JsonNode.Parse(block.Groups["json"].Value)!["notifiers"]?[name])
            .OfType<JsonNode>()
            .Single();
        address(notifier);
        return $"\"{name}\": {notifier.ToJsonString()}";
    }

    [GeneratedRegex("```json\n(?<json>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
