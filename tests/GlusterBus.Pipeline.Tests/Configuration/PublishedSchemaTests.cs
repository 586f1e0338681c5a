using System.Collections;
using System.Text;
using System.Text.Json.Nodes;
using GlusterBus.Host.Composition;
using GlusterBus.Host.Verbs;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Plugins;

namespace GlusterBus.Pipeline.Tests.Configuration;

public sealed class PublishedSchemaTests
{
    [Fact]
    public void The_published_schema_is_up_to_date()
    {
        string published = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "schema", "configuration.v1.json"));

        published.ShouldBe(PluginsVerb.SchemaText(PluginFactory.Catalog) + "\n",
            "an option changed: ./glusterbus plugins --schema > contracts/GlusterBus.Contracts/schema/configuration.v1.json");
    }

    [Fact]
    public void Every_option_of_every_plugin_is_described()
    {
        var summaries = new XmlSummaries();
        foreach (PluginEntry plugin in PluginFactory.Catalog.Collectors.Concat(PluginFactory.Catalog.Notifiers))
        {
            foreach (OptionDescription option in OptionDescription.Of(plugin.Spec.OptionsType, summaries))
            {
                option.Description.ShouldNotBeNullOrWhiteSpace($"{plugin.Spec.Name}.{option.Name}");
            }
        }
    }

    [Fact]
    public void The_example_of_every_plugin_binds()
    {
        foreach (PluginEntry plugin in PluginFactory.Catalog.Collectors.Concat(PluginFactory.Catalog.Notifiers))
        {
            var example = new JsonObject { [plugin.IsCollector ? "collectors" : "notifiers"] = new JsonObject { [plugin.Spec.Name] = JsonNode.Parse(plugin.Spec.Example) } };
            LoadedConfiguration loaded = LoadedConfiguration.From(
                ConfigurationDocument.Parse(Encoding.UTF8.GetBytes(example.ToJsonString()), plugin.Spec.Name, new Hashtable()), PluginFactory.Catalog);
            loaded.Collectors.Concat(loaded.Notifiers).ShouldContain(p => p.Name == plugin.Spec.Name && p.Options.GetType() == plugin.Spec.OptionsType);
        }
    }

    [Fact]
    public void Without_a_file_the_collectors_of_a_node_run()
    {
        LoadedConfiguration loaded = LoadedConfiguration.From(ConfigurationDocument.Parse("{}"u8, "none", new Hashtable()), PluginFactory.Catalog);

        loaded.Collectors.Select(c => c.Name).ShouldBe(["get_state", "gf_event", "logs"], ignoreOrder: true);
        loaded.Notifiers.ShouldBeEmpty();
    }
}
