using System.Collections;
using System.Text;
using GlusterBus.Host.Composition;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Pipeline.Tests.Configuration;

public sealed class TemplateMistakeTests
{
    [Fact]
    public void Every_mistake_in_a_template_names_its_own_line_and_key()
    {
        const string file = """
            {
              "notifiers": {
                "chat": {
                  "plugin": "webhook",
                  "url": "http://localhost/secret",
                  "template": {
                    "text": "{sumary}",
                    "attachments": [
                      { "color": "{severity|ok}" }
                    ]
                  }
                },
                "pager": {
                  "plugin": "script",
                  "command": ["/bin/true"],
                  "arguments": [
                    "{entity}",
                    "{time:iso}"
                  ]
                }
              }
            }
            """;
        ConfigurationException e = Should.Throw<ConfigurationException>(() =>
            LoadedConfiguration.From(ConfigurationDocument.Parse(Encoding.UTF8.GetBytes(file), "glusterbus.json", new Hashtable()), PluginFactory.Catalog));

        string[] lines = e.Message.Split('\n');
        lines.Length.ShouldBe(3);
        lines[0].ShouldStartWith("glusterbus.json:7: notifiers.chat.template.text: {sumary} is no placeholder; did you mean 'summary'? known: actor, attributes, ");
        lines[1].ShouldBe("glusterbus.json:9: notifiers.chat.template.attachments[0].color: '{severity|ok}': behind a bar comes value=text, or *=text for any other value");
        lines[2].ShouldBe("glusterbus.json:18: notifiers.pager.arguments[1]: there is no format 'iso' for a time; known: unix, utc, a shift such as +7d, -90s, +5m or +1h");
    }
}
