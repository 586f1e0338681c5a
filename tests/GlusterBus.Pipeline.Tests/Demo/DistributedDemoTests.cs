using System.Text;
using GlusterBus.Contracts.Messages;
using GlusterBus.Host.Demo;
using GlusterBus.Host.Demo.Pipelines;
using GlusterBus.Host.Demo.View;
using GlusterBus.Pipeline.Tests.Distributed;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Demo;

/// <summary>The story told to a real broker by three collectors, decided by the built program's routers with a real Redis, and heard on the channels.</summary>
public sealed class DistributedDemoTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_story_of_three_collectors_causes_each_expected_transition_exactly_once()
    {
        Assert.SkipWhen((RabbitMqProcess.Obstacle ?? RedisProcess.Obstacle) is not null, RabbitMqProcess.Obstacle ?? RedisProcess.Obstacle ?? "");
        await using DistributedSystem system = await DistributedSystem.StartAsync(Token);
        (await system.AddAsync("route", "r1")).Start();
        (await system.AddAsync("route", "r2")).Start();
        using var json = new MemoryStream();
        var remarks = new StringWriter();
        var configured = new GlusterBusOptions { Cluster = "story", RabbitMq = system.BrokerOptions, Api = new ApiOptions { Socket = Path.Combine(system.FolderOf("demo"), "api.sock") } };
        var run = new DemoRun(
            new DemoOptions { Once = true, Seed = 7, Speed = 4, Distributed = true },
            (options, root, ends, clock, loggers, stop) => DistributedDemo.StartAsync(configured, options.Seed, root, ends, clock, loggers, stop),
            (_, _) => new JsonView(json, remarks),
            TimeProvider.System);
        using var folder = new TemporaryFolder();

        Verdict? verdict = await run.RunAsync(folder.Path, Token);

        verdict.ShouldNotBeNull().IsGood.ShouldBeTrue(remarks.ToString());
        string[] lines = Encoding.UTF8.GetString(json.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Select(line => TransitionJson.Parse(Encoding.UTF8.GetBytes(line)).Id).Distinct().Count().ShouldBe(lines.Length);
    }
}
