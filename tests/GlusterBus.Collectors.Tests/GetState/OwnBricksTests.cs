using GlusterBus.Collectors.GetState;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Collectors.Tests.GetState;

/// <summary>A node that is one of many with a collector: it alone speaks for its own bricks, and for no others.</summary>
public sealed class OwnBricksTests : IAsyncDisposable
{
    /// <summary>What all nodes together have told of: the table that absence is judged by.</summary>
    private static readonly string[] Table =
    [
        "brick/?/gc1:/srv/lost", "brick/dv/gc1:/srv/dv", "brick/dv/gc2:/srv/dv", "brick/idle/gc1:/srv/idle", "brick/rv/gc1:/srv/rv", "brick/rv/gc2:/srv/rv", "brick/rv/gc3:/srv/rv",
    ];

    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(30));
    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _clock = new();
    private readonly RecordingSink _sink = new();
    private readonly ScriptedGlusterCli _cli;
    private Task _running = Task.CompletedTask;
    private CancellationTokenSource _life;

    public OwnBricksTests()
    {
        _life = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        _cli = new ScriptedGlusterCli(_clock) { State = () => Steady };
    }

    private static string Steady { get; } = Samples.Text("healthy.txt")
        .Replace("svc1.online_status: Offline", "svc1.online_status: Online", StringComparison.Ordinal)
        .Replace("svc2.online_status: Offline", "svc2.online_status: Online", StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _life.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_node_among_many_names_its_own_bricks_and_is_complete_for_them_alone()
    {
        ObservationBatch batch = await StartAsync();

        Bricks(batch).ShouldBe(["brick/dv/gc1:/srv/dv", "brick/idle/gc1:/srv/idle", "brick/rv/gc1:/srv/rv"]);
        batch.Snapshot!.Scopes.ShouldBe(
            ["volume/", "brick/dv/gc1:/", "brick/idle/gc1:/", "brick/rv/gc1:/", "brick/?/gc1:/", "quorum/", "peer/gc1/", "daemon/gc1/"]);
        Missing(batch).ShouldBe(["brick/?/gc1:/srv/lost"], "its volume was never known, and none of the own bricks is it");
        batch.Observations.Count(o => o.Entity.Kind == "volume").ShouldBe(3, "volumes are told by every node");
    }

    [Fact]
    public async Task A_brick_that_was_removed_is_missed_by_its_owner_although_the_volume_has_no_other_one_here()
    {
        await StartAsync();
        _cli.State = () => Without("Volume1.Brick1.");

        ObservationBatch batch = await LookAgainAsync();

        Missing(batch).ShouldBe(["brick/?/gc1:/srv/lost", "brick/dv/gc1:/srv/dv"]);
    }

    [Fact]
    public async Task A_brick_that_was_replaced_is_missed_and_the_new_one_is_told_by_the_node_that_has_it()
    {
        await StartAsync();
        _cli.State = () => Steady.Replace("gc1:/srv/rv", "gc1:/srv/rv-new", StringComparison.Ordinal);
        ObservationBatch here = await LookAgainAsync();
        _cli.State = () => Without("Volume3.Brick1.").Replace("gc2:/srv/rv", "gc2:/srv/rv-new", StringComparison.Ordinal);
        ObservationBatch elsewhere = await LookAgainAsync();

        Bricks(here).ShouldContain("brick/rv/gc1:/srv/rv-new");
        Missing(here).ShouldContain("brick/rv/gc1:/srv/rv");
        Missing(elsewhere).ShouldContain("brick/rv/gc1:/srv/rv");
        Bricks(elsewhere).ShouldBe(["brick/dv/gc1:/srv/dv", "brick/idle/gc1:/srv/idle"], "what gc2 has now is for gc2 to tell");
        Missing(elsewhere).ShouldNotContain(brick => brick.Contains("gc2:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_bricks_of_a_deleted_volume_are_missed_by_each_owner_for_itself()
    {
        await StartAsync();
        _cli.State = () => Without("Volume1.");

        ObservationBatch first = await LookAgainAsync();
        ObservationBatch second = await LookAgainAsync();

        Missing(first).ShouldBe(["brick/?/gc1:/srv/lost", "brick/dv/gc1:/srv/dv"]);
        second.Snapshot!.Scopes.ShouldNotContain("brick/dv/gc1:/", "it was missed once, and need not be remembered");
    }

    [Fact]
    public async Task The_bricks_of_a_volume_that_was_deleted_while_the_collector_did_not_run_are_missed_at_the_next_start()
    {
        await StartAsync();
        await EndAsync();
        _cli.State = () => Without("Volume1.");

        ObservationBatch batch = await StartAsync();

        batch.Snapshot!.IsFirst.ShouldBeTrue();
        Missing(batch).ShouldContain("brick/dv/gc1:/srv/dv");
    }

    [Fact]
    public async Task What_only_a_superseded_look_showed_is_told_by_the_next_one()
    {
        bool isAway = false;
        var sink = new Gate(_sink, batch => isAway && batch.Snapshot is { IsFirst: false });
        await StartAsync(sink);
        isAway = true;
        _cli.State = () => Without("Volume1.").Replace("Volume3.options.features.quota: on\n", "", StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromSeconds(60));
        await sink.Refused.WaitAsync(_stop.Token);
        isAway = false;

        ObservationBatch batch = await LookAgainAsync();

        Missing(batch).ShouldContain("brick/dv/gc1:/srv/dv");
        Observation volume = batch.Observations.Single(o => o.Entity.Value == "volume/rv");
        volume.Attributes.ShouldContain(KeyValuePair.Create("options.features.quota", (string?)null));
        batch.Snapshot!.IsFirst.ShouldBeFalse();
    }

    [Fact]
    public void A_host_name_that_stands_for_another_node_too_is_not_claimed()
    {
        ClusterState state = Samples.State("healthy.txt");
        BrickEntry moved = state.Volumes[0].Bricks[0] with { HostAndPath = "gc2:/srv/moved", Host = "gc2" };
        state = state with { Volumes = [state.Volumes[0] with { Bricks = [moved] }] };

        OwnBricks.Scopes(state, "gc1").ShouldBe(["brick/dv/gc1:/", "brick/?/gc1:/"]);
    }

    private static string Without(string prefix) =>
        string.Join('\n', Steady.Split('\n').Where(line => !line.StartsWith(prefix, StringComparison.Ordinal)));

    private static IEnumerable<string> Bricks(ObservationBatch batch) => batch.Observations.Where(o => o.Entity.Kind == "brick").Select(o => o.Entity.Value);

    /// <summary>What a router takes to be gone by this look.</summary>
    private static IEnumerable<string> Missing(ObservationBatch batch) => Table
        .Where(brick => batch.Snapshot!.Scopes.Any(scope => brick.StartsWith(scope, StringComparison.Ordinal)))
        .Except(Bricks(batch));

    private ValueTask<ObservationBatch> StartAsync(IObservationSink? sink = null)
    {
        var node = new NodeContext("gc1", _cli, _folder.Path, epoch: 7) { IsAlone = false };
        var collector = new GetStateCollector(new GetStateOptions(), node, _clock, NullLogger<GetStateCollector>.Instance) { Resolve = (_, _) => Task.FromResult<System.Net.IPAddress[]>([]) };
        _running = collector.RunAsync(sink ?? _sink, _life.Token);
        return _sink.NextAsync(_stop.Token);
    }

    private async Task<ObservationBatch> LookAgainAsync()
    {
        _clock.Advance(TimeSpan.FromSeconds(60));
        return await _sink.NextAsync(_stop.Token);
    }

    private async Task EndAsync()
    {
        await _life.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _life.Dispose();
        _life = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
    }

    /// <summary>A sink that supersedes some looks.</summary>
    private sealed class Gate(IObservationSink inner, Func<ObservationBatch, bool> isSuperseded) : IObservationSink
    {
        private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Refused => _refused.Task;

        public ValueTask PublishAsync(ObservationBatch batch, CancellationToken cancellationToken)
        {
            if (!isSuperseded(batch))
            {
                return inner.PublishAsync(batch, cancellationToken);
            }

            _refused.TrySetResult();
            throw new SnapshotSupersededException();
        }
    }
}
