using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router.State;
using GlusterBus.Router.Tests.State;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Router.Tests;

/// <summary>The router when collectors fall silent and when its state table is emptied, cut off or lost.</summary>
public sealed class RouterLossTests
{
    private const string Brick = "brick/gv0/n1:/b";
    private readonly FakeClock _clock = new();
    private long _sequence;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<ObservationRouter> StartAsync(IStateTable table, Func<CancellationToken, Task<bool>>? canHear = null)
    {
        var router = new ObservationRouter(table, new RouterOptions { Cluster = "test" }, _clock, NullLogger<ObservationRouter>.Instance, canHear);
        await router.StartAsync(Token);
        return router;
    }

    private Task<HeartbeatReply> HearAsync(ObservationRouter router, string node, string? generation = null, bool hasLooked = true) =>
        router.HearAsync(new CollectorMemory(node, generation), new Heartbeat(_clock.GetUtcNow(), hasLooked), Token);

    private Observation Claim(string entity, string state, string node = "n1") => new()
    {
        Entity = EntityId.Parse(entity),
        State = state,
        Source = "get_state",
        Node = node,
        ObservedAt = _clock.GetUtcNow(),
        Sequence = ++_sequence,
    };

    private ObservationBatch Event(string entity, string state) => new() { Stream = "n1/gf_event", Epoch = 1, Observations = [Claim(entity, state) with { Source = "gf_event" }] };

    private ObservationBatch Look(bool isFirst, params (string Entity, string State)[] seen) => new()
    {
        Stream = "n1/get_state",
        Epoch = 1,
        Observations = [.. seen.Select(s => Claim(s.Entity, s.State))],
        Snapshot = new Snapshot("n1", ["volume/", "brick/"], isFirst, _clock.GetUtcNow(), "get_state"),
    };

    [Fact]
    public async Task A_collector_that_is_not_heard_for_fifteen_seconds_is_silent_and_its_entities_are_unknown()
    {
        var table = new LosableTable("A");
        await using ObservationRouter router = await StartAsync(table);
        await HearAsync(router, "n1");
        await HearAsync(router, "n2");
        await router.RouteAsync(Look(isFirst: true, (Brick, "online")), Token);
        for (int second = 1; second <= 16; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await HearAsync(router, "n2");
            table.Outbox.Count.ShouldBe(second < 15 ? 0 : 1);
        }

        table.Outbox.Single().ShouldSatisfyAllConditions(t => t.Entity.Value.ShouldBe("collector/n1"), t => t.Change.ShouldBe("silent"));
        router.Current().Single(e => e.Entity.Value == Brick).State.ShouldBe("unknown");

        (await HearAsync(router, "n1", hasLooked: true)).WantsLook.ShouldBeTrue();
        await router.RouteAsync(Look(isFirst: false, (Brick, "online")), Token);
        (await HearAsync(router, "n1")).WantsLook.ShouldBeFalse();
        table.Outbox.Select(t => t.Change).ShouldBe(["silent", "online"]);
        router.Current().Single(e => e.Entity.Value == Brick).State.ShouldBe("online");
    }

    [Fact]
    public async Task A_router_that_can_hear_nobody_takes_nobody_for_silent()
    {
        var table = new LosableTable("A");
        bool isCutOff = true;
        await using ObservationRouter router = await StartAsync(table, _ => Task.FromResult(!isCutOff));
        await HearAsync(router, "n1");
        await AdvanceAsync(29);
        table.Outbox.ShouldBeEmpty();

        isCutOff = false;
        await AdvanceAsync(2);
        table.Outbox.Single().Change.ShouldBe("silent", "fresh patience was given after 15 s, and that is over");

        async Task AdvanceAsync(int seconds)
        {
            for (int second = 0; second < seconds; second++)
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                await router.VerifyAsync(Token);
            }
        }
    }

    [Fact]
    public async Task Silence_is_noticed_by_the_clock_alone()
    {
        var table = new LosableTable("A");
        await using ObservationRouter router = await StartAsync(table);
        var silent = new TaskCompletionSource<RoutedObservation>(TaskCreationOptions.RunContinuationsAsynchronously);
        router.Routed += routed =>
        {
            if (routed.Transition is not null)
            {
                silent.TrySetResult(routed);
            }
        };
        await HearAsync(router, "n1");

        // Nothing but the clock moves; by less than would look as if the router itself had been away.
        while (!silent.Task.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        (await silent.Task).Transition!.Change.ShouldBe("silent");
    }

    [Fact]
    public async Task A_router_that_takes_over_waits_for_every_collector_it_knows_of()
    {
        var table = new LosableTable("A");
        ObservationRouter first = await StartAsync(table);
        await HearAsync(first, "n1");
        await first.DisposeAsync();

        _clock.Advance(TimeSpan.FromHours(1));
        await using ObservationRouter second = await StartAsync(table);
        for (int second_ = 1; second_ <= 15; second_++)
        {
            table.Outbox.ShouldBeEmpty();
            _clock.Advance(TimeSpan.FromSeconds(1));
            await HearAsync(second, "n2");
        }

        table.Outbox.Single().Id.ShouldBe("test/collector/n1@1");
    }

    [Fact]
    public async Task The_heartbeat_of_a_collector_that_is_online_commits_nothing()
    {
        var table = new LosableTable("A");
        await using ObservationRouter router = await StartAsync(table);
        (await HearAsync(router, "n1")).Generation.ShouldBe("A");
        int commits = table.Commits;
        commits.ShouldBe(1);
        for (int i = 0; i < 100; i++)
        {
            await HearAsync(router, "n1");
        }

        table.Commits.ShouldBe(commits);
    }

    [Fact]
    public async Task A_look_is_wanted_until_one_has_come()
    {
        await using ObservationRouter router = await StartAsync(new LosableTable("A"));
        (await HearAsync(router, "n1", hasLooked: false)).WantsLook.ShouldBeFalse("a collector that has just started looks anyway");
        (await HearAsync(router, "n1", hasLooked: true)).WantsLook.ShouldBeTrue();
        await router.RouteAsync(Look(isFirst: false, (Brick, "online")), Token);
        (await HearAsync(router, "n1", hasLooked: true)).WantsLook.ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a\nb")]
    public async Task A_name_that_no_node_can_have_is_refused_and_harms_nobody(string node)
    {
        await using ObservationRouter router = await StartAsync(new LosableTable("A"));
        await Should.ThrowAsync<FormatException>(() => HearAsync(router, node));
        (await HearAsync(router, "n1")).Generation.ShouldBe("A");
    }

    [Fact]
    public async Task A_table_that_was_emptied_gets_everything_back_and_nothing_is_announced_twice()
    {
        var table = new LosableTable("A");
        await using ObservationRouter router = await StartAsync(table);
        await router.RouteAsync(Event(Brick, "offline"), Token);
        await router.RouteAsync(Event("quorum/gv0", "lost"), Token);
        table.Empty();
        await router.RouteAsync(Event(Brick, "online"), Token);
        await router.RouteAsync(Event(Brick, "online"), Token);

        TableContents restored = table.Restored.ShouldHaveSingleItem();
        restored.Entries.Select(e => (e.Entity.Value, e.State)).ShouldBe([(Brick, "offline"), ("quorum/gv0", "lost")], ignoreOrder: true);
        (restored.Generation, restored.Applied["n1/gf_event"].Sequence).ShouldBe(("A", 2));
        table.Outbox.Select(t => t.Id).ShouldBe([$"test/{Brick}@1", "test/quorum/gv0@1", $"test/{Brick}@2"]);
    }

    [Fact]
    public async Task A_table_that_does_not_answer_ends_the_router_and_whoever_waits_is_told()
    {
        var table = new LosableTable("A");
        await using ObservationRouter router = await StartAsync(table);
        table.IsUnreachable = true;
        Task batch = router.RouteAsync(Event(Brick, "offline"), Token);
        await Should.ThrowAsync<StateTableUnreachableException>(() => batch);
        await Should.ThrowAsync<StateTableUnreachableException>(() => router.Completion);
        await Should.ThrowAsync<StateTableUnreachableException>(() => router.RouteAsync(Event(Brick, "offline"), Token));
        await Should.ThrowAsync<StateTableUnreachableException>(() => HearAsync(router, "n1"));
    }

    [Fact]
    public async Task After_a_lost_table_what_the_collectors_show_is_no_news_and_no_id_is_used_again()
    {
        var lost = new LosableTable("A");
        ObservationRouter before = await StartAsync(lost);
        await before.RouteAsync(Look(isFirst: true, ("volume/gv0", "started"), (Brick, "online"), ("volume/gv1", "stopped"), ("brick/gv1/n1:/b", "offline")), Token);
        await before.RouteAsync(Event(Brick, "offline"), Token);
        await before.DisposeAsync();
        lost.Outbox.Select(t => t.Id).ShouldBe([$"test/{Brick}@1"]);

        var table = new LosableTable("B");
        await using ObservationRouter router = await StartAsync(table);
        (await HearAsync(router, "n1", generation: "A")).ShouldBe(new HeartbeatReply("B", WantsLook: true));
        long sequenceBase = table.SequenceBases.ShouldHaveSingleItem();
        sequenceBase.ShouldBe(_clock.GetUtcNow().ToUnixTimeSeconds());
        await router.RouteAsync(
            Look(isFirst: false, ("volume/gv0", "started"), (Brick, "offline"), ("volume/gv1", "stopped"), ("brick/gv1/n1:/b", "offline")), Token, new CollectorMemory("n1", "B"));
        table.Outbox.ShouldBeEmpty();
        (await HearAsync(router, "n1", generation: "B")).WantsLook.ShouldBeFalse();

        _clock.Advance(TimeSpan.FromSeconds(1));
        await router.RouteAsync(Event(Brick, "online"), Token, new CollectorMemory("n1", "B"));
        await router.RouteAsync(Event("volume/gv1", "started"), Token, new CollectorMemory("n1", "B"));
        await router.RouteAsync(Event("brick/gv1/n1:/b", "online"), Token, new CollectorMemory("n1", "B"));
        await router.RouteAsync(Event("brick/gv2/n1:/b", "offline"), Token, new CollectorMemory("n1", "A"));
        table.Outbox.Select(t => (t.Id, t.Reason)).ShouldBe(
        [
            ($"test/{Brick}@{sequenceBase + 1}", TransitionReason.Recovered),
            ($"test/volume/gv1@{sequenceBase + 1}", TransitionReason.StateChanged),
            ($"test/brick/gv2/n1:/b@{sequenceBase + 1}", TransitionReason.StateChanged),
        ]);
        table.SequenceBases.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task After_a_lost_table_reports_of_the_nodes_are_put_in_order_by_what_the_collectors_were_told_of_their_clocks()
    {
        var clocks = new Dictionary<string, TimeSpan> { ["n1"] = TimeSpan.FromSeconds(20), ["n2"] = TimeSpan.FromSeconds(-10) };
        var told = new Dictionary<string, HeartbeatReply>();
        await using (ObservationRouter before = await StartAsync(new LosableTable("A")))
        {
            for (int beat = 0; beat < 2; beat++)
            {
                foreach ((string node, TimeSpan ahead) in clocks)
                {
                    told[node] = await before.HearAsync(new CollectorMemory(node, "A"), new Heartbeat(_clock.GetUtcNow() + ahead, HasLooked: false), Token);
                }

                _clock.Advance(Heartbeat.Interval);
            }
        }

        told["n1"].ClockBehind.ShouldBe(TimeSpan.FromSeconds(-20));
        var table = new LosableTable("B");
        await using ObservationRouter router = await StartAsync(table);

        // What happens in this order, arrives with n2's first report behind its own second one's news.
        (string Node, string State, double At)[] reports = [("n1", "offline", 0), ("n1", "online", 2), ("n2", "offline", 0.3), ("n2", "online", 2.3)];
        int number = 0;
        foreach ((string node, string state, double at) in reports)
        {
            Observation seen = Claim(Brick, state, node) with { Source = "gf_event", ObservedAt = _clock.GetUtcNow() + clocks[node] + TimeSpan.FromSeconds(at) };
            await router.RouteAsync(
                new ObservationBatch { Stream = $"{node}/gf_event{++number}", Epoch = 1, Observations = [seen] }, Token, new CollectorMemory(node, "A", told[node].ClockBehind));
        }

        table.Outbox.Select(t => t.Current).ShouldBe(["offline", "online"]);
    }

    [Fact]
    public async Task After_a_lost_table_only_the_first_look_is_no_news()
    {
        var table = new LosableTable("B");
        ObservationRouter router = await StartAsync(table);
        await HearAsync(router, "n1", generation: "A");
        await router.RouteAsync(Look(isFirst: false, ("volume/gv0", "started")), Token, new CollectorMemory("n1", "B"));
        await router.DisposeAsync();

        // The next owner knows from the table that the look was taken.
        await using ObservationRouter next = await StartAsync(table);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await next.RouteAsync(Look(isFirst: false, ("volume/gv0", "started"), ("volume/gv1", "started")), Token, new CollectorMemory("n1", "B"));
        table.Outbox.Select(t => t.Entity.Value).ShouldBe(["volume/gv1"]);
    }

    [Fact]
    public async Task A_collector_that_starts_while_the_table_is_new_tells_what_is_broken()
    {
        var table = new LosableTable("B");
        await using ObservationRouter router = await StartAsync(table);
        await router.RouteAsync(Look(isFirst: true, ("volume/gv0", "started"), (Brick, "offline")), Token, new CollectorMemory("n1", "A"));
        table.Outbox.Single().Reason.ShouldBe(TransitionReason.FoundAtStart);
    }
}
