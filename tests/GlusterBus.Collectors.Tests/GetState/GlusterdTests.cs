using GlusterBus.Collectors.GetState;
using GlusterBus.Collectors.Gluster;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Gluster;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Collectors.Tests.GetState;

/// <summary>The collector on a real glusterd.</summary>
public sealed class GlusterdTests
{
    [Fact(Timeout = 120_000)]
    public async Task A_volume_s_life_on_a_real_node_is_seen()
    {
        if (GlusterdProcess.Obstacle is { } obstacle)
        {
            Assert.Skip(obstacle);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using GlusterdProcess glusterd = await GlusterdProcess.StartAsync(stop.Token);
        var cli = new GlusterCli(new GlusterCliOptions { Arguments = glusterd.CommandOptions }, TimeProvider.System);
        var node = new NodeContext(glusterd.Address, cli, "/nowhere", epoch: 1);
        var sink = new RecordingSink();
        var collector = new GetStateCollector(new GetStateOptions(), node, TimeProvider.System, NullLogger<GetStateCollector>.Instance);
        (await collector.CheckAsync(stop.Token)).ShouldAllBe(r => r.Problem == null);
        Task running = collector.RunAsync(sink, stop.Token);
        (string volume, string brick) = ("volume/v1", $"brick/v1/{glusterd.Brick("b1")}");

        ObservationBatch first = await sink.NextAsync(stop.Token);
        first.Snapshot!.IsFirst.ShouldBeTrue();
        first.Observations.ShouldHaveSingleItem().State.ShouldBe("online");

        await glusterd.GlusterAsync(["volume", "create", "v1", glusterd.Brick("b1"), "force"], stop.Token);
        State(await LookAsync(), volume).ShouldBe("created");

        await glusterd.GlusterAsync(["volume", "set", "v1", "user.note", "a=b: c"], stop.Token);
        await glusterd.GlusterAsync(["volume", "start", "v1"], stop.Token);
        ObservationBatch started = await LookAsync();
        State(started, volume).ShouldBe("started");
        State(started, brick).ShouldBe("online");
        started.Observations.Single(o => o.Entity.Value == volume).Attributes["options.user.note"].ShouldBe("a=b: c");
        node.Topology.LocalBrick(node.Topology.Bricks[0].Path, glusterd.Address).Value.ShouldBe(brick);
        (await NodeName.FindAsync(null, cli, "other", stop.Token)).ShouldBe(glusterd.Address);

        glusterd.KillBricks("v1");
        ObservationBatch suspected = await LookAsync();
        while (State(suspected, brick) == "online")
        {
            suspected = await LookAsync();
        }

        State(suspected, brick).ShouldBeNull("a single look is no proof");
        ObservationBatch killed = await sink.NextAsync(stop.Token);
        State(killed, brick).ShouldBe("offline");
        (killed.Snapshot!.TakenAt - suspected.Snapshot!.TakenAt).ShouldBeGreaterThanOrEqualTo(GetStateMapping.Patience);

        await glusterd.GlusterAsync(["volume", "stop", "v1"], stop.Token);
        State(await LookAsync(), volume).ShouldBe("stopped");
        await glusterd.GlusterAsync(["volume", "delete", "v1"], stop.Token);
        ObservationBatch deleted = await LookAsync();
        deleted.Observations.ShouldNotContain(o => o.Entity.Value == volume);
        deleted.Snapshot!.Scopes.ShouldContain("volume/");

        glusterd.Stop();
        ObservationBatch down = await LookAsync();
        while (down.Snapshot is not null)
        {
            down = await LookAsync();
        }

        State(down, $"node/{glusterd.Address}").ShouldBe("offline");
        (await collector.CheckAsync(stop.Token)).ShouldHaveSingleItem().IsWarning.ShouldBeTrue();

        await glusterd.StartDaemonAsync(stop.Token);
        State(await LookAsync(), $"node/{glusterd.Address}").ShouldBe("online");

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => running);

        async Task<ObservationBatch> LookAsync()
        {
            node.RequestReconcile(TimeSpan.Zero);
            return await sink.NextAsync(stop.Token);
        }
    }

    private static string? State(ObservationBatch batch, string entity) => batch.Observations.Single(o => o.Entity.Value == entity).State;
}
