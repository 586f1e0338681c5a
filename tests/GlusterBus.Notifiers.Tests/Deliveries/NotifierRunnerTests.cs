using GlusterBus.Contracts.Pipeline;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Notifiers.Tests.Deliveries;

public sealed class NotifierRunnerTests
{
    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_notifier_that_hangs_delays_no_other()
    {
        var queues = new InMemoryDeliveryQueues();
        queues.Append(SampleTransitions.Bricks(100, 10));
        var hanging = new ScriptedNotifier((_, ct) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct));
        var quick = new ScriptedNotifier();
        await RunAsync(queues, [Configure("hanging", hanging), Configure("quick", quick)], () => queues.WhenEmptyAsync("quick", Patience));
        quick.Delivered.Count.ShouldBe(100);
        hanging.Delivered.ShouldBeEmpty();
        queues.Cursor("hanging").ShouldBe(0);
    }

    [Fact]
    public async Task A_queue_that_breaks_down_is_opened_again_and_the_notifier_goes_on()
    {
        var queues = new InMemoryDeliveryQueues();
        queues.Append(SampleTransitions.Brick(1), SampleTransitions.Brick(2));
        bool crashed = false;
        var notifier = new ScriptedNotifier((d, _) =>
        {
            if (d.Transition.Sequence == 2 && !crashed)
            {
                crashed = true;
                queues.Crash("only");
            }

            return Task.CompletedTask;
        });
        RecordingLogger log = await RunAsync(queues, [Configure("only", notifier)], () => queues.WhenEmptyAsync("only", Patience));
        notifier.Delivered.Select(d => d.Transition.Sequence).Distinct().ShouldBe([1, 2]);
        log.Lines.Count(l => l.Level == LogLevel.Error).ShouldBe(1);
    }

    [Fact]
    public async Task A_queue_that_does_not_open_stops_no_other_notifier_and_is_logged_once()
    {
        var queues = new InMemoryDeliveryQueues();
        queues.Append(SampleTransitions.Brick());
        var late = new LateQueues(queues, "late", failures: 5);
        RecordingLogger log = await RunAsync(
            late, [Configure("late", new ScriptedNotifier()), Configure("other", new ScriptedNotifier())],
            () => Task.WhenAll(queues.WhenEmptyAsync("other", Patience), queues.WhenEmptyAsync("late", Patience)));
        log.Lines.Count(l => l.Level == LogLevel.Error).ShouldBe(1);
    }

    private static ConfiguredNotifier Configure(string name, ScriptedNotifier notifier) => new(name, notifier, TransitionFilter.All);

    private static async Task<RecordingLogger> RunAsync(IDeliveryQueues queues, ConfiguredNotifier[] notifiers, Func<Task> until)
    {
        var log = new RecordingLogger();
        using var stop = new CancellationTokenSource();
        Task running = new NotifierRunner(new HurriedClock(), new Random(1), log).RunAsync(notifiers, queues, stop.Token);
        await until().WaitAsync(TimeSpan.FromSeconds(30), Patience);
        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30), Patience);
        return log;
    }

    private sealed class LateQueues(IDeliveryQueues inner, string name, int failures) : IDeliveryQueues
    {
        private int _left = failures;

        public ValueTask<IDeliveryQueue> OpenAsync(string notifier, CancellationToken cancellationToken) =>
            notifier == name && Interlocked.Decrement(ref _left) >= 0 ? throw new IOException("the disk is full") : inner.OpenAsync(notifier, cancellationToken);
    }
}
