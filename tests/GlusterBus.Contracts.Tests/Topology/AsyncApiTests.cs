using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Topology;
using YamlDotNet.RepresentationModel;

namespace GlusterBus.Contracts.Tests.Topology;

/// <summary>The AsyncAPI document beside the schemas tells of the channels that the code declares.</summary>
public sealed class AsyncApiTests
{
    private const string Source = "contracts/GlusterBus.Contracts/schema/asyncapi.v1.yaml";

    private static readonly string Published = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "schema", "asyncapi.v1.yaml"));

    [Fact]
    public void The_published_document_says_what_the_code_does()
    {
        string expected = AsyncApiText.Write();
        string left = Path.Combine(AppContext.BaseDirectory, "asyncapi.expected.yaml");
        File.WriteAllText(left, expected);
        Published.ShouldBe(expected, $"a channel changed: cp {left} {Source}");
    }

    [Fact]
    public void Every_exchange_that_a_consumer_may_bind_to_is_in_it()
    {
        YamlMappingNode channels = Map(Document()["channels"]);
        string[] exchanges = [.. channels.Children.Values.Select(channel => Text(Map(Map(Map(Map(channel)["bindings"])["amqp"])["exchange"])["name"])).Order(StringComparer.Ordinal)];

        exchanges.ShouldBe(BrokerNames.Channels.Append(BrokerNames.AllChannel).Append(BrokerNames.Observations).Order(StringComparer.Ordinal));
        channels.Children.Keys.Select(Text).Except(["all", "observations"]).ShouldBe(EntityKinds.All.Select(k => k.Name), ignoreOrder: true);
        Text(Document()["defaultContentType"]).ShouldBe(TransitionJson.ContentType);
    }

    [Fact]
    public void Every_reference_in_it_leads_somewhere()
    {
        YamlMappingNode document = Document();
        string[] references = [.. References(document)];
        references.Length.ShouldBeGreaterThan(EntityKinds.All.Count);
        foreach (string reference in references)
        {
            if (reference.StartsWith("#/", StringComparison.Ordinal))
            {
                Should.NotThrow(() => reference[2..].Split('/').Aggregate((YamlNode)document, (node, part) => Map(node)[part]), reference);
            }
            else
            {
                File.Exists(Path.Combine(AppContext.BaseDirectory, "schema", reference)).ShouldBeTrue(reference);
            }
        }
    }

    private static YamlMappingNode Document()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Published));
        return Map(stream.Documents[0].RootNode);
    }

    private static YamlMappingNode Map(YamlNode node) => (YamlMappingNode)node;

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    private static IEnumerable<string> References(YamlNode node) => node switch
    {
        YamlMappingNode map => map.Children.SelectMany(member => Text(member.Key) == "$ref" ? [Text(member.Value)] : References(member.Value)),
        YamlSequenceNode list => list.Children.SelectMany(References),
        _ => [],
    };
}
