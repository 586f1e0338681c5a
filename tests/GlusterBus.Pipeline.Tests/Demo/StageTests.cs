using System.Net;
using System.Net.Sockets;
using System.Text;
using GlusterBus.Host.Demo;
using GlusterBus.Host.Demo.Simulation;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Demo;

public sealed class StageTests
{
    [Fact]
    public async Task The_same_seed_writes_the_same_bytes()
    {
        Dictionary<string, string> first = await PlayAsync(seed: 7);
        Dictionary<string, string> second = await PlayAsync(seed: 7);

        first.Keys.ShouldContain("n2/log/bricks/data-gv0.log");
        second.ShouldBe(first, ignoreOrder: true);
    }

    [Fact]
    public async Task Another_seed_writes_other_bytes()
    {
        Dictionary<string, string> first = await PlayAsync(seed: 7);
        Dictionary<string, string> second = await PlayAsync(seed: 8);

        second["n1/log/glusterd.log"].ShouldNotBe(first["n1/log/glusterd.log"]);
    }

    [Fact]
    public async Task A_rotation_loses_no_line_and_the_writer_moves_on()
    {
        Dictionary<string, string> files = await PlayAsync(seed: 7);
        int written = Story.Compile(7).Cues.Count(c => c is Cue.LogLine { Node: "n1", File: "glusterd.log" } or Cue.RepeatedLine { Node: "n1", File: "glusterd.log" });

        string old = files["n1/log/glusterd.log.1"];
        string fresh = files["n1/log/glusterd.log"];

        (Lines(old) + Lines(fresh)).ShouldBe(written);
        fresh.ShouldContain("Rejecting management handshake");
        old.ShouldNotContain("Rejecting management handshake");
    }

    [Fact]
    public async Task Held_back_lines_come_late_with_their_old_stamp()
    {
        string log = (await PlayAsync(seed: 7))["n1/log/glusterd.log"];
        string[] lines = log.Split('\n');

        int late = Array.FindIndex(lines, l => l.Contains("Peer <n3>", StringComparison.Ordinal));

        late.ShouldBeGreaterThan(0);
        string.CompareOrdinal(lines[late][..28], lines[late - 1][..28]).ShouldBeLessThan(0);
        log.ShouldContain("The message \"I [MSGID: 106499]");
    }

    [Fact]
    public async Task Datagrams_reach_the_listener_of_their_node()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        var clock = new JumpingClock();
        using var folder = new TemporaryFolder();
        var cluster = new SimulatedCluster(1);
        using var stage = new Stage(folder.Path, cluster.AtStart, node => node == "n2" ? port : null, (_, _, _) => Task.CompletedTask, clock, speed: 1);
        cluster.StalePeerKnocks(TimeSpan.Zero, "192.0.2.14", 49145);

        await stage.PlayAsync([.. cluster.TakeCues().Where(c => c is Cue.Datagram)], CancellationToken.None);

        byte[] buffer = new byte[512];
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        int length = await socket.ReceiveAsync(buffer, SocketFlags.None, timeout.Token);
        Encoding.UTF8.GetString(buffer, 0, length).ShouldBe($"{clock.GetUtcNow().ToUnixTimeSeconds()} 69 peer=192.0.2.14:49143");
        stage.Datagrams.ShouldBe(1);
    }

    [Fact]
    public async Task Power_and_state_follow_the_story()
    {
        var clock = new JumpingClock();
        using var folder = new TemporaryFolder();
        var story = Story.Compile(3);
        var changes = new List<(string Node, bool IsOn, bool StateSays)>();
        Stage? stage = null;
        stage = new Stage(
            folder.Path, story.AtStart, _ => null,
            (node, isOn, _) =>
            {
                changes.Add((node, isOn, stage!.State.Node(node).IsUp));
                return Task.CompletedTask;
            },
            clock, speed: 1);
        using Stage playing = stage;
        stage.Prepare();

        await stage.PlayAsync(story.Cues, CancellationToken.None);

        // Collectors die before anybody can ask the dead node, and start when glusterd answers.
        changes.ShouldBe([("n3", false, true), ("n3", true, true)]);
        stage.State.Volume("gv0").Bricks.ShouldAllBe(b => b.IsOnline);
    }

    private static int Lines(string text) => text.Count(c => c == '\n');

    private static async Task<Dictionary<string, string>> PlayAsync(int seed)
    {
        using var folder = new TemporaryFolder();
        var story = Story.Compile(seed);
        using (var stage = new Stage(folder.Path, story.AtStart, _ => null, (_, _, _) => Task.CompletedTask, new JumpingClock(), speed: 1))
        {
            stage.Prepare();
            await stage.PlayAsync(story.Cues, CancellationToken.None);
        }

        return Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetRelativePath(folder.Path, path), File.ReadAllText);
    }
}
