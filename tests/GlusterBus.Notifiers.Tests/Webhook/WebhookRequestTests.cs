using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Notifiers.Webhook;
using GlusterBus.TestKit;
using static GlusterBus.Notifiers.Tests.Webhook.WebhookFixture;

namespace GlusterBus.Notifiers.Tests.Webhook;

public sealed class WebhookRequestTests : IAsyncLifetime
{
    private WebhookReceiver _receiver = null!;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    private string Url => _receiver.Url + "hook";

    public async ValueTask InitializeAsync() => _receiver = await WebhookReceiver.StartAsync();

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    [Fact]
    public async Task The_body_is_the_transition_byte_for_byte_as_a_cloudevent()
    {
        ReceivedRequest request = await PostAsync(new WebhookOptions { Url = Url + "?a=1" });
        (request.Method, request.Path).ShouldBe(("POST", "/hook?a=1"));
        request.Headers["Content-Type"].ShouldBe("application/cloudevents+json");
        request.Headers["Idempotency-Key"].ShouldBe("lab/brick/rv/gl2:/srv/rv1@1");
        request.Headers.Keys.ShouldNotContain("Expect");
        request.Headers.Keys.ShouldNotContain("Authorization");
        request.Headers.Keys.ShouldNotContain("GlusterBus-Signature");
        request.Body.ShouldBe(TransitionJson.Write(SampleTransitions.Brick()));
    }

    [Fact]
    public async Task The_trace_goes_along_unless_the_configuration_sets_one_and_there_is_none_by_default()
    {
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", fixedOne = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        using WebhookNotifier plain = Notifier(new WebhookOptions { Url = Url });
        using WebhookNotifier configured = Notifier(new WebhookOptions { Url = Url, Headers = new Dictionary<string, string> { ["Traceparent"] = fixedOne } });
        await plain.NotifyAsync(Delivery() with { TraceParent = trace }, Patience);
        await configured.NotifyAsync(Delivery() with { TraceParent = trace }, Patience);
        await plain.NotifyAsync(Delivery(), Patience);

        _receiver.Requests.Select(request => request.Headers.GetValueOrDefault("traceparent")).ShouldBe([trace, fixedOne, null]);
    }

    [Fact]
    public async Task Deliveries_share_a_connection()
    {
        using WebhookNotifier notifier = Notifier(_receiver);
        for (int i = 1; i <= 5; i++)
        {
            await notifier.NotifyAsync(Delivery(SampleTransitions.Brick(i)), Patience);
        }

        _receiver.Requests.Select(r => r.Connection).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_token_goes_out_as_bearer() =>
        (await PostAsync(new WebhookOptions { Url = Url, Token = "tok123" })).Headers["Authorization"].ShouldBe("Bearer tok123");

    [Fact]
    public async Task A_token_file_is_read_again_after_a_minute()
    {
        using var folder = new TemporaryFolder();
        var clock = new FakeClock();
        File.WriteAllText(folder.File("token"), "old\n");
        using WebhookNotifier notifier = Notifier(new WebhookOptions { Url = Url, TokenFile = folder.File("token") }, clock);
        await notifier.NotifyAsync(Delivery(), Patience);
        File.WriteAllText(folder.File("token"), "new\n");
        await notifier.NotifyAsync(Delivery(), Patience);
        clock.Advance(TimeSpan.FromMinutes(1));
        await notifier.NotifyAsync(Delivery(), Patience);
        File.Delete(folder.File("token"));
        clock.Advance(TimeSpan.FromMinutes(1));
        await notifier.NotifyAsync(Delivery(), Patience);
        _receiver.Requests.Select(r => r.Headers["Authorization"]).ShouldBe(["Bearer old", "Bearer old", "Bearer new", "Bearer new"]);
    }

    [Fact]
    public async Task A_user_in_the_url_becomes_basic_authentication()
    {
        ReceivedRequest request = await PostAsync(new WebhookOptions { Url = Url.Replace("://", "://ann:p%40ss@", StringComparison.Ordinal) });
        request.Headers["Authorization"].ShouldBe("Basic " + Convert.ToBase64String("ann:p@ss"u8));
    }

    [Fact]
    public async Task Further_headers_go_along_and_may_replace_the_content_type()
    {
        ReceivedRequest request = await PostAsync(new WebhookOptions { Url = Url, Headers = new Dictionary<string, string> { ["X-Site"] = "berlin", ["Content-Type"] = "application/json" } });
        request.Headers["X-Site"].ShouldBe("berlin");
        request.Headers["Content-Type"].ShouldBe("application/json");
    }

    [Fact]
    public async Task The_signature_is_the_hmac_of_time_and_body_for_each_key()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("keys"), "third\n\n fourth \n");
        var clock = new FakeClock();
        ReceivedRequest request = await PostAsync(new WebhookOptions { Url = Url, Secrets = ["first", "sécond"], SecretFile = folder.File("keys") }, clock);
        string[] parts = request.Headers["GlusterBus-Signature"].Split(',');
        parts[0].ShouldBe("t=" + clock.GetUtcNow().ToUnixTimeSeconds());
        byte[] signed = [.. Encoding.ASCII.GetBytes(parts[0][2..] + "."), .. request.Body];
        parts.Skip(1).ShouldBe(new[] { "first", "sécond", "third", "fourth" }.Select(key => "v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), signed))));
    }

    [Fact]
    public async Task What_should_be_signed_is_never_sent_unsigned()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("keys"), "\n");
        await Should.ThrowAsync<Exception>(PostAsync(new WebhookOptions { Url = Url, SecretFile = folder.File("keys") }));
        await Should.ThrowAsync<Exception>(PostAsync(new WebhookOptions { Url = Url, SecretFile = folder.File("missing") }));
        _receiver.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/srv/brück 1%", "lab/brick/rv/gl2:/srv/br%C3%BCck%201%25@1")]
    [InlineData("/srv/\u65e5", "lab/brick/rv/gl2:/srv/%E6%97%A5@1")]
    public async Task The_idempotency_key_is_ascii_whatever_the_path(string path, string key) =>
        (await PostAsync(new WebhookOptions { Url = Url }, transition: SampleTransitions.Brick(1, path))).Headers["Idempotency-Key"].ShouldBe(key);

    [Fact]
    public async Task The_idempotency_key_of_a_very_long_path_is_short_and_differs_by_its_end()
    {
        string path = "/srv/" + new string('x', 4000);
        string[] keys =
        [
            (await PostAsync(new WebhookOptions { Url = Url }, transition: SampleTransitions.Brick(1, path))).Headers["Idempotency-Key"],
            (await PostAsync(new WebhookOptions { Url = Url }, transition: SampleTransitions.Brick(2, path))).Headers["Idempotency-Key"],
        ];
        keys.ShouldAllBe(key => key.Length == IdempotencyKey.MaximumLength);
        keys[0].ShouldNotBe(keys[1]);
    }

    [Fact]
    public async Task A_classic_consumer_gets_the_json_of_glustereventsd()
    {
        Transition created = SampleTransitions.Brick() with { Entity = EntityId.Volume("rv"), Change = "created", Previous = null, Current = "created" };
        ReceivedRequest request = await PostAsync(new WebhookOptions { Url = Url, Payload = "classic" }, transition: created);
        request.Headers["Content-Type"].ShouldBe("application/json");
        using JsonDocument json = JsonDocument.Parse(request.Body);
        json.RootElement.EnumerateObject().Select(p => p.Name).Order().ShouldBe(["event", "message", "nodeid", "ts"]);
        json.RootElement.GetProperty("event").GetString().ShouldBe("VOLUME_CREATE");
        json.RootElement.GetProperty("message").GetProperty("name").GetString().ShouldBe("rv");
        json.RootElement.GetProperty("nodeid").GetString().ShouldBe("gl2");
        json.RootElement.GetProperty("ts").GetInt64().ShouldBe(created.Time.ToUnixTimeSeconds());
    }

    [Fact]
    public async Task A_brick_that_went_down_is_told_in_the_very_bytes_of_glustereventsd()
    {
        ReceivedRequest request = await PostAsync(new WebhookOptions { Url = Url, Payload = "classic", NodeId = "3dd4e243" });
        request.Text.ShouldBe(
            "{\"event\": \"BRICK_DISCONNECTED\", \"message\": {\"brick\": \"/srv/rv1\", \"peer\": \"gl2\", \"volume\": \"rv\"}, \"nodeid\": \"3dd4e243\", \"ts\": 1795338998}");
    }

    [Fact]
    public async Task A_classic_consumer_gets_the_configured_node_id()
    {
        Transition created = SampleTransitions.Brick() with { Entity = EntityId.Volume("rv"), Change = "created", Previous = null, Current = "created" };
        ReceivedRequest request = await PostAsync(new WebhookOptions { Url = Url, Payload = "classic", NodeId = "688ca721-7d96-4a0c-bf81-baab725e2b2b" }, transition: created);
        request.Text.ShouldContain("688ca721-7d96-4a0c-bf81-baab725e2b2b");
    }

    [Fact]
    public async Task What_has_no_classic_name_is_left_out()
    {
        using WebhookNotifier notifier = Notifier(new WebhookOptions { Url = Url, Payload = "classic" });
        await notifier.NotifyAsync(Delivery(SampleTransitions.Brick() with { Entity = EntityId.Of("collector", "gl1", "logs"), Change = "blind", Current = "blind" }), Patience);
        _receiver.Requests.ShouldBeEmpty();
    }

    private async Task<ReceivedRequest> PostAsync(WebhookOptions options, TimeProvider? clock = null, Transition? transition = null)
    {
        using WebhookNotifier notifier = Notifier(options, clock);
        await notifier.NotifyAsync(Delivery(transition), Patience);
        return await _receiver.NextAsync(Patience);
    }
}
