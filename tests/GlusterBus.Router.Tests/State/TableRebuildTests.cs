using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.State;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Router.Tests.State;

/// <summary>A lost state table that gets back what an archive knows.</summary>
public sealed class TableRebuildTests
{
    private readonly FakeClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private EntityState Row(string entity, string state, long sequence) => new(
        EntityId.Parse(entity), state, EntityKinds.Named(entity.Split('/')[0])?.SeverityOf(state) ?? Severity.Unknown, sequence, _clock.GetUtcNow().AddHours(-3),
        new Dictionary<string, string> { ["host"] = "n1" });

    private async Task<ObservationRouter> StartAsync(IStateTable table)
    {
        var router = new ObservationRouter(table, new RouterOptions { Cluster = "test" }, _clock, NullLogger<ObservationRouter>.Instance);
        await router.StartAsync(Token);
        return router;
    }

    private ObservationBatch Event(string entity, string state, long sequence) => new()
    {
        Stream = "n1/gf_event",
        Epoch = 1,
        Observations = [new Observation { Entity = EntityId.Parse(entity), State = state, Source = "gf_event", Node = "n1", ObservedAt = _clock.GetUtcNow(), Sequence = sequence }],
    };

    [Fact]
    public async Task The_end_of_a_trouble_from_before_the_loss_is_told_as_such_and_with_a_number_above_all_old_ones()
    {
        var table = new LosableTable("B");

        (await TableRebuild.RunAsync(table, [Row("brick/gv0/n1:/b", "offline", 7), Row("volume/gv0", "started", 2), Row("starship/enterprise", "lost", 1)], _clock.GetUtcNow(), Token))
            .ShouldBe(new RebuiltTable(2, 1), "an unknown kind has no place in the table");

        await using ObservationRouter router = await StartAsync(table);
        router.Current().Select(s => $"{s.Entity} {s.State} @{s.Sequence} {s.Attributes["host"]}").ShouldBe(["brick/gv0/n1:/b offline @7 n1", "volume/gv0 started @2 n1"]);
        await router.RouteAsync(Event("brick/gv0/n1:/b", "offline", 1), Token);
        table.Outbox.ShouldBeEmpty("what is as it was is no news");
        await router.RouteAsync(Event("brick/gv0/n1:/b", "online", 2), Token);
        Transition told = table.Outbox.ShouldHaveSingleItem();
        (told.Previous, told.Current, told.Reason, told.Sequence).ShouldBe(("offline", "online", TransitionReason.Recovered, _clock.GetUtcNow().ToUnixTimeSeconds() + 1));
    }

    [Fact]
    public async Task A_table_that_was_not_lost_is_left_alone()
    {
        var table = new LosableTable("A");
        await using (ObservationRouter router = await StartAsync(table))
        {
            await router.RouteAsync(Event("volume/gv0", "started", 1), Token);
        }

        (await Should.ThrowAsync<TableIntactException>(() => TableRebuild.RunAsync(table, [Row("volume/gv1", "started", 2)], _clock.GetUtcNow(), Token)))
            .Message.ShouldBe("the state table holds 1 entities and was not lost");
    }

    [Fact]
    public async Task What_was_learnt_since_the_loss_counts_more_than_the_past()
    {
        var table = new LosableTable("B");
        await TableRebuild.RunAsync(table, [Row("volume/gv0", "started", 2)], _clock.GetUtcNow(), Token);

        (await TableRebuild.RunAsync(table, [Row("volume/gv0", "stopped", 9), Row("volume/gv1", "started", 4)], _clock.GetUtcNow(), Token)).ShouldBe(new RebuiltTable(1, 1));

        await using ObservationRouter router = await StartAsync(table);
        router.Current().Select(s => $"{s.Entity} {s.State}").ShouldBe(["volume/gv0 started", "volume/gv1 started"]);
    }
}
