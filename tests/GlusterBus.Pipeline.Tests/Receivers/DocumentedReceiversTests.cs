using GlusterBus.Pipeline.Tests.Distributed;
using GlusterBus.Pipeline.Tests.Verbs;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Receivers;

/// <summary>The documentation's notifiers for Slack, Alertmanager and SNMP, with the built program and real receivers.</summary>
public sealed class DocumentedReceiversTests
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task Slack_Alertmanager_and_SNMP_hear_of_an_alarm_and_of_its_end_from_one_process()
    {
        Assert.SkipWhen(Receivers.Obstacle is not null, Receivers.Obstacle ?? "");
        await using Receivers receivers = await Receivers.StartAsync(_cancelled);
        using var folder = new TemporaryFolder();
        var story = new QuorumStory(Directory.CreateDirectory(folder.File("logs")).FullName);
        await File.WriteAllTextAsync(folder.File("glusterbus.json"), $$"""
            {
              {{story.Collectors}}
              "cluster": "lab", "node": "gl1", "dataDirectory": "{{folder.File("data")}}", "api": { "socket": "{{folder.File("api.sock")}}" },
              "notifiers": { {{receivers.Notifiers}} }
            }
            """, _cancelled);
        await using Executable up = Executable.Start(new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = null, ["JOURNAL_STREAM"] = null }, "up", "--config", folder.File("glusterbus.json"));
        await up.UntilErrorAsync("  api            ");
        async Task ReplayAsync()
        {
            (int code, string output, string error) = await Executable.RunAsync(
                new Dictionary<string, string?>(), "replay", "--since", "30d", "--into", "notifier:alertmanager", "--config", folder.File("glusterbus.json"));
            code.ShouldBe(0, output + error);
        }

        await story.LoseAsync();
        await receivers.HearOfTheLossAsync("lab", _cancelled);
        (await receivers.ForgottenAsync(ReplayAsync, _cancelled)).ShouldBe(["quorum/gv0"], "what the documentation says to do when Alertmanager has restarted");
        await story.RegainAsync();
        await receivers.HearOfTheRecoveryAsync("lab", _cancelled);
    }

    [Fact(Timeout = 180_000)]
    public async Task Slack_Alertmanager_and_SNMP_hear_of_an_alarm_and_of_its_end_from_many_nodes()
    {
        Assert.SkipWhen((Receivers.Obstacle ?? RabbitMqProcess.Obstacle) is not null, Receivers.Obstacle ?? RabbitMqProcess.Obstacle ?? "");
        await using Receivers receivers = await Receivers.StartAsync(_cancelled);
        await using DistributedSystem system = await DistributedSystem.StartAsync(_cancelled);
        var story = new QuorumStory(system.FolderOf("logs"));
        Role[] roles =
        [
            await system.AddAsync("route", "r1"),
            await system.AddAsync("notify", "w1", $$""" "notifiers": { {{receivers.Notifiers}} },"""),
            await system.AddAsync("collect", "gl1", story.Collectors),
        ];
        foreach (Role role in roles)
        {
            role.Start();
        }

        foreach (Role role in roles)
        {
            while (!await role.IsReadyAsync(_cancelled))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, _cancelled);
            }
        }

        await story.LoseAsync();
        await receivers.HearOfTheLossAsync(DistributedSystem.Cluster, _cancelled);
        await story.RegainAsync();
        await receivers.HearOfTheRecoveryAsync(DistributedSystem.Cluster, _cancelled);
    }
}
