using System.Text;
using GlusterBus.Contracts.Messages;
using GlusterBus.Pipeline.Tests.Distributed;
using GlusterBus.Pipeline.Tests.Receivers;
using GlusterBus.Pipeline.Tests.Verbs;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Archive;

/// <summary>A router, a collector and the documentation's Kafka archive, as roles of the built program.</summary>
internal sealed class ArchivedSystem : IAsyncDisposable
{
    /// <summary>The topics of the documentation's example.</summary>
    private const string Topic = "glusterbus.transitions";

    private readonly DistributedSystem _system;

    private ArchivedSystem(DistributedSystem system, KafkaMock kafka, Role router, Role notifier, Role collector)
    {
        (_system, Kafka, Router, Notifier, Collector) = (system, kafka, router, notifier, collector);
        Log = Path.Combine(system.FolderOf("logs"), "glusterd.log");
    }

    public static string? Obstacle => RabbitMqProcess.Obstacle ?? RedisProcess.Obstacle;

    public KafkaMock Kafka { get; }

    public Role Router { get; }

    public Role Notifier { get; }

    public Role Collector { get; }

    public string Log { get; }

    public DistributedSystem System => _system;

    public static async Task<ArchivedSystem> StartAsync(CancellationToken cancellationToken)
    {
        KafkaMock kafka = KafkaMock.Start();
        kafka.Topic(Topic, 4);
        kafka.Topic("glusterbus.state", 4);
        DistributedSystem system = await DistributedSystem.StartAsync(cancellationToken);
        string archive = $$""" "notifiers": { {{DocumentedNotifier.Archive(kafka)}} }, """;
        var archived = new ArchivedSystem(system, kafka, await system.AddAsync("route", "r1", archive), await system.AddAsync("notify", "w1", archive),
            await system.AddLogCollectorAsync("gl1", system.FolderOf("logs")));
        foreach (Role role in (Role[])[archived.Router, archived.Notifier, archived.Collector])
        {
            role.Start();
            await ReadyAsync(role, cancellationToken);
        }

        return archived;
    }

    public static async Task ReadyAsync(Role role, CancellationToken cancellationToken)
    {
        while (!await role.IsReadyAsync(cancellationToken))
        {
            role.Process.HasExited.ShouldBeFalse(role.Process.Error);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Runs a verb that asks the notifier's instance.</summary>
    public Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) => RunAsync(Notifier, arguments);

    public static Task<(int Code, string Output, string Error)> RunAsync(Role role, params string[] arguments) =>
        Executable.RunAsync(new Dictionary<string, string?> { ["TZ"] = "UTC", ["NO_COLOR"] = "1" }, [.. arguments, "--config", role.Configuration]);

    /// <summary>What a verb that writes transitions as JSON wrote.</summary>
    public async Task<Transition[]> TransitionsAsync(params string[] arguments)
    {
        (int code, string output, string error) = await RunAsync([.. arguments, "--json"]);
        code.ShouldBe(0, error);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => TransitionJson.Parse(Encoding.UTF8.GetBytes(line)))];
    }

    public async ValueTask DisposeAsync()
    {
        await _system.DisposeAsync();
        Kafka.Dispose();
    }
}
