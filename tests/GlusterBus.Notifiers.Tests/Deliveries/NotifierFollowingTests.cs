using System.Collections.Concurrent;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Notifiers.Tests.Deliveries;

/// <summary>What the runner does with a notifier that shows the state beside its deliveries.</summary>
public sealed class NotifierFollowingTests : IAsyncDisposable
{
    private static readonly FollowedState State = new("lab", new EmptyTable());

    private readonly CancellationTokenSource _stop = new();
    private readonly InMemoryDeliveryQueues _queues = new();
    private readonly RecordingLogger _log = new();
    private Task _running = Task.CompletedTask;

    private string[] Complaints => [.. _log.Lines.Where(line => line.Level == LogLevel.Error).Select(line => line.Text)];

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [Fact(Timeout = 30_000)]
    public async Task It_follows_before_the_first_delivery_and_is_told_whose_state_it_is()
    {
        _queues.Append(SampleTransitions.Brick());
        var notifier = new Follower((_, ct) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct));

        Start(notifier, State);

        await _queues.WhenEmptyAsync("follower", Patience);
        notifier.Calls.ShouldBe(["follow lab", "deliver"]);
    }

    [Fact(Timeout = 30_000)]
    public async Task One_that_breaks_is_called_again_until_it_works_is_logged_once_and_gets_its_deliveries_all_the_while()
    {
        var works = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var notifier = new Follower(async (call, ct) =>
        {
            if (call <= 5)
            {
                await Task.Yield();
                throw new InvalidOperationException($"broken {call}");
            }

            works.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        });

        Start(notifier, State);
        _queues.Append(SampleTransitions.Brick());

        await works.Task.WaitAsync(Patience);
        await _queues.WhenEmptyAsync("follower", Patience);
        notifier.Calls.Count(call => call == "follow lab").ShouldBe(6);
        string complaint = Complaints.ShouldHaveSingleItem();
        complaint.ShouldStartWith("Notifier follower ceased to show the state");
        complaint.ShouldContain("broken 1");
    }

    [Fact(Timeout = 30_000)]
    public async Task One_that_breaks_again_after_it_has_worked_is_logged_again()
    {
        var clock = new FakeClock();
        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var notifier = new Follower(async (call, ct) =>
        {
            if (call == 3)
            {
                // It works for two minutes.
                await Task.Delay(TimeSpan.FromMinutes(2), clock, ct);
            }
            else if (call == 5)
            {
                again.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
            }

            throw new InvalidOperationException($"broken {call}");
        });

        _running = new NotifierRunner(clock, new Random(1), _log).RunAsync([new ConfiguredNotifier("follower", notifier, TransitionFilter.All)], _queues, State, _stop.Token);
        while (!again.Task.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Complaints.Length.ShouldBe(2);
        Complaints[0].ShouldContain("broken 1");
        Complaints[1].ShouldContain("broken 3");
    }

    [Fact(Timeout = 30_000)]
    public async Task One_that_breaks_at_once_and_without_waiting_stops_no_other_notifier()
    {
        _queues.Append(SampleTransitions.Brick());
        var other = new ScriptedNotifier();

        _running = new NotifierRunner(new HurriedClock(20), new Random(1), _log).RunAsync(
            [new ConfiguredNotifier("follower", new Follower((_, _) => throw new InvalidOperationException("broken")), TransitionFilter.All), new ConfiguredNotifier("other", other, TransitionFilter.All)],
            _queues,
            State,
            _stop.Token);

        await _queues.WhenEmptyAsync("other", Patience);
        other.Delivered.Count.ShouldBe(1);
    }

    [Fact(Timeout = 30_000)]
    public async Task Where_nobody_can_tell_the_state_it_is_not_asked_to_follow()
    {
        _queues.Append(SampleTransitions.Brick());
        var notifier = new Follower((_, _) => Task.CompletedTask);

        Start(notifier, null);

        await _queues.WhenEmptyAsync("follower", Patience);
        notifier.Calls.ShouldBe(["deliver"]);
    }

    [Fact(Timeout = 30_000)]
    public async Task The_end_does_not_wait_for_the_pause_after_a_failure()
    {
        var broke = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var notifier = new Follower((_, _) =>
        {
            broke.TrySetResult();
            throw new InvalidOperationException("broken");
        });

        // A clock that stands still: the pause would never end by itself.
        _running = new NotifierRunner(new FakeClock(), new Random(1), _log).RunAsync([new ConfiguredNotifier("follower", notifier, TransitionFilter.All)], _queues, State, _stop.Token);
        await broke.Task.WaitAsync(Patience);
        await _stop.CancelAsync();

        await _running.WaitAsync(Patience);
    }

    private void Start(Follower notifier, FollowedState? state) =>
        _running = new NotifierRunner(new HurriedClock(20), new Random(1), _log).RunAsync([new ConfiguredNotifier("follower", notifier, TransitionFilter.All)], _queues, state, _stop.Token);

    /// <param name="follow">What it does when it is called to follow, with the number of the call.</param>
    private sealed class Follower(Func<int, CancellationToken, Task> follow) : INotifier, IStateFollower
    {
        private int _calls;

        public ConcurrentQueue<string> Calls { get; } = new();

        public Task FollowAsync(FollowedState state, CancellationToken cancellationToken)
        {
            Calls.Enqueue("follow " + state.Cluster);
            return follow(Interlocked.Increment(ref _calls), cancellationToken);
        }

        public Task NotifyAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            Calls.Enqueue("deliver");
            return Task.CompletedTask;
        }
    }

    private sealed class EmptyTable : IStateReader
    {
        public ValueTask<IReadOnlyList<EntityState>> CurrentAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<EntityState>>([]);
    }
}
