using FsCheck;
using FsCheck.Fluent;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Notifiers.Tests.Deliveries;

/// <summary>How the worker runs a notifier that gathers.</summary>
public sealed class GatheringTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(25);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task What_is_held_is_not_acknowledged_and_comes_again_in_the_next_life()
    {
        var queues = new InMemoryDeliveryQueues();
        Transition[] transitions = [.. SampleTransitions.Bricks(3, 2)];
        var offered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var holding = new Gatherer((waiting, _) =>
        {
            if (waiting.Count == 3)
            {
                offered.TrySetResult();
            }

            return new Gathered(0);
        });
        await using (RunningWorker first = await RunningWorker.StartAsync(queues, holding))
        {
            queues.Append(transitions);
            await offered.Task.WaitAsync(Token);
            await first.StopAsync();
        }

        queues.Cursor(RunningWorker.Name).ShouldBe(0);
        var taking = new Gatherer((waiting, _) => new Gathered(waiting.Count));
        await using RunningWorker second = await RunningWorker.StartAsync(queues, taking);
        await queues.WhenEmptyAsync(RunningWorker.Name, Token);

        taking.Ids.ShouldBe(transitions.Select(t => t.Id));
    }

    [Fact(Timeout = 60_000)]
    public async Task What_waits_is_offered_again_when_the_time_named_is_over()
    {
        var queues = new InMemoryDeliveryQueues();
        int offers = 0;
        var notifier = new Gatherer((waiting, _) => ++offers < 3 ? new Gathered(0, Again: TimeSpan.FromMinutes(1)) : new Gathered(waiting.Count));
        await using RunningWorker worker = await RunningWorker.StartAsync(queues, notifier);
        queues.Append(SampleTransitions.Brick());

        await queues.WhenEmptyAsync(RunningWorker.Name, Token);

        offers.ShouldBe(3);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_is_taken_as_rejected_is_parked_with_the_reason_and_the_rest_goes_on()
    {
        var queues = new InMemoryDeliveryQueues();
        Transition[] transitions = [.. SampleTransitions.Bricks(3, 3)];
        queues.Append(transitions);
        var notifier = new Gatherer((waiting, taken) => taken == 0 ? new Gathered(1, Rejection: "never") : new Gathered(waiting.Count));
        await using RunningWorker worker = await RunningWorker.StartAsync(queues, notifier);

        await queues.WhenEmptyAsync(RunningWorker.Name, Token);

        queues.Rejected.Select(r => (r.Transition.Transition.Id, r.Reason)).ShouldBe([(transitions[0].Id, "never")]);
        notifier.Ids.ShouldBe(transitions.Select(t => t.Id));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_failure_is_tried_again_and_told_once_with_its_end()
    {
        var queues = new InMemoryDeliveryQueues();
        var log = new RecordingLogger();
        int attempts = 0;
        var notifier = new Gatherer((waiting, _) => ++attempts < 4 ? throw new DeliveryFailedException(FailureKind.Smtp4xx, "busy") : new Gathered(waiting.Count));
        await using RunningWorker worker = await RunningWorker.StartAsync(queues, notifier, log: log);
        queues.Append(SampleTransitions.Brick());

        await queues.WhenEmptyAsync(RunningWorker.Name, Token);
        await worker.StopAsync(); // what is delivered is acknowledged before the worker tells that it recovered

        notifier.Attempts.ShouldBe([1, 2, 3, 4]);
        log.Lines.Select(line => line.Level).ShouldBe([LogLevel.Warning, LogLevel.Information]);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_is_filtered_out_behind_one_that_waits_fills_the_offer_up()
    {
        var queues = new InMemoryDeliveryQueues();
        var notifier = new Gatherer((waiting, _) => new Gathered(0)) { TakesWhenFull = true };
        var filter = new TransitionFilter { Entities = ["brick/rv/gl2:/srv/wanted"] };
        await using RunningWorker worker = await RunningWorker.StartAsync(queues, notifier, filter);
        queues.Append(SampleTransitions.Brick(path: "/srv/wanted"));
        queues.Append(SampleTransitions.Bricks(NotifierWorker.Full, 8));

        await queues.WhenEmptyAsync(RunningWorker.Name, Token);

        notifier.Ids.Count.ShouldBe(1);
    }

    [Fact]
    public void A_crash_at_any_moment_skips_nothing_and_keeps_the_order() =>
        Check.One(Runs, Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => CrashesAsync(seed).GetAwaiter().GetResult()));

    private static async Task<bool> CrashesAsync(int seed)
    {
        var random = new Random(seed);
        var queues = new InMemoryDeliveryQueues();
        Transition[] transitions = [.. SampleTransitions.Bricks(300, random.Next(1, 40))];
        queues.Append(transitions);
        var lives = new List<IReadOnlyList<string>>();
        for (int life = 0; queues.Cursor(RunningWorker.Name) < queues.Head; life++)
        {
            int death = life < 10 ? random.Next(1, 8) : int.MaxValue;
            int offers = 0;
            var died = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var notifier = new Gatherer((waiting, _) =>
            {
                if (++offers == death)
                {
                    queues.Crash(RunningWorker.Name);
                    died.SetResult();
                }

                return random.Next(4) switch
                {
                    0 => throw new InvalidOperationException("passing"),
                    1 => new Gathered(0, Again: TimeSpan.FromMilliseconds(200)),
                    _ => new Gathered(random.Next(1, Math.Min(waiting.Count, 40) + 1)),
                };
            });
            await using RunningWorker worker = await RunningWorker.StartAsync(queues, notifier, seed: seed);
            await Task.WhenAny(died.Task, worker.Running, queues.WhenEmptyAsync(RunningWorker.Name, CancellationToken.None)).WaitAsync(TimeSpan.FromSeconds(60));
            lives.Add(notifier.Ids);
        }

        // Each life goes on where an acknowledgement was, without a gap.
        string[] all = [.. transitions.Select(t => t.Id)];
        int done = 0;
        foreach (IReadOnlyList<string> life in lives.Where(life => life.Count > 0))
        {
            int from = Array.IndexOf(all, life[0]);
            if (from > done || !all.Skip(from).Take(life.Count).SequenceEqual(life))
            {
                return false;
            }

            done = Math.Max(done, from + life.Count);
        }

        return done == all.Length;
    }

    private sealed class Gatherer(Func<IReadOnlyList<Delivery>, int, Gathered> decide) : IGatheringNotifier
    {
        private readonly List<string> _ids = [];

        public bool TakesWhenFull { get; init; }

        public List<int> Attempts { get; } = [];

        /// <summary>What was taken, in order.</summary>
        public IReadOnlyList<string> Ids
        {
            get
            {
                lock (_ids)
                {
                    return [.. _ids];
                }
            }
        }

        public Task NotifyAsync(Delivery delivery, CancellationToken cancellationToken) => throw new InvalidOperationException("it gathers");

        public async Task<Gathered> GatherAsync(IReadOnlyList<Delivery> waiting, bool isFull, CancellationToken cancellationToken)
        {
            await Task.Yield();
            Attempts.Add(waiting[0].Attempt);
            Gathered gathered = isFull && TakesWhenFull ? new Gathered(waiting.Count) : decide(waiting, Ids.Count);
            lock (_ids)
            {
                _ids.AddRange(waiting.Take(gathered.Taken).Select(d => d.Transition.Id));
            }

            return gathered;
        }
    }
}
