using System.Globalization;
using System.Text;
using GlusterBus.Collectors.GetState;
using GlusterBus.Collectors.LogTail;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using GlusterBus.Host.Demo;
using GlusterBus.Host.Demo.Simulation;
using GlusterBus.Runtime.Gluster;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Demo;

/// <summary>What the simulator says is what a real cluster says: the real readers understand all of it.</summary>
public sealed class SimulationShapeTests
{
    private static readonly Story Told = Story.Compile(5);

    [Theory]
    [InlineData("[MSGID: 106004]", "disconnected")]
    [InlineData("[MSGID: 106005]", "offline")]
    [InlineData("[MSGID: 106170]", "rejected")]
    [InlineData("__glusterd_friend_add_cbk] 0-glusterd: Received ACC", "connected")]
    [InlineData("starting a fresh brick process", "starting")]
    [InlineData("glusterd_svc_attach_cbk", "online")]
    [InlineData("service is stopped", "stopped")]
    [InlineData("/usr/sbin/glusterd: Started running", "online")]
    [InlineData("/usr/sbin/glusterfsd: Started running", "starting")]
    public void Lines_that_tell_a_state_are_recognised_by_a_rule(string mark, string state)
    {
        Cue.LogLine[] lines = [.. Told.Cues.OfType<Cue.LogLine>().Where(l => l.Text.Contains(mark, StringComparison.Ordinal))];

        lines.ShouldNotBeEmpty();
        foreach (Cue.LogLine line in lines)
        {
            Read(line).Select(o => o.State).ShouldBe([state], line.Text);
        }
    }

    [Fact]
    public void Lines_that_poll_are_known_and_tell_nothing()
    {
        Cue.LogLine[] polls = [.. Told.Cues.OfType<Cue.LogLine>().Where(l => l.Text.Contains("[MSGID: 106499]", StringComparison.Ordinal) || l.Text.Contains("[MSGID: 106487]", StringComparison.Ordinal))];

        polls.Length.ShouldBeGreaterThan(30);
        polls.ShouldAllBe(line => Read(line).Count == 0);
    }

    [Fact]
    public void Every_stamped_line_has_the_shape_of_a_log_line()
    {
        foreach (Cue.LogLine line in Told.Cues.OfType<Cue.LogLine>().Where(l => l.File != "cmd_history.log"))
        {
            line.Text.ShouldMatch(@"^[MACEWID] (\[MSGID: \d+\] )?\[[\w.-]+\.c:\d+:\w+\] (\(-->.*\) )?[^ ]*: ?.", line.Text);
        }
    }

    [Fact]
    public void Every_datagram_can_be_read_and_none_is_longer_than_real_ones()
    {
        Cue.Datagram[] datagrams = [.. Told.Cues.OfType<Cue.Datagram>()];
        foreach (Cue.Datagram datagram in datagrams)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"1795338973 {datagram.Number} {datagram.Payload}"));
            GlusterDatagram.TryParse(bytes, out GlusterEvent? read, out DatagramError? error).ShouldBeTrue(error?.Text);
            read!.Number.ShouldBe(datagram.Number);
            bytes.Length.ShouldBeLessThan(300);
        }

        datagrams.Select(d => d.Number).Distinct().Order().ShouldBe([2, 3, 6, 65, 69, 70, 71, 76, 77, 97, 99, 106, 108, 109]);
    }

    [Fact]
    public void Every_state_renders_as_get_state_that_the_reader_understands()
    {
        foreach (Host.Demo.Simulation.ClusterState state in Told.Cues.OfType<Cue.Becomes>().Select(b => b.State).Prepend(Told.AtStart))
        {
            foreach (SimulatedNode node in state.Running)
            {
                Collectors.GetState.ClusterState read = GetStateReader.Read(GetStateText.Render(state, node.Name));

                read.Uuid.ShouldBe(node.Uuid.ToString());
                read.Peers.Select(p => (p.Name, p.IsConnected)).ShouldBe(state.Nodes.Where(n => n != node).Select(n => (n.Name, n.IsUp)));
                read.Volumes.Select(v => v.Name).ShouldBe(state.Volumes.Select(v => v.Name));
                foreach (SimulatedVolume volume in state.Volumes)
                {
                    VolumeEntry entry = read.Volumes.First(v => v.Name == volume.Name);
                    entry.Status.ShouldBe(volume.IsStarted ? "Started" : "Created");
                    entry.Options.ShouldBe(volume.Options.ToDictionary(), ignoreOrder: true);
                    entry.Bricks.Single(b => b.IsLocal).Status.ShouldBe(volume.BrickOn(node.Name).IsOnline ? "Started" : "Stopped");
                    VolumeInfo.Read(CliXml.VolumeInfo(state)).Volumes.Single().Bricks.Select(b => b.HostAndPath).ShouldBe(volume.Bricks.Select(b => b.HostAndPath));
                }

                PeerStatus.Read(CliXml.PeerStatus(state, node.Name)).Peers.Count.ShouldBe(2);
            }
        }
    }

    [Fact]
    public async Task A_node_without_power_answers_as_a_stopped_daemon()
    {
        Host.Demo.Simulation.ClusterState dark = Told.AtStart.With(Told.AtStart.Node("n3") with { IsUp = false });

        GlusterReplyException error = await Should.ThrowAsync<GlusterReplyException>(() => new SimulatedGlusterCli(() => dark, "n3").GetStateAsync(CancellationToken.None));

        error.IsDaemonDown.ShouldBeTrue();
    }

    private static List<Observation> Read(Cue.LogLine line)
    {
        string brick = line.File.StartsWith("bricks/", StringComparison.Ordinal) ? "/data/gv0" : "";
        var node = new NodeContext(line.Node, new SimulatedGlusterCli(() => Told.AtStart, line.Node), "", 1)
        {
            Topology = new Topology { Bricks = [new BrickAddress("gv0", $"{line.Node}:/data/gv0", IsLocal: true)] },
        };
        LogKind kind = line.File switch { "glusterd.log" => LogKind.Glusterd, "glustershd.log" => LogKind.SelfHeal, _ => LogKind.Brick };
        byte[] bytes = Encoding.UTF8.GetBytes("[2026-11-22 09:16:38.618917 +0000] " + line.Text);
        var output = new List<Observation>();
        LogRuleSet.Embedded.IsWanted(bytes).ShouldBeTrue(line.Text);
        LogRuleSet.Embedded.Read(bytes, new LogLineContext(kind, line.File, bytes.Length, node, new FakeClock(), brick.Length > 0 ? brick : null), output).ShouldBe(1, line.Text);
        return output;
    }
}
