using System.Collections;
using System.Text;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Host.Composition;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace GlusterBus.Pipeline.Tests.Receivers;

public sealed class SlackRulesTests
{
    [Fact]
    public async Task A_log_line_that_calls_a_channel_reaches_Slack_as_mere_words()
    {
        await using WebhookReceiver slack = await WebhookReceiver.StartAsync();
        string file = $$"""{ "notifiers": { {{DocumentedNotifier.Slack(slack.Url)}} } }""";
        ConfiguredPlugin configured = LoadedConfiguration.From(ConfigurationDocument.Parse(Encoding.UTF8.GetBytes(file), "docs", new Hashtable()), PluginFactory.Catalog).Notifiers.Single();
        await using ServiceProvider services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).BuildServiceProvider();
        var notifier = (INotifier)configured.Plugin.Create(services, configured.Options);
        Transition transition = SampleTransitions.Brick(path: "/srv/<!here>") with { Evidence = [new Evidence("log-line", "<!channel> & <@U1> \", \"channel\": \"#all\"", null, "gl2", default)] };

        await notifier.NotifyAsync(new Delivery(transition, TransitionJson.Write(transition), 1), TestContext.Current.CancellationToken);

        ReceivedRequest request = await slack.NextAsync(TestContext.Current.CancellationToken);
        SlackRules.Refusal(request.Headers["Content-Type"], request.Text).ShouldBeNull(request.Text);
        request.Text.ShouldContain("gl2: &lt;!channel&gt; &amp; &lt;@U1&gt; \\\", \\\"channel\\\": \\\"#all\\\"");
        request.Text.ShouldContain("Brick gl2:/srv/&lt;!here&gt; of volume rv went offline");
        (notifier as IDisposable)?.Dispose();
    }

    [Theory]
    [InlineData("""{ "text": "x" }""", null)]
    [InlineData("""{ "text": "" }""", "no_text")]
    [InlineData("""{ "txt": "x" }""", "invalid_payload: txt")]
    [InlineData("""[ "x" ]""", "invalid_payload: no object")]
    [InlineData("""{ "text": "x" """, "invalid_payload: no object")]
    [InlineData("""{ "text": "<!channel>" }""", "a value calls people: it was not escaped")]
    [InlineData("""{ "text": "x", "attachments": [ { "color": "red" } ] }""", "invalid_attachments: color")]
    [InlineData("""{ "text": "x", "attachments": [ { "ts": "1" } ] }""", "invalid_attachments: ts")]
    [InlineData("""{ "text": "x", "attachments": [ { "fields": [ { "title": "a", "value": 1 } ] } ] }""", "invalid_attachments: fields")]
    [InlineData("""{ "text": "x", "attachments": [ { "colour": "good" } ] }""", "invalid_attachments: colour")]
    public void The_rules_refuse_what_Slack_refuses(string body, string? refusal) => SlackRules.Refusal("application/json", body).ShouldBe(refusal);
}
