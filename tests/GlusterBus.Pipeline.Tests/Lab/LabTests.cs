using System.Diagnostics;
using GlusterBus.Contracts.Messages;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Lab;

/// <summary>The built program on a node of a real three-node cluster: each real change gives one transition with evidence, within a second.</summary>
[Collection(Alone.Name)]
public sealed class LabTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Longer than any hold or confirmation, so that a false alarm would have shown itself.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(17);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_real_change_gives_exactly_one_transition_with_evidence_within_a_second()
    {
        Assert.SkipWhen(LabCluster.Obstacle() is not null, LabCluster.Obstacle() ?? "");
        await using LabCluster lab = await LabCluster.StartAsync(3, Token);
        await using LabInstance up = await LabInstance.StartAsync(lab, node: 1, Token);
        (string n1, string n2, string n3) = (lab.Node(1), lab.Node(2), lab.Node(3));
        string brick = $"brick/gv/{n1}:/srv/gv";

        (string Told, Func<Task> Change)[] life =
        [
            ("volume/gv created", () => lab.GlusterAsync(1, $"volume create gv replica 3 {n1}:/srv/gv {n2}:/srv/gv {n3}:/srv/gv force", Token)),
            ("volume/gv started", () => lab.GlusterAsync(1, "volume start gv", Token)),
            ("volume/gv option-set", () => lab.GlusterAsync(1, "volume set gv performance.quick-read off", Token)),
            ("volume/gv option-reset", () => lab.GlusterAsync(1, "volume reset gv performance.quick-read", Token)),
            ($"{brick} offline", () => lab.RunAsync(["brick-kill", n1, "gv"], Token)),
            ($"{brick} online", () => lab.GlusterAsync(1, "volume start gv force", Token)),
            ($"peer/{n1}/{n2} disconnected", () => lab.RunAsync(["glusterd-stop", n2], Token)),
            ($"peer/{n1}/{n2} connected", () => lab.RunAsync(["glusterd-start", n2], Token)),
            ($"peer/{n1}/{n3} disconnected", () => lab.RunAsync(["node-kill", n3], Token)),
            ($"peer/{n1}/{n3} connected", () => lab.RunAsync(["node-start", n3], Token)),
            ($"node/{n1} offline", () => lab.RunAsync(["glusterd-stop", n1], Token)),
            ($"node/{n1} online", () => lab.RunAsync(["glusterd-start", n1], Token)),
            ("volume/gv stopped", () => lab.GlusterAsync(1, "volume stop gv", Token)),
            ("volume/gv deleted", () => lab.GlusterAsync(1, "volume delete gv", Token)),
            ($"peer/{n1}/{n3} detached", () => lab.GlusterAsync(1, $"peer detach {n3}", Token)),
        ];

        var told = new List<Transition>();
        foreach ((string expected, Func<Task> change) in life)
        {
            await RetryAsync(change);
            told.Add(await up.NextAsync(expected, Patience, Token));
            $"{told[^1].Entity} {told[^1].Change}".ShouldBe(expected);
        }

        await Task.Delay(Settled, TimeProvider.System, Token);
        IReadOnlyList<Transition> all = await up.HistoryAsync(Token);
        all.Select(t => $"{t.Entity} {t.Change}").ShouldBe(life.Select(l => l.Told));
        all.ShouldAllBe(t => t.Evidence.Count > 0 && t.Evidence[0].Text.Length > 0);

        // The source's own stamp to the commit; the clocks are one and the same here. A look is stamped when it began, and glusterd may
        // let it wait until the change is done: those say nothing about the delay.
        all.Where(t => t.Evidence[0].Kind is "datagram" or "log-line").ShouldNotBeEmpty();
        all.Where(t => t.Evidence[0].Kind is "datagram" or "log-line").Max(t => t.RecordedAt - t.Time).ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Polling_the_cluster_is_no_news()
    {
        Assert.SkipWhen(LabCluster.Obstacle() is not null, LabCluster.Obstacle() ?? "");
        TimeSpan duration = Environment.GetEnvironmentVariable("GLUSTERBUS_SLOW") is null ? TimeSpan.FromSeconds(20) : TimeSpan.FromMinutes(10);
        await using LabCluster lab = await LabCluster.StartAsync(3, Token);
        await lab.GlusterAsync(1, $"volume create gv replica 3 {lab.Node(1)}:/srv/gv {lab.Node(2)}:/srv/gv {lab.Node(3)}:/srv/gv force", Token);
        await lab.GlusterAsync(1, "volume start gv", Token);
        await using LabInstance up = await LabInstance.StartAsync(lab, node: 1, Token);
        for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < duration;)
        {
            await RetryAsync(() => lab.GlusterAsync(1, "volume status all", Token));
            await RetryAsync(() => lab.GlusterAsync(2, "volume heal gv info", Token));
        }

        (await up.HistoryAsync(Token)).ShouldBeEmpty();
        (await up.SeenAsync(Token)).ShouldBeGreaterThan(0, "the collectors must have been at work");
    }

    /// <summary>glusterd refuses now and then while it settles ("Another transaction is in progress"); an operator types it again.</summary>
    private static async Task RetryAsync(Func<Task> command)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await command();
                return;
            }
            catch (InvalidOperationException) when (attempt < 5)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Token);
            }
        }
    }
}
