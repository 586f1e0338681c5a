using GlusterBus.Collectors.Node;
using GlusterBus.Collectors.Tests.GetState;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.TestKit;

namespace GlusterBus.Collectors.Tests;

public sealed class HearingSinkTests
{
    private static readonly EntityId Brick = EntityId.Brick("gv0", "n1:/b1");

    private readonly RecordingSink _passed = new();
    private readonly List<EntityId> _well = [];

    [Theory]
    [InlineData("online", true)]
    [InlineData("offline", false)]
    [InlineData("unknown", false)]
    [InlineData("no-such-state", false)]
    [InlineData(null, false)]
    public async Task What_a_source_reports_well_is_told_and_everything_is_passed_on(string? state, bool isWell)
    {
        ObservationBatch batch = Batch(state);

        await PublishAsync(batch);

        _well.ShouldBe(isWell ? [Brick] : []);
        _passed.Batches.ShouldBe([batch]);
    }

    [Fact]
    public async Task A_look_at_the_cluster_is_no_second_opinion_of_itself()
    {
        await PublishAsync(Batch("online") with { Snapshot = new Snapshot("n1", [], IsFirst: false, DateTimeOffset.UnixEpoch, "get_state") });

        _well.ShouldBeEmpty();
        _passed.Batches.Count.ShouldBe(1);
    }

    private async Task PublishAsync(ObservationBatch batch)
    {
        var clock = new FakeClock();
        var node = new NodeContext("n1", new ScriptedGlusterCli(clock), "/nowhere", epoch: 1);
        node.HeardWell += _well.Add;
        await new HearingSink(node, _passed).PublishAsync(batch, TestContext.Current.CancellationToken);
    }

    private static ObservationBatch Batch(string? state) => new()
    {
        Stream = "n1/gf_event",
        Epoch = 1,
        Observations = [new Observation { Entity = Brick, State = state, Source = "gf_event", Node = "n1", ObservedAt = DateTimeOffset.UnixEpoch, Sequence = 1 }],
    };
}
