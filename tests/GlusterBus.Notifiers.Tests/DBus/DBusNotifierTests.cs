using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.DBus;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Runtime.DBus;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tmds.DBus.Protocol;

namespace GlusterBus.Notifiers.Tests.DBus;

/// <summary>The notifier on a private bus, seen with the programs that operators have: busctl and gdbus.</summary>
public sealed class DBusNotifierTests : IAsyncLifetime
{
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    private DBusDaemonProcess _bus = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(DBusDaemonProcess.Obstacle is not null, DBusDaemonProcess.Obstacle ?? "");
        _bus = await DBusDaemonProcess.StartAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _bus?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact(Timeout = 60_000)]
    public async Task At_the_start_the_objects_are_filled_from_the_state()
    {
        await using RunningBridge bridge = await ShowAsync(Never, Rows.Volume("gv0"), Rows.Of("brick/gv0/n1:/data/b1", "offline"), Rows.Of("peer/n1/n2", "connected"), Rows.Of("node/n1", "online"));

        (await _bus.ControlAsync("tree", "--list", "org.glusterbus")).Output.Split('\n').Where(path => path.StartsWith("/org/glusterbus/", StringComparison.Ordinal)).ShouldBe(
        [
            "/org/glusterbus/bricks", "/org/glusterbus/bricks/gv0", "/org/glusterbus/bricks/gv0/n1_3a_2fdata_2fb1", "/org/glusterbus/glusterd", "/org/glusterbus/nodes",
            "/org/glusterbus/nodes/n1", "/org/glusterbus/peers", "/org/glusterbus/peers/n1", "/org/glusterbus/peers/n1/n2", "/org/glusterbus/volumes", "/org/glusterbus/volumes/gv0",
        ]);
        (await GetAsync("volumes/gv0", "Volume", "Status")).ShouldBe("""{"type":"i","data":1}""");
        (await GetAsync("volumes/gv0", "Volume", "BrickCount")).ShouldBe("""{"type":"u","data":3}""");
        (await GetAsync("volumes/gv0", "Volume", "Options")).ShouldBe("""{"type":"a{ss}","data":{"nfs.disable":"on"}}""");
        (await GetAsync("volumes/gv0", "Volume", "Health")).ShouldBe("""{"type":"s","data":"error"}""");
        (await GetAsync("bricks/gv0/n1_3a_2fdata_2fb1", "Brick", "Path")).ShouldBe("""{"type":"s","data":"/data/b1"}""");
        (await GetAsync("glusterd", "Glusterd", "State")).ShouldBe("""{"type":"s","data":"online"}""");

        // Absent, not empty: nobody told.
        (await GetAsync("glusterd", "Glusterd", "ActiveState")).ShouldContain("Unknown interface org.glusterbus.Glusterd or property ActiveState");
        (await GetAsync("bricks/gv0/n1_3a_2fdata_2fb1", "Brick", "SmartFailing")).ShouldContain("or property SmartFailing");
    }

    [Fact(Timeout = 60_000)]
    public async Task All_objects_come_in_one_answer()
    {
        await using RunningBridge bridge = await ShowAsync(Never, Rows.Volume("gv0"), Rows.Of("peer/n1/n2", "connected"));

        (int code, string output) = await _bus.ControlAsync("--json=short", "call", "org.glusterbus", "/org/glusterbus", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");
        code.ShouldBe(0, output);
        output.ShouldStartWith("""{"type":"a{oa{sa{sv}}}","data":[{""");
        output.ShouldContain("""
            "org.glusterbus.Volume":{"Name":{"type":"s","data":"gv0"},"Id":
            """);
        output.ShouldContain("""
            "org.glusterbus.Peer":{"Name":{"type":"s","data":"n2"},"Observer":{"type":"s","data":"n1"}
            """);
    }

    [Fact(Timeout = 60_000)]
    public async Task More_than_a_bus_takes_in_one_message_is_refused_and_the_connection_lives()
    {
        string large = new('x', 8 << 20);
        await using RunningBridge bridge = await ShowAsync(Never, [.. Enumerable.Range(0, 4).Select(i => Rows.Volume($"gv{i}", "started", 1, ("options.auth.allow", large)))]);

        (int code, string output) = await _bus.ControlAsync("call", "org.glusterbus", "/org/glusterbus", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");

        code.ShouldNotBe(0);
        output.ShouldContain("4 objects take 32 MiB and a bus passes on 32");
        (await GetAsync("volumes/gv3", "Volume", "Status")).ShouldBe("""{"type":"i","data":1}""");
    }

    [Theory(Timeout = 60_000)]
    [InlineData("Unknown object '/org/glusterbus/nothing'", "get-property", "org.glusterbus", "/org/glusterbus/nothing", "org.glusterbus.Volume", "Name")]
    [InlineData("Nothing of org.glusterbus is writable", "set-property", "org.glusterbus", "/org/glusterbus/volumes/gv0", "org.glusterbus.Volume", "Name", "s", "x")]
    [InlineData("Unknown method Get or interface org.freedesktop.DBus.Properties", "call", "org.glusterbus", "/org/glusterbus/volumes/gv0", "org.freedesktop.DBus.Properties", "Get", "i", "1")]
    [InlineData("Unknown method Delete or interface org.glusterbus.Volume", "call", "org.glusterbus", "/org/glusterbus/volumes/gv0", "org.glusterbus.Volume", "Delete")]
    [InlineData("Unknown interface 'org.example'", "call", "org.glusterbus", "/org/glusterbus/volumes/gv0", "org.freedesktop.DBus.Properties", "GetAll", "s", "org.example")]
    public async Task A_question_that_makes_no_sense_gets_an_error_and_the_next_one_an_answer(string problem, params string[] question)
    {
        await using RunningBridge bridge = await ShowAsync(Never, Rows.Volume("gv0"));

        (int code, string output) = await _bus.ControlAsync(question);

        code.ShouldNotBe(0);
        output.ShouldContain(problem);
        (await GetAsync("volumes/gv0", "Volume", "Status")).ShouldBe("""{"type":"i","data":1}""");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_bus_that_takes_nothing_any_more_fails_the_delivery()
    {
        await using var bridge = new RunningBridge(_bus.Address, Never, new HurriedClock(5), Rows.Volume("gv0"));
        await bridge.UntilLoggedAsync("objects are shown");
        _bus.Process.Freeze();

        DeliveryFailedException failure = await Should.ThrowAsync<DeliveryFailedException>(() => bridge.TellAsync(Rows.Change("volume/gv0", "started", "stopped", 2)));

        failure.Message.ShouldBe($"the bus {_bus.Address} does not answer");
    }

    [Fact(Timeout = 60_000)]
    public async Task The_signal_describes_itself()
    {
        await using RunningBridge bridge = await ShowAsync(Never, Rows.Volume("gv0"));

        (_, string output) = await DBusDaemonProcess.RunAsync("/usr/bin/gdbus", "introspect", "--address", _bus.Address, "--dest", "org.glusterbus", "--object-path", "/org/glusterbus");
        string.Join(' ', output.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)).ShouldContain(
            "StateChanged(s entity, s previous, s current, s severity, s event);");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_transition_changes_the_properties_and_then_is_signalled_with_its_event()
    {
        await using RunningBridge bridge = await ShowAsync(Never, Rows.Volume("gv0"));
        await using RunningProgram monitor = await RunningProgram.MonitorAsync(_bus);
        Transition stopped = Rows.Change("volume/gv0", "started", "stopped", 2, [.. Rows.Volume("gv0").Attributes.Select(a => (a.Key, a.Value))]);

        await bridge.TellAsync(stopped);

        string signal = await monitor.UntilAsync("org.glusterbus.Events.StateChanged");
        signal.ShouldStartWith("/org/glusterbus: org.glusterbus.Events.StateChanged ('volume/gv0', 'started', 'stopped', 'info', '{\"specversion\":\"1.0\",\"id\":\"lab/volume/gv0@2\"");
        string change = await monitor.UntilAsync("PropertiesChanged");
        change.ShouldContain("/org/glusterbus/volumes/gv0: org.freedesktop.DBus.Properties.PropertiesChanged ('org.glusterbus.Volume', {");
        foreach (string property in new[] { "'Status': <2>", "'State': <'stopped'>", "'Sequence': <uint64 2>", "'Health': <'info'>" })
        {
            change.ShouldContain(property);
        }

        change.ShouldNotContain("'Name'");
        Array.IndexOf(monitor.Lines, change).ShouldBeLessThan(Array.IndexOf(monitor.Lines, signal));
        (await GetAsync("volumes/gv0", "Volume", "Status")).ShouldBe("""{"type":"i","data":2}""");
    }

    [Fact(Timeout = 60_000)]
    public async Task Objects_come_and_go_with_what_they_stand_for()
    {
        await using RunningBridge bridge = await ShowAsync(Never, Rows.Volume("gv0"));
        await using RunningProgram monitor = await RunningProgram.MonitorAsync(_bus);

        await bridge.TellAsync(Rows.Change("volume/new", null, "created", 1));
        (await monitor.UntilAsync("InterfacesAdded")).ShouldContain("(objectpath '/org/glusterbus/volumes/new', {");
        await bridge.TellAsync(Rows.Change("volume/new", "created", "deleted", 2));
        (await monitor.UntilAsync("InterfacesRemoved")).ShouldContain("(objectpath '/org/glusterbus/volumes/new', [");
        (await GetAsync("volumes/new", "Volume", "Status")).ShouldContain("Unknown object '/org/glusterbus/volumes/new'");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_change_without_a_transition_is_found_in_the_state_table()
    {
        await using RunningBridge bridge = await ShowAsync(TimeSpan.FromSeconds(1), Rows.Volume("gv0"));
        await using RunningProgram monitor = await RunningProgram.MonitorAsync(_bus);

        bridge.Table = null;
        await bridge.UntilLoggedAsync("the objects on D-Bus go on with the transitions alone: Redis is away");
        bridge.Table = [Rows.Volume("gv0"), Rows.Of("brick/gv0/n1:/b", "online")];

        (await monitor.UntilAsync("InterfacesAdded")).ShouldContain("/org/glusterbus/bricks/gv0/n1_3a_2fb");
    }

    [Fact(Timeout = 60_000)]
    public async Task What_the_bus_forbids_in_a_text_costs_the_text_and_not_the_connection()
    {
        await using RunningBridge bridge = await ShowAsync(Never, Rows.Volume("gv0", "started", 1, ("options.bad\0name", "a\ufffe\ud800b")));
        await using RunningProgram monitor = await RunningProgram.MonitorAsync(_bus);

        await bridge.TellAsync(Rows.Change("volume/v\ufdd0", null, "created", 1));

        await monitor.UntilAsync("StateChanged ('volume/v\ufffd'");
        (await GetAsync("volumes/gv0", "Volume", "Options")).ShouldContain("\"bad\ufffdname\":\"a\ufffd\ufffdb\"");
    }

    [Fact(Timeout = 60_000)]
    public async Task Transitions_of_other_clusters_and_replays_are_signalled_and_change_no_object()
    {
        await using RunningBridge bridge = await ShowAsync(Never, Rows.Volume("gv0"));
        await using RunningProgram monitor = await RunningProgram.MonitorAsync(_bus);

        await bridge.TellAsync(Rows.Change("volume/gv0", "started", "stopped", 8) with { Cluster = "other" });
        await bridge.TellAsync(Rows.Change("volume/gv0", "started", "stopped", 9) with { Replay = true });

        await monitor.UntilAsync("StateChanged", "other/volume/gv0@8");
        await monitor.UntilAsync("StateChanged", "lab/volume/gv0@9");
        (await GetAsync("volumes/gv0", "Volume", "Status")).ShouldBe("""{"type":"i","data":1}""");
    }

    [Fact(Timeout = 60_000)]
    public async Task When_the_bus_was_restarted_the_objects_are_back_and_what_came_meanwhile_is_told()
    {
        await using RunningBridge bridge = await ShowAsync(Never, Rows.Volume("gv0"));
        await _bus.Process.KillAsync();
        await bridge.UntilLoggedAsync("can't be shown on D-Bus");
        Task waiting = bridge.TellAsync(Rows.Change("volume/gv0", "started", "stopped", 2));
        await _bus.StartDaemonAsync(TestContext.Current.CancellationToken);

        await waiting;
        await bridge.UntilLoggedAsync("objects are shown", times: 2);
        (await GetAsync("volumes/gv0", "Volume", "Status")).ShouldBe("""{"type":"i","data":2}""");
        bridge.Log.Lines.Count(line => line.Level == LogLevel.Warning).ShouldBe(1, "once per time of trouble");
    }

    [Fact(Timeout = 60_000)]
    public async Task While_the_name_belongs_to_another_it_says_so_and_takes_it_when_it_is_free()
    {
        BusConnection other = await BusConnection.OpenAsync(_bus.Address, TimeProvider.System, TestContext.Current.CancellationToken);
        await other.Library.RequestNameAsync(DBusNotifier.Name, RequestNameOptions.None);
        await using var bridge = new RunningBridge(_bus.Address, Never, Rows.Volume("gv0"));
        await bridge.UntilLoggedAsync("org.glusterbus belongs to another program on the bus: `busctl status org.glusterbus` names it");

        other.Dispose();

        await bridge.UntilLoggedAsync("objects are shown");
    }

    [Fact(Timeout = 60_000)]
    public async Task Without_a_state_it_is_a_voice_without_a_name()
    {
        await using var notifier = Make(_bus.Address);
        await using RunningProgram monitor = RunningProgram.Start("/usr/bin/dbus-monitor", "--address", _bus.Address, "interface='org.glusterbus.Events'");
        await monitor.UntilAsync("NameLost");

        Transition transition = SampleTransitions.Brick();
        await notifier.NotifyAsync(new Delivery(transition, TransitionJson.Write(transition), 1), TestContext.Current.CancellationToken);

        await monitor.UntilAsync("member=StateChanged");
        (await _bus.ControlAsync("status", "org.glusterbus")).Code.ShouldNotBe(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_bus_that_is_not_there_fails_the_delivery_and_the_check_with_one_clear_line()
    {
        await using var notifier = Make("unix:path=/nowhere/bus");
        Transition transition = SampleTransitions.Brick();

        DeliveryFailedException failure = await Should.ThrowAsync<DeliveryFailedException>(() =>
            notifier.NotifyAsync(new Delivery(transition, TransitionJson.Write(transition), 1), TestContext.Current.CancellationToken));
        failure.Message.ShouldBe("there is no bus at unix:path=/nowhere/bus");
        failure.Kind.ShouldBe(FailureKind.Refused);
        (await notifier.CheckAsync(TestContext.Current.CancellationToken)).ShouldHaveSingleItem().Problem.ShouldBe(failure.Message);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_check_finds_a_bus_and_an_owner_of_the_name_and_takes_nothing()
    {
        await using var notifier = Make(_bus.Address);
        (await notifier.CheckAsync(TestContext.Current.CancellationToken)).ShouldHaveSingleItem().Problem.ShouldBeNull();
        (await notifier.CheckAsync(TestContext.Current.CancellationToken)).ShouldHaveSingleItem().Problem.ShouldBeNull();

        await using RunningBridge bridge = await ShowAsync(Never);
        CheckResult found = (await notifier.CheckAsync(TestContext.Current.CancellationToken)).ShouldHaveSingleItem();
        found.Problem.ShouldBe("org.glusterbus has an owner");
        found.IsWarning.ShouldBeTrue();
    }

    [Fact(Timeout = 60_000)]
    public async Task The_sample_prints_the_volumes_and_then_what_changes()
    {
        await using RunningBridge bridge = await ShowAsync(Never, Rows.Volume("gv0"), Rows.Volume("gv1", null));
        await using RunningProgram sample = RunningProgram.Start("/usr/bin/python3", Path.Combine(AppContext.BaseDirectory, "samples", "dbus", "listener.py"), _bus.Address);
        await sample.UntilAsync("volume gv1 unknown unknown");

        await bridge.TellAsync(Rows.Change("volume/gv0", "started", "stopped", 2));

        await sample.UntilAsync("2026-11-22T09:16:38.000000Z info lab/volume/gv0@2 stopped");
        sample.Lines.ShouldContain("volume gv0 started ok");
    }

    [Fact]
    public void The_sample_is_short_enough_to_be_read() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "samples", "dbus", "listener.py")).Count().ShouldBeLessThanOrEqualTo(60);

    private static DBusNotifier Make(string address) => new(new DBusOptions { Bus = address }, TimeProvider.System, NullLogger<DBusNotifier>.Instance);

    private async Task<RunningBridge> ShowAsync(TimeSpan refresh, params Contracts.Pipeline.EntityState[] rows)
    {
        var bridge = new RunningBridge(_bus.Address, refresh, rows);
        await bridge.UntilLoggedAsync("objects are shown");
        return bridge;
    }

    private async Task<string> GetAsync(string path, string name, string property) =>
        (await _bus.ControlAsync("--json=short", "get-property", "org.glusterbus", "/org/glusterbus/" + path, "org.glusterbus." + name, property)).Output;
}
