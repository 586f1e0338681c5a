using System.Text.Json.Nodes;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Contracts.Tests.Configuration;

public sealed class ConfigurationSchemaTests
{
    private static readonly JsonObject Schema = ConfigurationSchema.Of(Sample.Catalog);

    [Fact]
    public void An_option_carries_its_description_its_bounds_and_its_default()
    {
        JsonNode port = Schema["$defs"]!["collector.logs"]!["properties"]!["port"]!;

        ((int)port["minimum"]!, (int)port["maximum"]!, (int)port["default"]!).ShouldBe((1, 65535, 55555));
        ((string?)Schema["properties"]!["cluster"]!["description"]).ShouldStartWith("The cluster's name");
    }

    [Fact]
    public void Unknown_keys_are_refused_in_every_section()
    {
        ((bool)Schema["additionalProperties"]!).ShouldBeFalse();
        foreach ((_, JsonNode? definition) in (JsonObject)Schema["$defs"]!)
        {
            ((bool)definition!["additionalProperties"]!).ShouldBeFalse();
        }
    }

    [Fact]
    public void What_is_required_is_named()
    {
        Schema["$defs"]!["notifier.webhook"]!["required"]!.ToJsonString().ShouldBe("""["url"]""");
    }

    [Fact]
    public void Only_notifiers_can_filter()
    {
        ((JsonObject)Schema["$defs"]!["notifier.webhook"]!["properties"]!).ContainsKey("minimumSeverity").ShouldBeTrue();
        ((JsonObject)Schema["$defs"]!["collector.logs"]!["properties"]!).ContainsKey("minimumSeverity").ShouldBeFalse();
        ((JsonObject)Schema["$defs"]!["collector.logs"]!["properties"]!).ContainsKey("enabled").ShouldBeTrue();
    }
}
