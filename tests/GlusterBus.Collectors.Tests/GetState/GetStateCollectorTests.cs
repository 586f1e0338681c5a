using System.Net;
using GlusterBus.Collectors.GetState;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Gluster;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Collectors.Tests.GetState;

public sealed class GetStateCollectorTests : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(30));
    private readonly FakeClock _clock = new();
    private readonly RecordingSink _sink = new();
    private readonly DateTimeOffset _start;
    private readonly ScriptedGlusterCli _cli;
    private readonly NodeContext _node;
    private readonly GetStateCollector _collector;
    private Task _running = Task.CompletedTask;

    public GetStateCollectorTests()
    {
        _start = _clock.GetUtcNow();
        _cli = new ScriptedGlusterCli(_clock) { State = () => Steady };
        _node = new NodeContext("gc1", _cli, "/nowhere", epoch: 7);
        _collector = new GetStateCollector(new GetStateOptions(), _node, _clock, NullLogger<GetStateCollector>.Instance)
        {
            Resolve = (host, _) => Task.FromResult(new[] { IPAddress.Parse(host == "gc2" ? "10.77.0.2" : "10.77.0.3") }),
        };
    }

    /// <summary>The healthy sample with its bitrot daemons running, as they were a moment later.</summary>
    private static string Steady { get; } = Samples.Text("healthy.txt")
        .Replace("svc1.online_status: Offline", "svc1.online_status: Online", StringComparison.Ordinal)
        .Replace("svc2.online_status: Offline", "svc2.online_status: Online", StringComparison.Ordinal);

    private static string BrickDown { get; } = Steady.Replace(
        "Volume3.Brick1.port_registered: 1\nVolume3.Brick1.status: Started", "Volume3.Brick1.port_registered: 1\nVolume3.Brick1.status: Stopped", StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    [Fact]
    public async Task The_first_look_is_the_rebuild()
    {
        ObservationBatch batch = await StartAsync();

        batch.Stream.ShouldBe("gc1/get_state");
        batch.Epoch.ShouldBe(7);
        Snapshot snapshot = batch.Snapshot.ShouldNotBeNull();
        snapshot.IsFirst.ShouldBeTrue();
        (snapshot.Witness, snapshot.Source, snapshot.TakenAt).ShouldBe(("gc1", "get_state", _start));
        batch.Observations.Select(o => o.Sequence).ShouldBe(Enumerable.Range(1, batch.Observations.Count).Select(i => (long)i));
        batch.Observations.ShouldAllBe(o => o.ObservedAt == _start);
        State(batch, "volume/rv").ShouldBe("started");
        await _node.WhenKnown.WaitAsync(_stop.Token);
    }

    [Fact]
    public async Task The_node_learns_the_names_of_the_cluster()
    {
        await StartAsync();
        await _node.WhenKnown.WaitAsync(_stop.Token);

        Topology topology = _node.Topology;
        topology.OwnUuid.ShouldBe("8d9122ad-6074-4e98-89d2-738a9393eda3");
        topology.Peer("24928b52-04c0-446e-be39-3ee0c8efc495").ShouldBe("gc3");
        topology.Volume("3c6cd8d9-d91b-4196-ba38-fb3ab8a320f1").ShouldBe("rv");
        topology.Bricks.Where(b => b.IsLocal).Select(b => b.HostAndPath).ShouldBe(["gc1:/srv/dv", "gc1:/srv/idle", "gc1:/srv/rv"]);

        // Addresses come from the background.
        while (topology.Peer("10.77.0.2:49151") != "gc2")
        {
            await Task.Yield();
            _stop.Token.ThrowIfCancellationRequested();
            topology = _node.Topology;
        }

        topology.Peer("10.77.0.3").ShouldBe("gc3");
    }

    [Fact]
    public async Task It_looks_again_at_the_interval_and_no_longer_as_the_first()
    {
        await StartAsync();
        _clock.Advance(TimeSpan.FromSeconds(60));

        ObservationBatch batch = await _sink.NextAsync(_stop.Token);

        batch.Snapshot!.IsFirst.ShouldBeFalse();
        batch.Snapshot.TakenAt.ShouldBe(_start + TimeSpan.FromSeconds(60));
        batch.Observations[0].Sequence.ShouldBe(_sink.Batches[0].Observations[^1].Sequence + 1);
    }

    [Fact]
    public async Task It_looks_when_asked_once_for_many_requests()
    {
        await StartAsync();
        await _cli.NextLookAsync(_stop.Token);
        for (int i = 0; i < 100; i++)
        {
            _node.RequestReconcile(TimeSpan.FromSeconds(1));
        }

        _clock.Advance(TimeSpan.FromSeconds(1));
        (await _sink.NextAsync(_stop.Token)).Snapshot!.TakenAt.ShouldBe(_start + TimeSpan.FromSeconds(1));

        _clock.Advance(TimeSpan.FromSeconds(60));
        (await _sink.NextAsync(_stop.Token)).Snapshot!.TakenAt.ShouldBe(_start + TimeSpan.FromSeconds(61), "the hundred requests were one look");
    }

    [Fact]
    public async Task A_brick_newly_down_is_told_only_after_a_second_look()
    {
        await StartAsync();
        _cli.State = () => BrickDown;
        _node.RequestReconcile(TimeSpan.Zero);
        _clock.Advance(LookSchedule.MinimumGap);

        ObservationBatch first = await _sink.NextAsync(_stop.Token);
        State(first, "brick/rv/gc1:/srv/rv").ShouldBeNull();
        State(first, "brick/dv/gc1:/srv/dv").ShouldBe("online");

        _clock.Advance(GetStateMapping.Patience);
        ObservationBatch second = await _sink.NextAsync(_stop.Token);
        State(second, "brick/rv/gc1:/srv/rv").ShouldBe("offline");
        (second.Snapshot!.TakenAt - first.Snapshot!.TakenAt).ShouldBe(GetStateMapping.Patience);
    }

    /// <summary>As seen on three nodes when a killed glustershd was brought back: glusterd's memory lags behind its own datagram.</summary>
    [Fact]
    public async Task What_another_source_just_reported_well_is_not_taken_back_by_a_single_look()
    {
        _cli.State = () => BrickDown;
        _running = _collector.RunAsync(_sink, _stop.Token);
        await _cli.NextLookAsync(_stop.Token);
        State(await AdvanceUntilPublishedAsync(), "brick/rv/gc1:/srv/rv").ShouldBe("offline");

        _node.TellWell(EntityId.Brick("rv", "gc1:/srv/rv"));
        _node.RequestReconcile(TimeSpan.Zero);
        _clock.Advance(LookSchedule.MinimumGap);
        State(await _sink.NextAsync(_stop.Token), "brick/rv/gc1:/srv/rv").ShouldBeNull();

        _clock.Advance(GetStateMapping.Patience);
        State(await _sink.NextAsync(_stop.Token), "brick/rv/gc1:/srv/rv").ShouldBe("offline");
    }

    [Fact]
    public async Task A_volume_being_stopped_raises_no_alarm_for_its_bricks()
    {
        await StartAsync();
        _cli.State = () => BrickDown;
        _node.RequestReconcile(TimeSpan.Zero);
        _clock.Advance(LookSchedule.MinimumGap);
        await _sink.NextAsync(_stop.Token);

        _cli.State = () => BrickDown.Replace("Volume3.status: Started", "Volume3.status: Stopped", StringComparison.Ordinal);
        _clock.Advance(GetStateMapping.Patience);
        ObservationBatch after = await _sink.NextAsync(_stop.Token);

        State(after, "volume/rv").ShouldBe("stopped");
        _sink.Batches.Take(2).SelectMany(b => b.Observations).ShouldNotContain(o => o.Entity.Value == "brick/rv/gc1:/srv/rv" && o.State == "offline");
    }

    [Fact]
    public async Task What_is_ill_at_start_is_confirmed_before_the_rebuild_is_published()
    {
        _cli.State = () => BrickDown;
        _running = _collector.RunAsync(_sink, _stop.Token);
        await _cli.NextLookAsync(_stop.Token);
        _sink.Batches.ShouldBeEmpty();
        _node.WhenKnown.IsCompleted.ShouldBeFalse();

        ObservationBatch batch = await AdvanceUntilPublishedAsync();

        batch.Snapshot!.IsFirst.ShouldBeTrue();
        batch.Snapshot.TakenAt.ShouldBeGreaterThanOrEqualTo(_start + GetStateMapping.Patience);
        State(batch, "brick/rv/gc1:/srv/rv").ShouldBe("offline");
    }

    [Fact]
    public async Task When_glusterd_is_down_only_the_node_is_told_offline()
    {
        _cli.State = () => throw new GlusterReplyException("Connection failed", isDaemonDown: true);
        _running = _collector.RunAsync(_sink, _stop.Token);

        ObservationBatch batch = await _sink.NextAsync(_stop.Token);
        batch.Snapshot.ShouldBeNull();
        Observation only = batch.Observations.ShouldHaveSingleItem();
        (only.Entity.Value, only.State).ShouldBe(("node/gc1", "offline"));
        await _node.WhenKnown.WaitAsync(_stop.Token);

        _cli.State = () => Steady;
        _clock.Advance(TimeSpan.FromSeconds(5));
        ObservationBatch back = await _sink.NextAsync(_stop.Token);
        back.Snapshot!.IsFirst.ShouldBeTrue("nothing was rebuilt before");
        State(back, "node/gc1").ShouldBe("online");
        back.Observations[0].Sequence.ShouldBe(2);
    }

    [Fact]
    public async Task A_look_that_fails_otherwise_ends_the_run_and_frees_the_other_sources()
    {
        _cli.State = () => throw new GlusterReplyException("'gluster get-state' did not answer within 00:00:20");

        await Should.ThrowAsync<GlusterReplyException>(() => _collector.RunAsync(_sink, _stop.Token));

        _node.WhenKnown.IsCompleted.ShouldBeTrue();
        _sink.Batches.ShouldBeEmpty();
        _node.RequestReconcile(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_second_run_goes_on_where_the_first_one_failed()
    {
        await StartAsync();
        _cli.State = () => throw new GlusterReplyException("busy");
        _clock.Advance(TimeSpan.FromSeconds(60));
        await Should.ThrowAsync<GlusterReplyException>(() => _running);

        _cli.State = () => Steady;
        _running = _collector.RunAsync(_sink, _stop.Token);

        ObservationBatch batch = await _sink.NextAsync(_stop.Token);
        batch.Snapshot!.IsFirst.ShouldBeFalse();
        batch.Observations[0].Sequence.ShouldBeGreaterThan(_sink.Batches[0].Observations[^1].Sequence);
    }

    [Fact]
    public async Task Details_are_asked_at_start_and_again_only_when_the_layout_changed()
    {
        await StartAsync();
        _clock.Advance(TimeSpan.FromSeconds(60));
        await _sink.NextAsync(_stop.Token);
        Count("volume info").ShouldBe(1);

        _cli.State = () => Steady.Replace("gc1:/srv/idle", "gc1:/srv/other", StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromSeconds(60));
        await _sink.NextAsync(_stop.Token);
        _clock.Advance(TimeSpan.FromSeconds(60));
        await _sink.NextAsync(_stop.Token);

        Count("volume info").ShouldBe(2);
        Count("peer status").ShouldBe(2);

        int Count(string query)
        {
            lock (_cli.Queries)
            {
                return _cli.Queries.Count(q => q == query);
            }
        }
    }

    [Fact]
    public async Task Details_that_fail_do_no_harm()
    {
        _cli.Reply = _ => throw new GlusterReplyException("'gluster volume info' answered: no");

        ObservationBatch batch = await StartAsync();

        State(batch, "volume/rv").ShouldBe("started");
        batch.Observations.Single(o => o.Entity.Value == "brick/rv/gc1:/srv/rv").Attributes.Keys.ShouldNotContain("hostUuid");
    }

    [Fact]
    public async Task An_option_reset_between_two_looks_is_told_as_unset_once()
    {
        await StartAsync();
        _cli.State = () => Steady.Replace("Volume3.options.features.quota: on\n", "", StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromSeconds(60));

        IReadOnlyDictionary<string, string?> attributes = (await _sink.NextAsync(_stop.Token)).Observations.Single(o => o.Entity.Value == "volume/rv").Attributes;
        attributes.Keys.ShouldContain("options.features.quota");
        attributes["options.features.quota"].ShouldBeNull();

        _clock.Advance(TimeSpan.FromSeconds(60));
        (await _sink.NextAsync(_stop.Token)).Observations.Single(o => o.Entity.Value == "volume/rv").Attributes.Keys.ShouldNotContain("options.features.quota");
    }

    [Fact]
    public async Task The_check_says_what_answers_and_what_to_do_when_nothing_does()
    {
        (await _collector.CheckAsync(_stop.Token)).ShouldHaveSingleItem().ShouldBe(new CheckResult("gluster get-state: 3 volumes, 2 peers"));

        _cli.State = () => throw new GlusterReplyException("down", isDaemonDown: true) { Remedy = "systemctl start glusterd" };
        (await _collector.CheckAsync(_stop.Token)).ShouldHaveSingleItem().ShouldBe(new CheckResult("gluster get-state", "down", "systemctl start glusterd", IsWarning: true));
    }

    private static string? State(ObservationBatch batch, string entity) => batch.Observations.Single(o => o.Entity.Value == entity).State;

    private async Task<ObservationBatch> StartAsync()
    {
        _running = _collector.RunAsync(_sink, _stop.Token);
        return await _sink.NextAsync(_stop.Token);
    }

    /// <summary>Lets time pass in small steps, since the test can't see when the collector begins to wait.</summary>
    private async Task<ObservationBatch> AdvanceUntilPublishedAsync()
    {
        Task<ObservationBatch> next = _sink.NextAsync(_stop.Token).AsTask();
        while (!next.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        return await next;
    }
}
