using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Notifiers.Webhook;
using GlusterBus.TestKit;

namespace GlusterBus.Notifiers.Tests.Webhook;

public sealed class WebhookTemplateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_template_makes_is_posted_as_JSON_and_signed_as_it_is()
    {
        ReceivedRequest request = await PostAsync(new WebhookOptions { Template = JsonNode.Parse("""{ "text": "{summary}" }"""), Secrets = ["key"] });
        (request.Method, request.Text, request.Headers["Content-Type"]).ShouldBe(("POST", """{"text":"Brick gl2:/srv/rv1 of volume rv went offline"}""", "application/json"));
        var sent = DateTimeOffset.FromUnixTimeSeconds(long.Parse(request.Headers[WebhookSignature.Header].Split(',')[0][2..], System.Globalization.CultureInfo.InvariantCulture));
        request.Headers[WebhookSignature.Header].ShouldBe(WebhookSignature.Of(request.Body, sent, ["key"u8.ToArray()]));
    }

    [Fact]
    public async Task Method_and_content_type_are_as_configured()
    {
        ReceivedRequest request = await PostAsync(new WebhookOptions
        {
            Template = JsonValue.Create("{summary}!"),
            Method = "PUT",
            Headers = new Dictionary<string, string> { ["content-type"] = "text/plain; charset=utf-8" },
        });
        (request.Method, request.Text, request.Headers["Content-Type"]).ShouldBe(("PUT", "Brick gl2:/srv/rv1 of volume rv went offline!", "text/plain; charset=utf-8"));
    }

    [Fact]
    public async Task A_template_file_that_is_missing_delays_deliveries_until_it_is_there()
    {
        string file = _folder.File("template.json");
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        using WebhookNotifier notifier = WebhookFixture.Notifier(new WebhookOptions { Url = receiver.Url + "hook", TemplateFile = file });
        (await Should.ThrowAsync<DeliveryFailedException>(notifier.NotifyAsync(WebhookFixture.Delivery(), Patience))).Message.ShouldStartWith($"templateFile {file} can't be read: ");
        (await notifier.CheckAsync(Patience))[0].Problem!.ShouldStartWith($"templateFile {file} can't be read: ");

        File.WriteAllText(file, """{ "kind": "{kind}" }""");
        await notifier.NotifyAsync(WebhookFixture.Delivery(), Patience);
        (await receiver.NextAsync(Patience)).Text.ShouldBe("""{"kind":"brick"}""");
        (await notifier.CheckAsync(Patience)).ShouldAllBe(result => result.Problem == null);
    }

    [Fact]
    public void A_file_that_can_not_be_read_here_is_no_mistake_of_the_configuration() =>
        Faults(new WebhookOptions { Url = "http://localhost", TemplateFile = _folder.File("missing") }).ShouldBeEmpty();

    [Fact]
    public void What_contradicts_a_template_is_a_mistake()
    {
        JsonNode template = JsonNode.Parse("{}")!;
        Faults(new WebhookOptions { Url = "http://localhost", Template = template, TemplateFile = "x" }).ShouldBe([("Template", "give template or templateFile, not both")]);
        Faults(new WebhookOptions { Url = "http://localhost", Template = template, Payload = "classic" }).ShouldBe([("Template", "a template replaces the payload: leave payload out, or the template")]);
        Faults(new WebhookOptions { Url = "http://localhost", TemplateFile = "x", Payload = "classic" }).ShouldBe([("TemplateFile", "a template replaces the payload: leave payload out, or the template")]);
        Faults(new WebhookOptions { Url = "http://localhost", Method = "GET" }).ShouldBe([("Method", "method must be POST, PUT or PATCH")]);
    }

    private static async Task<ReceivedRequest> PostAsync(WebhookOptions options)
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        options = options with { Url = receiver.Url + "hook" };
        Faults(options).ShouldBeEmpty();
        using WebhookNotifier notifier = WebhookFixture.Notifier(options);
        await notifier.NotifyAsync(WebhookFixture.Delivery(), Patience);
        return await receiver.NextAsync(Patience);
    }

    private static (string Member, string? Text)[] Faults(WebhookOptions options)
    {
        var faults = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true);
        return [.. faults.Select(fault => (fault.MemberNames.Single(), fault.ErrorMessage))];
    }
}
