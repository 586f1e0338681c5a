using System.Globalization;
using GlusterBus.Pipeline.Tests.Distributed;
using GlusterBus.Pipeline.Tests.Verbs;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.NodeProgram;

/// <summary>The program for Gluster nodes at work: a real broker, a real router, sources of every kind that needs no cluster.</summary>
[Collection(Alone.Name)]
public sealed class NodeProgramRoleTests : IClassFixture<NodeProgramBuild>
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    public NodeProgramRoleTests()
    {
        string? obstacle = NodeProgramBuild.Obstacle ?? RabbitMqProcess.Obstacle ?? RedisProcess.Obstacle ?? DBusDaemonProcess.Obstacle;
        Assert.SkipWhen(obstacle is not null, obstacle ?? "");
    }

    [Fact(Timeout = 120_000)]
    public async Task What_it_collects_is_told_once_over_its_crash_and_its_traces_and_metrics_are_there()
    {
        await using OtlpReceiver otlp = await OtlpReceiver.StartAsync();
        await using DBusDaemonProcess bus = await DBusDaemonProcess.StartAsync(_cancelled);
        using FakeSystemd systemd = await FakeSystemd.StartAsync(bus.Address, _cancelled);
        systemd.Define("glusterd.service", new FakeUnit("active", "running", TimeProvider.System.GetUtcNow()));
        await using DistributedSystem system = await DistributedSystem.StartAsync(_cancelled);
        string logs = system.FolderOf("logs");
        Role route = await system.AddAsync("route", "r1");
        Role collect = await system.AddAsync("collect", "gl1", $$"""
            "telemetry": { "otlpEndpoint": "{{otlp.Endpoint}}", "samplingRatio": 1 },
            "collectors": {
              "logs": { "directory": "{{logs}}", "startAt": "beginning" },
              "gf_event": { "port": 0 },
              "systemd": { "bus": "{{bus.Address}}" },
              "get_state": { "enabled": false }
            },
            """, NodeProgramBuild.Path);
        await using ChannelListener listener = await ChannelListener.StartAsync(system.BrokerOptions, _cancelled);
        route.Start();
        collect.Start();

        await QuorumAsync(logs, "v1", isLost: true);
        await UntilAsync(() => Told(listener, "quorum/v1", "lost") && Told(listener, "node/gl1", "online"), collect);
        (int code, string emitted, string error) = await NodeProgramBuild.RunAsync(
            "emit", "--socket", collect.Socket, "--datagram", $"{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()} 3 name=gv0;force=0");
        (code, error).ShouldBe((0, ""), emitted);
        await UntilAsync(() => Told(listener, "volume/gv0", "started"), collect);
        (await collect.MetricAsync("glusterbus_broker_connected", _cancelled)).ShouldBe(1);
        await otlp.UntilAsync(spans => spans.Any(span => span.Service == "glusterbus-collect"), _cancelled);

        await collect.KillAsync();
        await QuorumAsync(logs, "v1", isLost: false);
        collect.Start();
        await UntilAsync(() => Told(listener, "quorum/v1", "met"), collect);
        (await NodeProgramBuild.RunAsync("health", "--socket", collect.Socket)).Output.ShouldBe("ready\n");
        listener.Heard.DistinctBy(heard => heard.Transition.Id).Count(heard => heard.Transition.Entity.Value is "quorum/v1" or "volume/gv0").ShouldBe(3);
    }

    [Fact(Timeout = 120_000)]
    public async Task It_checks_what_the_whole_program_checks()
    {
        await using RabbitMqProcess broker = await RabbitMqProcess.StartAsync(_cancelled);
        using var folder = new TemporaryFolder();
        string file = folder.File("glusterbus.json");
        await File.WriteAllTextAsync(file, string.Create(CultureInfo.InvariantCulture, $$"""
            {
              "node": "gl1", "dataDirectory": "{{folder.Path}}/data", "api": { "socket": "{{folder.Path}}/api.sock" }, "rabbitMq": { "hosts": ["127.0.0.1:{{broker.Port}}"] },
              "collectors": { "systemd": { "bus": "unix:path={{folder.Path}}/nobody" }, "logs": { "directory": "{{folder.Path}}" }, "gf_event": { "port": 0 } }
            }
            """), _cancelled);
        (int code, string output, string error) = await NodeProgramBuild.RunAsync("check", "--json", "--config", file);

        (code, output, error).ShouldBe(await Executable.RunAsync(new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = null }, "check", "--role", "collect", "--json", "--config", file));
        output.ShouldContain("RabbitMQ");
        output.ShouldContain("collectors.systemd");
    }

    private static bool Told(ChannelListener listener, string entity, string state) =>
        listener.Heard.Any(heard => heard.Transition.Entity.Value == entity && heard.Transition.Current == state);

    private Task QuorumAsync(string logs, string volume, bool isLost) =>
        File.AppendAllTextAsync(Path.Combine(logs, "glusterd.log"), QuorumLine.Of(volume, isLost), _cancelled);

    private async Task UntilAsync(Func<bool> condition, Role role)
    {
        while (!condition())
        {
            role.Process.HasExited.ShouldBeFalse(role.Process.Error);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, _cancelled);
        }
    }
}
