using GlusterBus.Contracts.Pipeline;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Notifiers.Webhook;
using GlusterBus.TestKit;
using static GlusterBus.Notifiers.Tests.Webhook.WebhookFixture;

namespace GlusterBus.Notifiers.Tests.Webhook;

/// <summary>Worker and webhook together, over real connections.</summary>
public sealed class WebhookDeliveryTests
{
    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Several_receivers_are_independent_of_one_that_hangs_and_one_that_is_down()
    {
        await using WebhookReceiver good = await WebhookReceiver.StartAsync();
        await using WebhookReceiver hanging = await WebhookReceiver.StartAsync();
        hanging.Answer = WebhookAnswerTests.Hang;
        var queues = new InMemoryDeliveryQueues();
        queues.Append(SampleTransitions.Bricks(500, 25));
        using WebhookNotifier a = Notifier(good), b = Notifier(hanging), c = Notifier(new WebhookOptions { Url = $"http://127.0.0.1:{WebhookAnswerTests.FreePort()}/" });
        using var stop = new CancellationTokenSource();
        Task running = new NotifierRunner(TimeProvider.System, new Random(1), new RecordingLogger()).RunAsync(
            [new("good", a, TransitionFilter.All), new("hanging", b, TransitionFilter.All), new("down", c, TransitionFilter.All)], queues, stop.Token);
        await queues.WhenEmptyAsync("good", Patience).WaitAsync(TimeSpan.FromSeconds(30), Patience);
        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30), Patience);
        AssertOrder(good, 500);
        (queues.Cursor("hanging"), queues.Cursor("down")).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_receiver_that_fails_now_and_then_gets_everything_in_order_per_entity()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        var accepted = new List<string>();
        var random = new Random(5);
        receiver.Answer = async (request, _) =>
        {
            await Task.Yield();
            lock (random)
            {
                int fate = random.Next(10);
                if (fate < 2)
                {
                    return new ScriptedAnswer(fate == 0 ? 500 : 408);
                }

                accepted.Add(request.Headers["Idempotency-Key"]);
                return ScriptedAnswer.Ok;
            }
        };
        var queues = new InMemoryDeliveryQueues();
        queues.Append(SampleTransitions.Bricks(400, 20));
        using WebhookNotifier notifier = Notifier(receiver);
        using var stop = new CancellationTokenSource();
        Task running = new NotifierRunner(new HurriedClock(100), new Random(1), new RecordingLogger()).RunAsync([new("hook", notifier, TransitionFilter.All)], queues, stop.Token);
        await queues.WhenEmptyAsync("hook", Patience).WaitAsync(TimeSpan.FromSeconds(30), Patience);
        await stop.CancelAsync();
        await running;
        AssertOrder(accepted, 400);
    }

    [Fact]
    public async Task A_receiver_that_comes_back_on_the_same_port_gets_what_it_missed()
    {
        int port = WebhookAnswerTests.FreePort();
        var queues = new InMemoryDeliveryQueues();
        queues.Append(SampleTransitions.Bricks(50, 50));
        var log = new RecordingLogger();
        using WebhookNotifier notifier = Notifier(new WebhookOptions { Url = $"http://127.0.0.1:{port}/" });
        using var stop = new CancellationTokenSource();
        Task running = new NotifierRunner(new HurriedClock(20), new Random(1), log).RunAsync([new("hook", notifier, TransitionFilter.All)], queues, stop.Token);
        while (log.Lines.Count < 2)
        {
            await Task.Yield();
        }

        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(port: port);
        await queues.WhenEmptyAsync("hook", Patience).WaitAsync(TimeSpan.FromSeconds(30), Patience);
        await stop.CancelAsync();
        await running;
        AssertOrder(receiver, 50);
    }

    private static void AssertOrder(WebhookReceiver receiver, int count) => AssertOrder(receiver.Requests.Select(r => r.Headers["Idempotency-Key"]), count);

    private static void AssertOrder(IEnumerable<string> keys, int count)
    {
        (string Entity, int Sequence)[] all = [.. keys.Select(k => (k[..k.LastIndexOf('@')], int.Parse(k[(k.LastIndexOf('@') + 1)..], System.Globalization.CultureInfo.InvariantCulture)))];
        all.Length.ShouldBe(count);
        foreach (IGrouping<string, (string Entity, int Sequence)> entity in all.GroupBy(k => k.Entity))
        {
            entity.Select(k => k.Sequence).ShouldBe(Enumerable.Range(1, entity.Count()));
        }
    }
}
