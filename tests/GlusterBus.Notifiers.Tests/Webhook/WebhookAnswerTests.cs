using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Notifiers.Webhook;
using GlusterBus.TestKit;
using static GlusterBus.Notifiers.Tests.Webhook.WebhookFixture;

namespace GlusterBus.Notifiers.Tests.Webhook;

public sealed class WebhookAnswerTests : IAsyncLifetime
{
    private WebhookReceiver _receiver = null!;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _receiver = await WebhookReceiver.StartAsync();

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    public static TheoryData<int, string> Statuses
    {
        get
        {
            var all = new TheoryData<int, string>();
            foreach (int status in new[] { 200, 201, 202, 204, 206 })
            {
                all.Add(status, "done");
            }

            foreach (int status in new[] { 408, 425, 429 })
            {
                all.Add(status, "http-4xx");
            }

            foreach (int status in new[] { 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 426, 428, 431, 451 })
            {
                all.Add(status, "rejected");
            }

            foreach (int status in new[] { 500, 501, 502, 503, 504, 505, 507, 511, 599 })
            {
                all.Add(status, "http-5xx");
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task A_status_decides_between_done_again_and_never(int status, string outcome)
    {
        _receiver.Answer = (_, _) => Task.FromResult(new ScriptedAnswer(status));
        (await OutcomeAsync(Notifier(_receiver))).ShouldBe(outcome);
        _receiver.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_the_error_says_so()
    {
        await using WebhookReceiver elsewhere = await WebhookReceiver.StartAsync();
        _receiver.Answer = (_, _) => Task.FromResult(new ScriptedAnswer(307) { Headers = new Dictionary<string, string> { ["Location"] = elsewhere.Url.ToString() } });
        using WebhookNotifier notifier = Notifier(_receiver);
        (await Should.ThrowAsync<DeliveryRejectedException>(notifier.NotifyAsync(Delivery(), Patience))).Message.ShouldContain("redirects are not followed");
        elsewhere.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task The_receivers_wish_to_be_left_alone_is_passed_on(int status)
    {
        var clock = new FakeClock();
        string inTwoMinutes = (clock.GetUtcNow() + TimeSpan.FromMinutes(2)).ToString("R", CultureInfo.InvariantCulture);
        foreach ((string wish, TimeSpan? wait) in new (string, TimeSpan?)[] { ("17", TimeSpan.FromSeconds(17)), (inTwoMinutes, TimeSpan.FromMinutes(2)), ("soon", null) })
        {
            _receiver.Answer = (_, _) => Task.FromResult(new ScriptedAnswer(status) { Headers = new Dictionary<string, string> { ["Retry-After"] = wish } });
            using WebhookNotifier notifier = Notifier(new WebhookOptions { Url = _receiver.Url.ToString() }, clock);
            (await Should.ThrowAsync<DeliveryFailedException>(notifier.NotifyAsync(Delivery(), Patience))).RetryAfter.ShouldBe(wait);
        }
    }

    [Fact]
    public async Task A_receiver_that_hangs_costs_no_more_than_the_timeout()
    {
        _receiver.Answer = Hang;
        long began = Stopwatch.GetTimestamp();
        (await OutcomeAsync(Notifier(new WebhookOptions { Url = _receiver.Url.ToString(), Timeout = TimeSpan.FromMilliseconds(300) }))).ShouldBe("timeout");
        Stopwatch.GetElapsedTime(began).ShouldBeInRange(TimeSpan.FromMilliseconds(290), TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task A_cancelled_attempt_ends_as_cancelled()
    {
        var arrived = new TaskCompletionSource();
        _receiver.Answer = (request, ct) =>
        {
            arrived.SetResult();
            return Hang(request, ct);
        };
        using var stop = new CancellationTokenSource();
        using WebhookNotifier notifier = Notifier(_receiver);
        Task posting = notifier.NotifyAsync(Delivery(), stop.Token);
        await arrived.Task.WaitAsync(Patience);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(posting);
    }

    [Fact]
    public async Task A_closed_port_is_refused() =>
        (await OutcomeAsync(Notifier(new WebhookOptions { Url = $"http://127.0.0.1:{FreePort()}/" }))).ShouldBe("refused");

    [Fact]
    public async Task A_name_that_does_not_exist_is_a_matter_of_dns() =>
        (await OutcomeAsync(Notifier(new WebhookOptions { Url = "http://receiver.localhost.invalid/" }))).ShouldBe("dns");

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_is_never_accepted()
    {
        await using WebhookReceiver secure = await WebhookReceiver.StartAsync(https: true);
        (await OutcomeAsync(Notifier(secure))).ShouldBe("tls");
        secure.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_certificate_of_the_configured_authority_is_accepted()
    {
        using var folder = new TemporaryFolder();
        await using WebhookReceiver secure = await WebhookReceiver.StartAsync(https: true);
        File.WriteAllText(folder.File("ca.pem"), secure.Certificate!.ExportCertificatePem());
        var options = new WebhookOptions { Url = secure.Url.ToString(), CaFile = folder.File("ca.pem") };
        (await OutcomeAsync(Notifier(options))).ShouldBe("done");
        using WebhookNotifier notifier = Notifier(options);
        (await notifier.CheckAsync(Patience)).ShouldHaveSingleItem().Problem.ShouldBeNull();
        (await OutcomeAsync(Notifier(options with { Url = secure.Url.ToString().Replace("127.0.0.1", "localhost", StringComparison.Ordinal) }))).ShouldBe("tls", "the name is not in the certificate");
    }

    [Fact]
    public async Task The_connection_test_posts_nothing()
    {
        using WebhookNotifier notifier = Notifier(_receiver);
        (await notifier.CheckAsync(Patience)).ShouldHaveSingleItem().Problem.ShouldBeNull();
        _receiver.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_connection_test_names_what_is_wrong()
    {
        using var folder = new TemporaryFolder();
        using WebhookNotifier notifier = Notifier(new WebhookOptions { Url = $"http://127.0.0.1:{FreePort()}/", TokenFile = folder.File("missing") });
        IReadOnlyList<CheckResult> results = await notifier.CheckAsync(Patience);
        results.Count.ShouldBe(2);
        results[0].Problem!.ShouldContain("missing");
        results[1].Problem!.ShouldContain("refused");
        results.ShouldAllBe(r => r.Remedy != null);
    }

    internal static async Task<ScriptedAnswer> Hang(ReceivedRequest request, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return ScriptedAnswer.Ok;
    }

    internal static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        return ((System.Net.IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static async Task<string> OutcomeAsync(WebhookNotifier made)
    {
        using WebhookNotifier notifier = made;
        try
        {
            await notifier.NotifyAsync(Delivery(), Patience);
            return "done";
        }
        catch (DeliveryRejectedException)
        {
            return "rejected";
        }
        catch (DeliveryFailedException e)
        {
            return e.Kind.Name();
        }
    }
}
