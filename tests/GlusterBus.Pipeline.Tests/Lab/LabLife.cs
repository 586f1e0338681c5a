using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Lab;

/// <summary>What happens to a cluster in its life, a chapter each, with what must be told of it.</summary>
internal sealed class LabLife(LabSystem system, LabStory story, int nodes, CancellationToken cancellationToken)
{
    private readonly LabCluster _lab = system.Lab;
    private readonly string _n1 = system.Lab.Node(1);
    private readonly string _n2 = system.Lab.Node(2);
    private readonly string _n3 = system.Lab.Node(3);

    public async Task OfAVolumeAsync()
    {
        await story.GlusterAsync($"volume create gv replica 3 {_n1}:/srv/gv {_n2}:/srv/gv {_n3}:/srv/gv force", "volume/gv created");
        await story.GlusterAsync("volume start gv", "volume/gv started");
        await story.GlusterAsync("volume set gv performance.quick-read off", "volume/gv option-set");
        await story.GlusterAsync("volume reset gv performance.quick-read", "volume/gv option-reset");

        // The switch of the quota is an option too; the limits end with it.
        await story.GlusterAsync("volume quota gv enable", "quota/gv enabled", "volume/gv option-set");
        await story.GlusterAsync("volume quota gv disable", "quota/gv disabled", "volume/gv changed");
        await story.GlusterAsync($"volume replace-brick gv {_n3}:/srv/gv {_n3}:/srv/gv2 commit force");
        await BrickIsOnlineAsync($"brick/gv/{_n3}:/srv/gv2");
    }

    public async Task WithFailingBricksAsync()
    {
        await story.LabAsync($"brick-kill {_n1} gv", $"brick/gv/{_n1}:/srv/gv offline");
        await story.GlusterAsync("volume start gv force", $"brick/gv/{_n1}:/srv/gv online");

        // Two of three gone for longer than the hold of 10 s: the replica set is not writable.
        await story.LabAsync($"brick-kill {_n2} gv", $"brick/gv/{_n2}:/srv/gv offline");
        await story.LabAsync($"brick-kill {_n3} gv", $"brick/gv/{_n3}:/srv/gv2 offline", "subvol/gv/replicate-0 no-quorum");
        await story.GlusterAsync("volume start gv force", $"brick/gv/{_n2}:/srv/gv online", $"brick/gv/{_n3}:/srv/gv2 online", "subvol/gv/replicate-0 up");
    }

    public async Task WithFailingNodesAsync()
    {
        await story.LabAsync($"glusterd-stop {_n2}", [.. Others(2, "disconnected"), $"node/{_n2} offline"]);
        await story.LabAsync($"glusterd-start {_n2}", [.. Others(2, "connected"), $"node/{_n2} online"]);
        await story.LabAsync($"node-kill {_n3}", [.. Others(3, "disconnected"), $"collector/{_n3} silent"]);
        await ShouldBeUnknownAsync($"brick/gv/{_n3}:/srv/gv2", $"node/{_n3}", $"peer/{_n3}/{_n1}", $"daemon/{_n3}/glustershd");
        await story.StepAsync(
            $"node-start {_n3}",
            async () =>
            {
                await system.Collectors[2].EndedAsync();
                await _lab.RunAsync(["node-start", _n3], cancellationToken);
                system.Collectors[2].Start();
            },
            [.. Others(3, "connected"), $"collector/{_n3} online"]);
        await system.ReadyAsync(system.Collectors[2], cancellationToken);

        // A cut cable is noticed after the keep-alive's patience, at either end; what the cut-off node saw is told when it can be.
        await story.LabAsync($"link {_n3} down", [.. Others(3, "disconnected"), $"collector/{_n3} silent"]);
        await system.UntilAsync(
            async () => (await _lab.GlusterAsync(3, "pool list", cancellationToken)).Split("Disconnected").Length == nodes, "the cut-off node still sees others", cancellationToken);
        await story.LabAsync($"link {_n3} up", [.. Others(3, "connected"), $"collector/{_n3} online", .. Own(3, "disconnected"), .. Own(3, "connected")]);
    }

    public async Task WithCrashesOfGlusterBusAsync()
    {
        await story.StepAsync(
            "volume set while the active router dies",
            async () =>
            {
                Task<LabRole> killing = system.KillOwnerAsync(cancellationToken);
                await story.RetriedAsync(() => _lab.GlusterAsync(2, "volume set gv performance.quick-read off", cancellationToken));
                (await killing).Start();
            },
            "volume/gv option-set");
        await story.StepAsync(
            "brick-kill while its node's collector dies",
            async () =>
            {
                Task killing = system.Collectors[0].KillAsync();
                await _lab.RunAsync(["brick-kill", _n1, "gv"], cancellationToken);
                await killing;
                system.Collectors[0].Start();
            },
            $"brick/gv/{_n1}:/srv/gv offline");
        await story.GlusterAsync("volume start gv force", $"brick/gv/{_n1}:/srv/gv online");
        await story.StepAsync("every collector dies", async () =>
        {
            foreach (LabRole collector in system.Collectors)
            {
                await collector.KillAsync();
                collector.Start();
                await system.ReadyAsync(collector, cancellationToken);
            }
        });
    }

    /// <summary>Looking at the cluster is no news.</summary>
    public Task UnderObservationAsync() => story.StepAsync("volume status and heal info, again and again", async () =>
    {
        for (int i = 0; i < 5; i++)
        {
            foreach (string command in (string[])["volume status all", "volume heal gv info", "volume heal gv full", "volume status gv detail"])
            {
                await story.RetriedAsync(() => _lab.GlusterAsync((i % nodes) + 1, command, cancellationToken));
            }
        }
    });

    public async Task EndsAsync()
    {
        await story.GlusterAsync("volume stop gv", "volume/gv stopped");
        await story.GlusterAsync("volume delete gv", "volume/gv deleted");
        await story.GlusterAsync($"peer detach {_n3}", [.. Others(3, "detached"), .. Own(3, "detached")]);
    }

    /// <summary>What the others tell of a node.</summary>
    private IEnumerable<string> Others(int node, string change) => Beside(node).Select(other => $"peer/{other}/{_lab.Node(node)} {change}");

    /// <summary>What a node tells of the others.</summary>
    private IEnumerable<string> Own(int node, string change) => Beside(node).Select(other => $"peer/{_lab.Node(node)}/{other} {change}");

    private IEnumerable<string> Beside(int node) => Enumerable.Range(1, nodes).Where(i => i != node).Select(_lab.Node);

    private Task BrickIsOnlineAsync(string brick) => system.UntilAsync(
        async () => (await LabVerdicts.KnownAsync(system.Notifier, cancellationToken)).Contains($"{brick} online"), $"{brick} is not online", cancellationToken);

    private Task ShouldBeUnknownAsync(params string[] entities) => system.UntilAsync(
        async () =>
        {
            IReadOnlyList<string> rows = await system.Notifier.AskAsync("v1/state", cancellationToken);
            return entities.All(entity => rows.Any(row => row.Contains($"\"entity\":\"{entity}\",\"state\":\"unknown\"", StringComparison.Ordinal)));
        },
        $"not unknown: one of {string.Join(", ", entities)}",
        cancellationToken);
}
