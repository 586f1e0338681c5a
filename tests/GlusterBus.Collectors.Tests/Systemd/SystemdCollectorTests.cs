using GlusterBus.Collectors.Node;
using GlusterBus.Collectors.Systemd;
using GlusterBus.Collectors.Tests.GetState;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Collectors.Tests.Systemd;

/// <summary>The collector on a private bus with a systemd of the test's own.</summary>
public sealed class SystemdCollectorTests : IAsyncLifetime
{
    private const string Glusterd = "glusterd.service";
    private const string Ganesha = "nfs-ganesha.service";

    private static readonly DateTimeOffset T = new(2026, 11, 22, 9, 16, 38, TimeSpan.Zero);
    private static readonly FakeUnit Running = new("active", "running", T);

    private readonly CancellationTokenSource _stop = new();
    private readonly RecordingSink _sink = new();
    private readonly NodeContext _node = new("gl1", new ScriptedGlusterCli(TimeProvider.System), "/nowhere", epoch: 7);
    private DBusDaemonProcess _bus = null!;
    private FakeSystemd _systemd = null!;
    private Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(DBusDaemonProcess.Obstacle is not null, DBusDaemonProcess.Obstacle ?? "");
        _bus = await DBusDaemonProcess.StartAsync(TestContext.Current.CancellationToken);
        _systemd = await FakeSystemd.StartAsync(_bus.Address, TestContext.Current.CancellationToken);
        _systemd.Define(Glusterd, Running);
        _node.MarkKnown();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _systemd?.Dispose();
        await (_bus?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Fact(Timeout = 60_000)]
    public async Task At_the_start_it_tells_how_the_units_are()
    {
        _systemd.Define(Ganesha, new FakeUnit("failed", "failed", T.AddHours(1)) { Result = "exit-code", Restarts = 5 });
        Start(new SystemdOptions { Units = [Ganesha, "absent.service"] });

        ObservationBatch first = await NextAsync();
        (first.Stream, first.Epoch, first.Snapshot).ShouldBe(("gl1/systemd", 7L, null));
        first.Observations.Select(o => (o.Entity.Value, o.State, o.Sequence)).ShouldBe([("node/gl1", "online", 1L), ("node/gl1", null, 2L)]);
        first.Observations[0].ObservedAt.ShouldBe(T);
        first.Observations[0].Attributes.ShouldBe(
            new Dictionary<string, string?> { ["loadState"] = "loaded", ["activeState"] = "active", ["subState"] = "running", ["restarts"] = "0" }, ignoreOrder: true);
        (await NextAsync()).Observations[0].State.ShouldBe("failed");
        Observation absent = (await NextAsync()).Observations.ShouldHaveSingleItem();
        (absent.Entity.Value, absent.State, absent.Attributes["loadState"]).ShouldBe(("daemon/gl1/absent", null, "not-found"));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_crash_and_the_start_after_it_are_told_as_they_happen()
    {
        await StartAndLookAsync();

        _systemd.Change(Glusterd, new FakeUnit("activating", "auto-restart", T.AddHours(1)) { Result = "signal" });
        Observation crashed = (await NextAsync()).Observations.ShouldHaveSingleItem();
        (crashed.State, crashed.ObservedAt, crashed.Attributes["subState"]).ShouldBe(("restarting", T.AddHours(1), "auto-restart"));
        crashed.Evidence!.Text.ShouldContain("Result=signal");

        _systemd.Change(Glusterd, new FakeUnit("active", "running", T.AddHours(2)) { Restarts = 1 });
        Observation back = (await NextAsync()).Observations.ShouldHaveSingleItem();
        (back.State, back.Attributes["restarts"], back.Attributes["loadState"]).ShouldBe(("online", "1", "loaded"));
    }

    [Fact(Timeout = 60_000)]
    public async Task What_is_as_it_was_is_told_once_however_often_it_is_looked_at()
    {
        Start(new SystemdOptions { Interval = TimeSpan.FromMilliseconds(20) });
        await NextAsync();
        _systemd.Change(Glusterd, Running);
        await _systemd.LookedAsync(5, Cancellation);

        _systemd.Change(Glusterd, new FakeUnit("inactive", "dead", T.AddHours(1)));
        (await NextAsync()).Observations[0].State.ShouldBe("offline");
        await _systemd.LookedAsync(5, Cancellation);
        _systemd.Change(Glusterd, new FakeUnit("active", "running", T.AddHours(2)));
        (await NextAsync()).Observations[0].State.ShouldBe("online");
        _sink.Batches.Count.ShouldBe(3);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_no_signal_of_the_unit_tells_is_found_when_definitions_change()
    {
        await StartAndLookAsync();
        _systemd.Define(Glusterd, Running with { LoadState = "masked" });
        _systemd.TellOfNewDefinitions();

        (await NextAsync()).Observations.ShouldAllBe(o => o.Attributes["loadState"] == "masked");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_look_is_as_old_as_its_question_so_that_no_later_change_is_taken_for_an_older_one()
    {
        DateTimeOffset before = TimeProvider.System.GetUtcNow();
        var unknown = new NodeContext("gl1", new ScriptedGlusterCli(TimeProvider.System), "/nowhere", epoch: 7);
        Start(new SystemdOptions(), unknown);
        await _systemd.LookedAsync(1, Cancellation);
        DateTimeOffset answered = TimeProvider.System.GetUtcNow();
        unknown.MarkKnown();

        (await NextAsync()).Observations[1].ObservedAt.ShouldBeInRange(before, answered);
    }

    [Fact(Timeout = 60_000)]
    public async Task It_waits_for_the_rebuild_and_then_tells_the_last_state()
    {
        var unknown = new NodeContext("gl1", new ScriptedGlusterCli(TimeProvider.System), "/nowhere", epoch: 7);
        Start(new SystemdOptions(), unknown);
        await _systemd.LookedAsync(1, Cancellation);
        _sink.Batches.ShouldBeEmpty();
        unknown.MarkKnown();

        (await NextAsync()).Observations[0].State.ShouldBe("online");
    }

    [Fact(Timeout = 60_000)]
    public async Task After_the_bus_was_restarted_the_state_is_told_anew_and_signals_are_heard_again()
    {
        var log = new RecordingLogger();
        SystemdCollector collector = Make(new SystemdOptions { Bus = _bus.Address }, _node);
        _running = new CollectorRunner(new HurriedClock(20), new Random(1), new Logger<CollectorRunner>(log)).RunAsync(_node, [("systemd", collector)], _sink, _stop.Token);
        await NextOfNodeAsync();

        await _bus.Process.KillAsync();
        await _bus.StartDaemonAsync(Cancellation);
        _systemd.Dispose();
        _systemd = await FakeSystemd.StartAsync(_bus.Address, Cancellation);
        _systemd.Define(Glusterd, new FakeUnit("inactive", "dead", T.AddHours(1)));

        Observation found = await NextOfNodeAsync();
        (found.State, found.ObservedAt).ShouldBe(("offline", T.AddHours(1)));
        log.Lines.ShouldContain(line => line.Text.Contains($"the bus {_bus.Address} closed the connection", StringComparison.Ordinal));
        _systemd.Change(Glusterd, new FakeUnit("active", "running", T.AddHours(2)));
        (await NextOfNodeAsync()).State.ShouldBe("online");
    }

    [Fact(Timeout = 60_000)]
    public async Task When_systemd_leaves_the_bus_the_run_ends_and_says_so()
    {
        await StartAndLookAsync();
        _systemd.Dispose();

        (await Should.ThrowAsync<IOException>(() => _running)).Message.ShouldBe($"systemd left the bus {_bus.Address}");
    }

    [Fact(Timeout = 60_000)]
    public async Task Without_a_bus_or_a_systemd_on_it_the_run_ends_with_one_clear_line()
    {
        _systemd.Dispose();
        SystemdCollector alone = Make(new SystemdOptions { Bus = _bus.Address }, _node);
        (await Should.ThrowAsync<IOException>(() => alone.RunAsync(_sink, Cancellation))).Message.ShouldBe($"there is no systemd on the bus {_bus.Address}");
        (await alone.CheckAsync(Cancellation)).ShouldHaveSingleItem().Problem.ShouldBe($"there is no systemd on the bus {_bus.Address}");

        SystemdCollector nowhere = Make(new SystemdOptions { Bus = "unix:path=/nowhere/bus" }, _node);
        (await Should.ThrowAsync<IOException>(() => nowhere.RunAsync(_sink, Cancellation))).Message.ShouldBe("there is no bus at unix:path=/nowhere/bus");
    }

    [Fact(Timeout = 60_000)]
    public async Task The_check_names_the_units_and_warns_of_one_that_is_not_there()
    {
        IReadOnlyList<CheckResult> found = await Make(new SystemdOptions { Bus = _bus.Address, Units = [Ganesha] }, _node).CheckAsync(Cancellation);

        found.Count.ShouldBe(2);
        (found[0].Subject, found[0].Problem).ShouldBe(($"systemd on the bus {_bus.Address}: glusterd.service is active", null));
        (found[1].Problem, found[1].IsWarning).ShouldBe(("the unit is not-found", true));
        _sink.Batches.ShouldBeEmpty();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static SystemdCollector Make(SystemdOptions options, NodeContext node) => new(options, node, TimeProvider.System, NullLogger<SystemdCollector>.Instance);

    private void Start(SystemdOptions options, NodeContext? node = null) =>
        _running = Make(options with { Bus = _bus.Address }, node ?? _node).RunAsync(_sink, _stop.Token);

    private async Task StartAndLookAsync()
    {
        Start(new SystemdOptions());
        (await NextAsync()).Observations[0].State.ShouldBe("online");
    }

    private async Task<ObservationBatch> NextAsync()
    {
        Task<ObservationBatch> next = _sink.NextAsync(Cancellation).AsTask();
        if (await Task.WhenAny(next, _running) != next)
        {
            await _running;
        }

        return await next;
    }

    private async Task<Observation> NextOfNodeAsync()
    {
        while (true)
        {
            if ((await NextAsync()).Observations.FirstOrDefault(o => o.Entity.Kind == "node") is { } found)
            {
                return found;
            }
        }
    }
}
