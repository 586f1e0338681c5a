using System.Collections.Concurrent;
using FsCheck;
using FsCheck.Fluent;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.TestKit;

namespace GlusterBus.Notifiers.Tests.Deliveries;

/// <summary>What must hold whatever fails, in whatever order things end.</summary>
public sealed class DeliveryLawsTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(25);

    [Fact]
    public void Each_entity_is_delivered_in_order_and_completely_under_concurrency_and_random_failures() =>
        Check.One(Runs, Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => OrderAsync(seed).GetAwaiter().GetResult()));

    [Fact]
    public void A_crash_at_any_moment_skips_nothing_and_doubles_only_with_the_same_id_and_bytes() =>
        Check.One(Runs, Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => CrashesAsync(seed).GetAwaiter().GetResult()));

    private static async Task<bool> OrderAsync(int seed)
    {
        var random = new Random(seed);
        var queues = new InMemoryDeliveryQueues();
        Transition[] transitions = [.. SampleTransitions.Bricks(300, random.Next(1, 40))];
        queues.Append(transitions);
        var running = new ConcurrentDictionary<string, bool>();
        bool overlapped = false;
        var notifier = new ScriptedNotifier(Unreliable(random, running, () => overlapped = true), random.Next(1, 12));
        await using RunningWorker worker = await RunningWorker.StartAsync(queues, notifier, seed: seed);
        await queues.WhenEmptyAsync(RunningWorker.Name, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        await worker.StopAsync();
        IEnumerable<string> parked = queues.Rejected.Select(r => r.Transition.Transition.Id);
        return !overlapped
            && notifier.Ids.Concat(parked).Order().SequenceEqual(transitions.Select(t => t.Id).Order())
            && notifier.Delivered.GroupBy(d => d.Transition.Entity).All(g => g.Select(d => d.Transition.Sequence).SequenceEqual(g.Select(d => d.Transition.Sequence).Order()));
    }

    private static async Task<bool> CrashesAsync(int seed)
    {
        var random = new Random(seed);
        var queues = new InMemoryDeliveryQueues();
        Transition[] transitions = [.. SampleTransitions.Bricks(400, random.Next(1, 40))];
        queues.Append(transitions);
        var attempted = new ConcurrentBag<Delivery>();
        for (int life = 0; queues.Cursor(RunningWorker.Name) < queues.Head; life++)
        {
            int deaths = life < 10 ? random.Next(1, 120) : int.MaxValue;
            var died = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            int made = 0;
            var notifier = new ScriptedNotifier(
                async (delivery, ct) =>
                {
                    await Task.Yield();
                    ct.ThrowIfCancellationRequested();
                    attempted.Add(delivery);
                    if (Interlocked.Increment(ref made) == deaths)
                    {
                        queues.Crash(RunningWorker.Name);
                        died.SetResult();
                    }
                },
                random.Next(1, 12));
            await using RunningWorker worker = await RunningWorker.StartAsync(queues, notifier, seed: seed);
            await Task.WhenAny(died.Task, worker.Running, queues.WhenEmptyAsync(RunningWorker.Name, CancellationToken.None)).WaitAsync(TimeSpan.FromSeconds(60));
        }

        // Whatever was delivered has the id and the bytes of its record; whatever was recorded has been delivered.
        ILookup<string, Delivery> byId = attempted.ToLookup(d => d.Transition.Id);
        return transitions.All(t => byId[t.Id].Any() && byId[t.Id].All(d => d.Json.Span.SequenceEqual(TransitionJson.Write(t)))) && byId.Count == transitions.Length;
    }

    private static Func<Delivery, CancellationToken, Task> Unreliable(Random random, ConcurrentDictionary<string, bool> running, Action overlap) => async (delivery, _) =>
    {
        int fate;
        lock (random)
        {
            fate = random.Next(20);
        }

        if (!running.TryAdd(delivery.Transition.Entity.Value, true))
        {
            overlap();
        }

        try
        {
            if (fate > 5)
            {
                await Task.Yield();
            }

            switch (fate)
            {
                case < 3:
                    throw new InvalidOperationException("passing");
                case 3:
                    throw new OperationCanceledException("its own timeout");
                case 4:
                    throw new DeliveryRejectedException("never");
            }
        }
        finally
        {
            running.TryRemove(delivery.Transition.Entity.Value, out bool _);
        }
    };
}
