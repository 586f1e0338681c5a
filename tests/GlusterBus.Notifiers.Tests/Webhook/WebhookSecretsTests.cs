using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Notifiers.Webhook;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;
using static GlusterBus.Notifiers.Tests.Webhook.WebhookFixture;

namespace GlusterBus.Notifiers.Tests.Webhook;

public sealed class WebhookSecretsTests
{
    private const string Word = "s3cr3t";

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public static TheoryData<string> Troubles => ["200", "302", "400", "401", "429", "500", "503", "hang", "refused", "dns", "tls", "cut", "keys"];

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task No_error_no_log_and_no_check_result_names_a_secret(string trouble)
    {
        using var folder = new TemporaryFolder();
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(https: trouble == "tls");
        receiver.Answer = async (request, ct) => trouble switch
        {
            "hang" => await WebhookAnswerTests.Hang(request, ct),
            "cut" => throw new IOException("the receiver fails"),

            // The worst of receivers: it echoes what it got wherever it can.
            _ when int.TryParse(trouble, out int status) => new ScriptedAnswer(status)
            {
                Headers = new Dictionary<string, string> { ["Location"] = receiver.Url + $"{Word}?{Word}", ["X-Echo"] = Word },
                Body = status == 204 ? "" : string.Join(' ', request.Headers.Values),
            },
            _ => ScriptedAnswer.Ok,
        };
        string host = trouble switch
        {
            "refused" => $"127.0.0.1:{WebhookAnswerTests.FreePort()}",
            "dns" => "receiver.localhost.invalid",
            _ => receiver.Url.Authority,
        };
        var options = new WebhookOptions
        {
            Url = $"{receiver.Url.Scheme}://{Word}:{Word}@{host}/{Word}?token={Word}#{Word}",
            Secrets = [Word],
            SecretFile = trouble == "keys" ? folder.File("missing") : null,
            Headers = new Dictionary<string, string> { ["X-Key"] = Word },
            Timeout = TimeSpan.FromMilliseconds(500),
        };
        await AssertLeaksNoSecretAsync(options);
        await AssertLeaksNoSecretAsync(options with { Url = options.Url.Replace($"{Word}:{Word}@", "", StringComparison.Ordinal), Token = Word });
    }

    [Fact]
    public void No_complaint_about_the_options_repeats_a_secret()
    {
        WebhookOptions[] wrong =
        [
            new() { Url = $"ftp://{Word}@host/{Word}" },
            new() { Url = $"http://{Word}@host/", Token = Word, TokenFile = "/x" },
            new() { Url = "http://host/", Token = Word + "\n" },
            new() { Url = "http://host/", Headers = new Dictionary<string, string> { ["X"] = Word + "\r\n" } },
        ];
        foreach (WebhookOptions options in wrong)
        {
            var results = new List<System.ComponentModel.DataAnnotations.ValidationResult>();
            System.ComponentModel.DataAnnotations.Validator.TryValidateObject(options, new(options), results, validateAllProperties: true).ShouldBeFalse();
            results.ShouldAllBe(r => !r.ErrorMessage!.Contains(Word));
        }

        Should.Throw<ArgumentException>(() => Notifier(wrong[0])).ToString().ShouldNotContain(Word);
    }

    /// <summary>Delivers through the worker, by hand and through the connection test, and reads everything that a person might get to see.</summary>
    private static async Task AssertLeaksNoSecretAsync(WebhookOptions options)
    {
        using WebhookNotifier notifier = Notifier(options);
        var seen = new List<string>();
        try
        {
            await notifier.NotifyAsync(Delivery(), Patience);
        }
        catch (Exception e)
        {
            seen.Add(e.ToString());
        }

        seen.AddRange((await notifier.CheckAsync(Patience)).Select(r => r.ToString()));

        var queues = new InMemoryDeliveryQueues();
        queues.Append(SampleTransitions.Brick());
        var log = new RecordingLogger();
        IDeliveryQueue queue = await queues.OpenAsync("hook", Patience);
        using var stop = new CancellationTokenSource();
        var tried = new TaskCompletionSource();
        var watched = new WatchedNotifier(notifier, tried);
        using var worker = new NotifierWorker(
            new ConfiguredNotifier("hook", watched, TransitionFilter.All), queue, TimeProvider.System, new Random(1), log.CreateLogger<NotifierWorker>());
        Task running = worker.RunAsync(stop.Token);
        await tried.Task.WaitAsync(TimeSpan.FromSeconds(30), Patience);
        await stop.CancelAsync();
        await running;
        seen.AddRange(log.Lines.Select(l => l.Text));
        seen.AddRange(queues.Rejected.Select(r => r.Reason));
        seen.ShouldNotBeEmpty();
        seen.ShouldAllBe(text => !text.Contains(Word, StringComparison.OrdinalIgnoreCase) && !text.Contains("czNjcjN0", StringComparison.Ordinal));
    }

    private sealed class WatchedNotifier(INotifier inner, TaskCompletionSource tried) : INotifier
    {
        public async Task NotifyAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            try
            {
                await inner.NotifyAsync(delivery, cancellationToken);
            }
            finally
            {
                tried.TrySetResult();
            }
        }
    }
}
