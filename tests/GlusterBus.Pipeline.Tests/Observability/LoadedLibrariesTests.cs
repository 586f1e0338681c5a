using System.Globalization;
using GlusterBus.Pipeline.Tests.Distributed;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Observability;

/// <summary>A collector runs on every node of storage: it loads what it needs and nothing else. The kernel tells what is mapped.</summary>
[Collection(Alone.Name)]
public sealed class LoadedLibrariesTests
{
    private static readonly string[] Foreign = ["MassTransit", "StackExchange.Redis", "Sqlite", "e_sqlite3", "OpenTelemetry", "MailKit", "MimeKit", "BouncyCastle", "Confluent.Kafka", "librdkafka"];

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_collector_loads_neither_the_bus_nor_the_state_tables_nor_telemetry_that_is_off()
    {
        Assert.SkipWhen((RabbitMqProcess.Obstacle ?? RedisProcess.Obstacle) is not null, RabbitMqProcess.Obstacle ?? RedisProcess.Obstacle ?? "");
        await using OtlpReceiver otlp = await OtlpReceiver.StartAsync();
        await using DistributedSystem system = await DistributedSystem.StartAsync(_cancelled);
        Role route = await system.AddAsync("route", "r1");
        Role plain = await system.AddLogCollectorAsync("gl1", system.FolderOf("logs"));
        Role traced = await system.AddAsync("collect", "gl2", $$"""
            "telemetry": { "otlpEndpoint": "{{otlp.Endpoint}}", "samplingRatio": 1 },
            "collectors": { "logs": { "enabled": false }, "gf_event": { "enabled": false }, "get_state": { "enabled": false } },
            """);
        foreach (Role role in (Role[])[route, plain, traced])
        {
            role.Start();
            while (!await role.IsReadyAsync(_cancelled))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, _cancelled);
            }
        }

        string[] collector = await MappedAsync(plain);
        collector.ShouldContain(file => file.StartsWith("RabbitMQ.Client", StringComparison.Ordinal));
        collector.Where(file => Foreign.Any(name => file.Contains(name, StringComparison.OrdinalIgnoreCase))).ShouldBeEmpty();

        // So that this test could fail: what the others load is seen in the same way.
        string[] router = await MappedAsync(route);
        router.ShouldContain(file => file.StartsWith("MassTransit", StringComparison.Ordinal));
        router.ShouldContain(file => file.StartsWith("StackExchange.Redis", StringComparison.Ordinal));
        (await MappedAsync(traced)).ShouldContain(file => file.StartsWith("OpenTelemetry", StringComparison.Ordinal));
    }

    private async Task<string[]> MappedAsync(Role role)
    {
        string[] lines = await File.ReadAllLinesAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{role.Process.ProcessId}/maps"), _cancelled);
        return [.. lines.Select(line => Path.GetFileName(line)).Where(file => file.Contains('.', StringComparison.Ordinal)).Distinct()];
    }
}
