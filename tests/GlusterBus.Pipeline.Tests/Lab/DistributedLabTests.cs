using System.Globalization;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Lab;

/// <summary>Collectors on every node of a real cluster, two routers, a notifier: each real change is told once, whoever and however many report it.</summary>
[Collection(Alone.Name)]
public sealed class DistributedLabTests(ITestOutputHelper output)
{
    /// <summary>Longer than any hold or confirmation, so that a false alarm would have shown itself.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(17);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Each_real_change_of_three_nodes_is_told_once_however_many_report_it() => LiveAsync(3);

    [Fact]
    public Task Each_real_change_of_five_nodes_is_told_once_however_many_report_it()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("GLUSTERBUS_SLOW") is null, "GLUSTERBUS_SLOW=1 runs it");
        return LiveAsync(5);
    }

    private async Task LiveAsync(int nodes)
    {
        Assert.SkipWhen(LabSystem.Obstacle() is not null, LabSystem.Obstacle() ?? "");
        await using LabSystem system = await LabSystem.StartAsync(nodes, Token);
        await using ChannelListener listener = await ChannelListener.StartAsync(system.Broker, Token);
        await system.StartRolesAsync(Token);
        var story = new LabStory(system, listener, output, Token);
        var life = new LabLife(system, story, nodes, Token);

        await life.OfAVolumeAsync();
        await life.WithFailingBricksAsync();
        await life.WithFailingNodesAsync();
        await ShouldKnowWhatGlusterKnowsAsync(system, [.. Enumerable.Range(1, nodes)]);
        await life.WithCrashesOfGlusterBusAsync();
        await life.UnderObservationAsync();
        await ShouldKnowWhatGlusterKnowsAsync(system, [.. Enumerable.Range(1, nodes)]);
        await life.EndsAsync();

        await Task.Delay(Settled, TimeProvider.System, Token);
        story.Show(TimeProvider.System.GetTimestamp());
        story.Told.Select(LabStory.Text).Order(StringComparer.Ordinal).ShouldBe(story.Expected.Order(StringComparer.Ordinal), system.Said);
        LabVerdicts.ShouldTellTheTruth(listener.Heard);
        await system.UntilAsync(() => Task.FromResult(system.Notified.Distinct().Count() >= story.Told.Count), "the notifier is behind", Token);
        LabVerdicts.ShouldHaveNotified(system.Notified, story.Told);
        await ShouldKnowWhatGlusterKnowsAsync(system, [.. Enumerable.Range(1, nodes)]);

        IReadOnlyDictionary<string, double> observations = await system.ObservationsAsync(Token);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{nodes} nodes: {observations.Values.Sum()} observations, {story.Told.Count} transitions; {string.Join(", ", observations.Select(o => $"{o.Key} {o.Value}"))}"));
        story.ReportDelays();
        foreach (string said in (string[])["same-source", "other-source", "other-node"])
        {
            observations.GetValueOrDefault(said).ShouldBeGreaterThan(0, $"what was said again is counted as {said}");
        }

        // What a killed router counted in its last moments is lost, so there may be less.
        observations["published"].ShouldBeLessThanOrEqualTo(story.Told.Count);
    }

    private static Task ShouldKnowWhatGlusterKnowsAsync(LabSystem system, int[] nodes)
    {
        string differences = "";
        return system.UntilAsync(
            async () =>
            {
                IReadOnlyList<string> known = await LabVerdicts.KnownAsync(system.Notifier, Token);
                IReadOnlyList<string> seen = await LabVerdicts.SeenAsync(system.Lab, nodes, Token);
                differences = $"GlusterBus alone: {string.Join(", ", known.Except(seen))}; Gluster alone: {string.Join(", ", seen.Except(known))}";
                return known.SequenceEqual(seen);
            },
            () => $"the state is not what Gluster says. {differences}",
            Token);
    }
}
