using GlusterBus.Collectors.GetState;
using GlusterBus.Collectors.Node;
using GlusterBus.Collectors.Tests.GetState;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.Tests.Node;

public sealed class NodeNameTests
{
    [Theory]
    [InlineData("me", "gc1", new[] { "gc1" }, "me")]
    [InlineData(null, "machine", new[] { "gc1" }, "gc1")]
    [InlineData(" ", "machine", new string[0], "machine")]
    [InlineData(null, "gc1", new[] { "10.0.0.1", "10.0.0.1", "gc1" }, "gc1")]
    [InlineData(null, "gc1", new[] { "10.0.0.1", "10.0.0.1", "gc1.example.org" }, "gc1.example.org")]
    [InlineData(null, "machine", new[] { "b", "a", "b" }, "b")]
    [InlineData(null, "machine", new[] { "b", "a" }, "a")]
    [InlineData(null, "machine", new[] { "peer" }, "machine")]
    public void The_name_is_the_one_that_Gluster_uses(string? configured, string machine, string[] localHosts, string expected)
    {
        var state = new ClusterState
        {
            Peers = [new PeerEntry(1, "peer", "u", "Peer in Cluster", true, [])],
            Volumes =
            [
                new VolumeEntry
                {
                    Number = 1,
                    Name = "gv0",
                    Status = "Started",
                    Bricks = [.. localHosts.Select((h, i) => new BrickEntry(i + 1, $"{h}:/b{i}", h, false, "Started", true, 1, null, null)), new BrickEntry(9, "z:/b", "z", false, null, null, null, null, null)],
                },
            ],
        };

        NodeName.Choose(configured, state, machine).ShouldBe(expected);
    }

    [Fact]
    public async Task Without_an_answer_the_machine_s_name_must_do()
    {
        var cli = new ScriptedGlusterCli(TimeProvider.System);
        (await NodeName.FindAsync(null, cli, "machine", TestContext.Current.CancellationToken)).ShouldBe("gc1");

        cli.State = () => throw new GlusterReplyException("down", isDaemonDown: true);
        (await NodeName.FindAsync(null, cli, "machine", TestContext.Current.CancellationToken)).ShouldBe("machine");
        (await NodeName.FindAsync("told", cli, "machine", TestContext.Current.CancellationToken)).ShouldBe("told");
    }
}
