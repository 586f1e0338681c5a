using GlusterBus.Contracts.Messages;
using GlusterBus.Router.State;
using GlusterBus.Router.Tests.State;

namespace GlusterBus.Router.Tests;

/// <summary>The router when its state table is emptied, cut off or lost.</summary>
public sealed class RouterLossTests : RouterScene
{
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
        sequenceBase.ShouldBe(Clock.GetUtcNow().ToUnixTimeSeconds());
        await router.RouteAsync(
            Look(isFirst: false, ("volume/gv0", "started"), (Brick, "offline"), ("volume/gv1", "stopped"), ("brick/gv1/n1:/b", "offline")), Token, new CollectorMemory("n1", "B"));
        table.Outbox.ShouldBeEmpty();
        (await HearAsync(router, "n1", generation: "B")).WantsLook.ShouldBeFalse();

        Clock.Advance(TimeSpan.FromSeconds(1));
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
    public async Task After_a_lost_table_reports_of_the_nodes_are_put_in_order_by_what_the_collectors_were_told_of_theirClocks()
    {
        var clocks = new Dictionary<string, TimeSpan> { ["n1"] = TimeSpan.FromSeconds(20), ["n2"] = TimeSpan.FromSeconds(-10) };
        var told = new Dictionary<string, HeartbeatReply>();
        await using (ObservationRouter before = await StartAsync(new LosableTable("A")))
        {
            for (int beat = 0; beat < 2; beat++)
            {
                foreach ((string node, TimeSpan ahead) in clocks)
                {
                    told[node] = await before.HearAsync(new CollectorMemory(node, "A"), new Heartbeat(Clock.GetUtcNow() + ahead, HasLooked: false), Token);
                }

                Clock.Advance(Heartbeat.Interval);
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
            Observation seen = Claim(Brick, state, node) with { Source = "gf_event", ObservedAt = Clock.GetUtcNow() + clocks[node] + TimeSpan.FromSeconds(at) };
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
        Clock.Advance(TimeSpan.FromMinutes(1));
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
