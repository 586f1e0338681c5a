using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Decisions;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Memory;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Router.Tests;

public sealed class ObservationRouterTests
{
    private readonly FakeClock _clock = new();
    private readonly MemoryStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<ObservationRouter> StartAsync(IStateTable? table = null)
    {
        var router = new ObservationRouter(table ?? _store, new RouterOptions { Cluster = "test" }, _clock, NullLogger<ObservationRouter>.Instance);
        await router.StartAsync(Token);
        return router;
    }

    private ObservationBatch Batch(long sequence, string entity, string state, string node = "n1") => new()
    {
        Stream = $"{node}/gf_event",
        Epoch = 1,
        Observations = [new Observation { Entity = EntityId.Parse(entity), State = state, Source = "gf_event", Node = node, ObservedAt = _clock.GetUtcNow(), Sequence = sequence }],
    };

    [Fact]
    public async Task Publishing_returns_when_the_transition_is_in_the_archive()
    {
        await using ObservationRouter router = await StartAsync();
        await router.PublishAsync(Batch(1, "brick/gv0/n1:/b", "offline"), Token);
        _store.Head.ShouldBe(1);
        router.Current().ShouldHaveSingleItem().State.ShouldBe("offline");
        (router.Counters.Seen, router.Counters.Published).ShouldBe((1, 1));
    }

    [Fact]
    public async Task Many_collectors_at_once_lose_nothing_and_keep_their_order()
    {
        await using ObservationRouter router = await StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(node => Task.Run(async () =>
        {
            for (int i = 1; i <= 50; i++)
            {
                await router.PublishAsync(Batch(i, $"brick/gv0/n{node}:/b", i % 2 == 1 ? "offline" : "online", $"n{node}"), Token);
            }
        })));

        router.Counters.Published.ShouldBe(1000);
        router.Current().Count.ShouldBe(20);
        router.Current().ShouldAllBe(e => e.Sequence == 50 && e.State == "online");
    }

    [Fact]
    public async Task A_held_state_is_announced_by_the_clock_alone()
    {
        await using ObservationRouter router = await StartAsync();
        var announced = new TaskCompletionSource<RoutedObservation>();
        router.Routed += routed =>
        {
            if (routed.Transition is not null)
            {
                announced.TrySetResult(routed);
            }
        };
        await router.PublishAsync(Batch(1, "subvol/gv0/replicate-0", "down"), Token);
        router.Counters.SuppressedBy(Suppression.Held).ShouldBe(1);

        while (!announced.Task.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await announced.Task).Transition!.Reason.ShouldBe(TransitionReason.HoldElapsed);
    }

    [Fact]
    public async Task What_was_held_back_goes_on_with_the_trace_that_its_report_came_with()
    {
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        ObservationRouter first = await StartAsync();
        await first.PublishAsync(Batch(1, "subvol/gv0/replicate-0", "down") with { TraceParent = trace }, Token);
        await first.DisposeAsync();

        // Over a restart too: the claim is in the table.
        await using ObservationRouter router = await StartAsync();
        var announced = new TaskCompletionSource<Transition>();
        router.Routed += routed =>
        {
            if (routed.Transition is { } transition)
            {
                announced.TrySetResult(transition);
            }
        };
        while (!announced.Task.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Transition held = await announced.Task;
        (held.Reason, held.TraceParent).ShouldBe((TransitionReason.HoldElapsed, trace));
    }

    [Fact]
    public async Task A_transition_belongs_to_the_trace_of_the_batch_that_caused_it_and_to_no_other()
    {
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await using ObservationRouter router = await StartAsync();
        IReadOnlyList<Outcome> traced = await router.RouteAsync(Batch(1, "brick/gv0/n1:/b", "offline") with { TraceParent = trace }, Token);
        IReadOnlyList<Outcome> plain = await router.RouteAsync(Batch(2, "brick/gv0/n1:/b", "online"), Token);

        traced[0].Transition!.TraceParent.ShouldBe(trace);
        plain[0].Transition!.TraceParent.ShouldBeNull();
    }

    [Fact]
    public async Task The_state_is_there_again_after_a_crash_and_repeats_are_still_repeats()
    {
        ObservationRouter first = await StartAsync();
        await first.PublishAsync(Batch(1, "brick/gv0/n1:/b", "offline"), Token);

        await using ObservationRouter second = await StartAsync();
        await second.PublishAsync(Batch(1, "brick/gv0/n1:/b", "offline"), Token);
        second.Counters.SuppressedBy(Suppression.AlreadyApplied).ShouldBe(1);
        await second.PublishAsync(Batch(2, "brick/gv0/n1:/b", "offline"), Token);
        second.Counters.SuppressedBy(Suppression.SameSource).ShouldBe(1);
        _store.Head.ShouldBe(1);
    }

    [Fact]
    public async Task A_router_whose_table_was_taken_over_stops_and_says_so_to_whoever_publishes()
    {
        ObservationRouter old = await StartAsync();
        await using ObservationRouter current = await StartAsync();
        await Should.ThrowAsync<FencedException>(async () => await old.PublishAsync(Batch(1, "brick/gv0/n1:/b", "offline"), Token));
        await Should.ThrowAsync<FencedException>(() => old.Completion);
        await old.DisposeAsync();
        _store.Head.ShouldBe(0);
    }

    [Fact]
    public async Task A_disk_that_refuses_for_a_while_makes_the_collectors_wait_and_loses_nothing()
    {
        var moody = new MoodyTable(_store, failures: 3);
        await using ObservationRouter router = await StartAsync(moody);
        Task publishing = router.PublishAsync(Batch(1, "brick/gv0/n1:/b", "offline"), Token).AsTask();
        while (!publishing.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await publishing;
        (moody.Attempts, _store.Head).ShouldBe((4, 1));
    }

    private sealed class MoodyTable(IStateTable inner, int failures) : IStateTable
    {
        public int Attempts { get; private set; }

        public ValueTask<TableContents> OpenAsync(CancellationToken cancellationToken) => inner.OpenAsync(cancellationToken);

        public ValueTask CommitAsync(long epoch, Commit commit, CancellationToken cancellationToken) =>
            ++Attempts <= failures ? throw new IOException("no space left on device") : inner.CommitAsync(epoch, commit, cancellationToken);
    }
}
