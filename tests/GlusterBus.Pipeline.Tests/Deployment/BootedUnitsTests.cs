using System.Text.RegularExpressions;
using GlusterBus.Pipeline.Tests.NodeProgram;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Deployment;

/// <summary>The shipped units on a booted systemd, installed by the commands of docs/install.md: a real glusterd, broker, Redis and system bus, and the sandboxes as
/// systemd makes them.</summary>
[Collection(Alone.Name)]
public sealed partial class BootedUnitsTests : IClassFixture<NodeProgramBuild>, IAsyncLifetime
{
    private const string Configuration = """
        {
          "cluster": "prod", "node": "gl1", "rabbitMq": { "hosts": ["127.0.0.1"] }, "redis": { "hosts": ["127.0.0.1"] },
          "collectors": { "systemd": {} },
          "notifiers": { "log": { "plugin": "script", "command": ["/usr/bin/tee", "-a", "/var/lib/glusterbus/notify/told.jsonl"] } }
        }
        """;

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private BootedMachine _machine = null!;

    public async ValueTask InitializeAsync()
    {
        string? obstacle = BootedMachine.Obstacle ?? NodeProgramBuild.Obstacle ?? RabbitMqProcess.Obstacle ?? RedisProcess.Obstacle ?? LabCluster.Obstacle();
        Assert.SkipWhen(obstacle is not null, obstacle ?? "");
        _machine = await BootedMachine.StartAsync(
            new Dictionary<string, string> { ["/opt/glusterbus"] = AppContext.BaseDirectory, ["/opt/glusterbus-node"] = Path.GetDirectoryName(NodeProgramBuild.Path)!, ["/src"] = Deployed.Source },
            _cancelled);
    }

    public ValueTask DisposeAsync() => _machine?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact(Timeout = 300_000)]
    public async Task A_cluster_is_installed_as_the_page_says_and_its_units_work_and_come_back()
    {
        // glusterd takes bricks on an address of its own, not on the loopback's.
        await InAsync("ip link add br0 type bridge; ip addr add 10.99.0.1/24 dev br0; ip link set br0 up; echo 10.99.0.1 gl1 >>/etc/hosts");
        await InAsync($"hostname gl1; mkdir -p /etc/glusterbus; cat >/etc/glusterbus/glusterbus.json <<'END'\n{Configuration}\nEND");
        await InAsync("systemctl start dbus glusterd");
        foreach (string section in (string[])["## The program", "### The host with broker and Redis", "### Routers and notifiers"])
        {
            await InAsync("cd /src\n" + Commands(section));
        }

        // A node has the program for nodes, which is here beside the whole one.
        await InAsync("mkdir -p /etc/systemd/system/glusterbus-collect.service.d; printf '[Service]\\nExecStart=\\nExecStart=/opt/glusterbus-node/glusterbus collect --quiet\\n' >/etc/systemd/system/glusterbus-collect.service.d/node.conf");
        await InAsync("cd /src\n" + Commands("### Gluster nodes"));

        await InAsync("mkdir -p /srv/b; gluster --mode=script volume create gv0 gl1:/srv/b force; gluster volume start gv0");
        await ToldAsync("volume/gv0", "started");
        await InAsync("systemctl stop glusterd");
        await ToldAsync("node/gl1", "offline");
        await InAsync("systemctl kill --signal=KILL glusterbus-collect glusterbus-route glusterbus-notify; systemctl start glusterd");
        await ToldAsync("node/gl1", "online");
        await UntilAsync("glusterbus health --role collect && glusterbus health --role route && glusterbus health --role notify");

        string state = await InAsync("glusterbus state");
        state.ShouldContain("gv0");
        string restarts = await InAsync("systemctl show --property=NRestarts --value glusterbus-collect glusterbus-route glusterbus-notify");
        restarts.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["1", "1", "1"]);
    }

    /// <summary>The commands of the page's console blocks below a heading, as one would type them; packages are here already.</summary>
    private static string Commands(string heading)
    {
        string page = File.ReadAllText(Path.Combine(Deployed.Source, "docs", "install.md"));
        string section = page.Split("\n" + heading + "\n")[1].Split("\n##")[0];
        return string.Join('\n', ConsoleBlock().Matches(section).SelectMany(block => block.Value.Split('\n'))
            .Where(line => line.StartsWith("# ", StringComparison.Ordinal) && !line.Contains("apt-get", StringComparison.Ordinal) && !line.Contains("node-program.sh", StringComparison.Ordinal))
            .Select(line => line[2..]));
    }

    private Task ToldAsync(string entity, string state) =>
        UntilAsync($$"""grep -q '"subject":"{{entity}}".*"current":"{{state}}"' /var/lib/glusterbus/notify/told.jsonl""");

    private async Task UntilAsync(string command)
    {
        long began = TimeProvider.System.GetTimestamp();
        while ((await _machine.RunAsync(command, _cancelled)).Code != 0)
        {
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(60))
            {
                Assert.Fail($"never: {command}\n{(await _machine.RunAsync("cat /var/lib/glusterbus/notify/told.jsonl; journalctl --no-pager -n 200 -u 'glusterbus*'", _cancelled)).Output}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, _cancelled);
        }
    }

    private async Task<string> InAsync(string script)
    {
        (int code, string output) = await _machine.RunAsync(script, _cancelled);
        return code == 0 ? output : throw new InvalidOperationException($"{script}\n{output}\n{(await _machine.RunAsync("journalctl --no-pager -n 100", _cancelled)).Output}");
    }

    [GeneratedRegex("(?<=```console\n).*?(?=```)", RegexOptions.Singleline)]
    private static partial Regex ConsoleBlock();
}
