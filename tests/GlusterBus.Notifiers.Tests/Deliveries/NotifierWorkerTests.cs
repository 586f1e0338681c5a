using System.Collections.Concurrent;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Notifiers.Tests.Deliveries;

public sealed class NotifierWorkerTests
{
    private readonly InMemoryDeliveryQueues _queues = new();

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    private Task WhenEmpty => _queues.WhenEmptyAsync(RunningWorker.Name, Patience).WaitAsync(TimeSpan.FromSeconds(30), Patience);

    [Fact]
    public async Task Without_concurrency_everything_arrives_in_the_order_of_the_record_with_its_bytes()
    {
        Transition[] transitions = [.. SampleTransitions.Bricks(300, 20)];
        _queues.Append(transitions);
        var notifier = new ScriptedNotifier();
        await using RunningWorker worker = await RunningWorker.StartAsync(_queues, notifier);
        await WhenEmpty;
        notifier.Ids.ShouldBe(transitions.Select(t => t.Id));
        notifier.Delivered[0].Json.ToArray().ShouldBe(TransitionJson.Write(transitions[0]));
        notifier.MostRunning.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_recorded_while_it_runs_is_delivered_too()
    {
        var notifier = new ScriptedNotifier();
        await using RunningWorker worker = await RunningWorker.StartAsync(_queues, notifier);
        for (int i = 1; i <= 3; i++)
        {
            _queues.Append(SampleTransitions.Brick(i));
            await WhenEmpty;
        }

        notifier.Delivered.Select(d => d.Transition.Sequence).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task What_the_filter_does_not_want_counts_as_done()
    {
        _queues.Append(SampleTransitions.Brick(1), SampleTransitions.Brick(1) with { Entity = EntityId.Volume("rv"), Change = "started" }, SampleTransitions.Brick(2));
        var notifier = new ScriptedNotifier();
        await using RunningWorker worker = await RunningWorker.StartAsync(_queues, notifier, new TransitionFilter { Channels = ["volume"] });
        await WhenEmpty;
        notifier.Ids.ShouldBe(["lab/volume/rv@1"]);
    }

    [Fact]
    public async Task A_rejection_is_parked_with_its_reason_and_the_next_goes_out()
    {
        _queues.Append(SampleTransitions.Brick(1), SampleTransitions.Brick(2));
        var notifier = new ScriptedNotifier((d, _) => d.Transition.Sequence == 1 ? throw new DeliveryRejectedException("not wanted") : Task.CompletedTask);
        await using RunningWorker worker = await RunningWorker.StartAsync(_queues, notifier);
        await WhenEmpty;
        notifier.Delivered.ShouldHaveSingleItem().Transition.Sequence.ShouldBe(2);
        (string queue, ArchivedTransition parked, string reason) = _queues.Rejected.ShouldHaveSingleItem();
        (queue, parked.Transition.Sequence, reason).ShouldBe((RunningWorker.Name, 1, "not wanted"));
    }

    [Fact]
    public async Task A_record_that_nobody_can_read_is_parked()
    {
        _queues.AppendJson("{\"no\":\"transition\"}"u8.ToArray());
        _queues.Append(SampleTransitions.Brick());
        var notifier = new ScriptedNotifier();
        await using RunningWorker worker = await RunningWorker.StartAsync(_queues, notifier);
        await WhenEmpty;
        notifier.Delivered.Count.ShouldBe(1);
        _queues.Rejected.ShouldHaveSingleItem().Reason.ShouldContain("not a GlusterBus transition");
    }

    [Fact]
    public async Task A_failing_delivery_is_tried_again_with_a_growing_number()
    {
        _queues.Append(SampleTransitions.Brick());
        var attempts = new ConcurrentQueue<int>();
        var notifier = new ScriptedNotifier((d, _) =>
        {
            attempts.Enqueue(d.Attempt);
            return d.Attempt < 6 ? throw new InvalidOperationException("down") : Task.CompletedTask;
        });
        await using RunningWorker worker = await RunningWorker.StartAsync(_queues, notifier);
        await WhenEmpty;
        attempts.ShouldBe([1, 2, 3, 4, 5, 6]);
    }

    [Fact]
    public async Task An_entity_that_keeps_failing_holds_up_its_own_transitions_only_and_nothing_behind_it_is_acknowledged()
    {
        // 200 other entities over 16 lanes: most of them share no lane with the one that fails.
        _queues.Append(SampleTransitions.Brick(1, "/srv/ok"));
        _queues.Append(SampleTransitions.Brick(1, "/srv/broken"), SampleTransitions.Brick(2, "/srv/broken"));
        _queues.Append(SampleTransitions.Bricks(200, 200));
        var many = new TaskCompletionSource();
        int delivered = 0;
        var notifier = new ScriptedNotifier(
            (d, _) =>
            {
                if (d.Transition.Entity.Name.EndsWith("broken", StringComparison.Ordinal))
                {
                    throw new InvalidOperationException("down");
                }

                if (Interlocked.Increment(ref delivered) == 100)
                {
                    many.SetResult();
                }

                return Task.CompletedTask;
            },
            concurrency: 4);
        await using RunningWorker worker = await RunningWorker.StartAsync(_queues, notifier);
        await many.Task.WaitAsync(TimeSpan.FromSeconds(30), Patience);
        await worker.StopAsync();
        notifier.Ids.ShouldNotContain(id => id.Contains("broken", StringComparison.Ordinal));
        _queues.Cursor(RunningWorker.Name).ShouldBeLessThanOrEqualTo(10);
    }

    [Fact]
    public async Task No_more_run_at_once_than_the_notifier_allows_and_so_many_do()
    {
        _queues.Append(SampleTransitions.Bricks(200, 200));
        var all = new Barrier(4);
        int entered = 0;
        var notifier = new ScriptedNotifier(
            async (_, ct) =>
            {
                if (Interlocked.Increment(ref entered) <= 4)
                {
                    await Task.Run(() => all.SignalAndWait(TimeSpan.FromSeconds(30)), ct);
                }

                await Task.Yield();
            },
            concurrency: 4);
        await using RunningWorker worker = await RunningWorker.StartAsync(_queues, notifier);
        await WhenEmpty;
        notifier.MostRunning.ShouldBe(4);
        all.CurrentPhaseNumber.ShouldBe(1);
    }

    [Fact]
    public async Task Acknowledgements_are_gathered()
    {
        _queues.Append(SampleTransitions.Bricks(10_000, 100));
        var all = new CountdownEvent(10_000);
        var notifier = new ScriptedNotifier(
            (_, _) =>
            {
                all.Signal();
                return Task.CompletedTask;
            },
            concurrency: 8);

        // The clock stands still, so only full batches are acknowledged, and the rest at the stop.
        await using RunningWorker worker = await RunningWorker.StartAsync(_queues, notifier, clock: new FakeClock());
        await Task.Run(() => all.Wait(TimeSpan.FromSeconds(30)), Patience);
        await worker.StopAsync();
        _queues.Cursor(RunningWorker.Name).ShouldBe(100_000);
        worker.Queue.Acknowledgements.ShouldBeLessThanOrEqualTo(22);
    }

    [Fact]
    public async Task A_stop_lets_the_attempt_in_flight_end_and_acknowledges_it()
    {
        _queues.Append(SampleTransitions.Brick());
        var began = new TaskCompletionSource();
        var end = new TaskCompletionSource();
        var notifier = new ScriptedNotifier(async (_, ct) =>
        {
            began.SetResult();
            await end.Task.WaitAsync(ct);
        });
        await using RunningWorker worker = await RunningWorker.StartAsync(_queues, notifier, clock: new FakeClock());
        await began.Task.WaitAsync(Patience);
        Task stopping = worker.StopAsync();
        end.SetResult();
        await stopping.WaitAsync(TimeSpan.FromSeconds(30), Patience);
        notifier.Delivered.Count.ShouldBe(1);
        _queues.Cursor(RunningWorker.Name).ShouldBe(10);
    }

    [Fact]
    public async Task A_stop_ends_an_attempt_that_hangs_and_does_not_acknowledge_it()
    {
        _queues.Append(SampleTransitions.Brick());
        var began = new TaskCompletionSource();
        var notifier = new ScriptedNotifier(async (_, ct) =>
        {
            began.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        });
        await using RunningWorker worker = await RunningWorker.StartAsync(_queues, notifier);
        await began.Task.WaitAsync(Patience);
        await worker.StopAsync().WaitAsync(TimeSpan.FromSeconds(30), Patience);
        _queues.Cursor(RunningWorker.Name).ShouldBe(0);
    }

    [Fact]
    public async Task A_receiver_that_asks_for_a_pause_gets_it_from_all_lanes()
    {
        var clock = new HurriedClock();
        var attempts = new ConcurrentQueue<DateTimeOffset>();
        int asked = 0;
        var notifier = new ScriptedNotifier(
            (_, _) =>
            {
                attempts.Enqueue(clock.GetUtcNow());
                return Interlocked.Exchange(ref asked, 1) == 0 ? throw new DeliveryFailedException(FailureKind.Http4xx, "busy", TimeSpan.FromMinutes(2)) : Task.CompletedTask;
            },
            concurrency: 2);
        await using RunningWorker worker = await RunningWorker.StartAsync(_queues, notifier, clock: clock);
        _queues.Append(SampleTransitions.Brick());
        while (attempts.IsEmpty)
        {
            await Task.Yield();
        }

        _queues.Append(SampleTransitions.Bricks(50, 50));
        await WhenEmpty;
        DateTimeOffset[] times = [.. attempts.Order()];

        // At most one attempt of the second slot may have been under way when the wish came.
        times.Skip(2).Select(at => at - times[0]).ShouldAllBe(waited => waited >= TimeSpan.FromMinutes(2));
        times.Length.ShouldBe(52);
    }

    [Fact]
    public async Task A_streak_of_failures_is_logged_once_and_its_end_once()
    {
        var log = new RecordingLogger();
        bool isUp = false;
        int failed = 0;
        var notifier = new ScriptedNotifier(
            (_, _) =>
            {
                isUp = isUp || Interlocked.Increment(ref failed) > 40;
                return isUp ? Task.CompletedTask : throw new TimeoutException("no answer");
            },
            concurrency: 4);
        _queues.Append(SampleTransitions.Bricks(60, 60));
        await using RunningWorker worker = await RunningWorker.StartAsync(_queues, notifier, log: log);
        await WhenEmpty;
        await worker.StopAsync();
        log.Lines.Count.ShouldBe(2);
        log.Lines[0].ShouldBe((LogLevel.Warning, "Notifier test failed to deliver (timeout), trying again with growing waits: no answer"));
        log.Lines[1].Level.ShouldBe(LogLevel.Information);
        log.Lines[1].Text.ShouldEndWith("and 40 failed attempts");
    }

    [Fact]
    public async Task A_queue_that_fails_ends_the_run_with_its_exception()
    {
        _queues.Append(SampleTransitions.Brick());
        var notifier = new ScriptedNotifier((_, _) =>
        {
            _queues.Crash(RunningWorker.Name);
            return Task.CompletedTask;
        });
        await using RunningWorker worker = await RunningWorker.StartAsync(_queues, notifier);
        (await Should.ThrowAsync<IOException>(worker.Running.WaitAsync(TimeSpan.FromSeconds(30), Patience))).Message.ShouldBe("the queue's process has crashed");
    }
}
