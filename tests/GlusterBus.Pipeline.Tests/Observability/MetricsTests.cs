using GlusterBus.Pipeline.Tests.Distributed;
using GlusterBus.Pipeline.Tests.Verbs;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Observability;

/// <summary>The running roles show what docs/metrics.md promises, and nothing that it does not tell of.</summary>
public sealed class MetricsTests
{
    private const string AllCollectors = """
        "gluster": { "command": "/bin/false" },
        "collectors": { "logs": { "startAt": "end" }, "gf_event": { "port": 0 }, "get_state": {} },
        """;

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task The_roles_show_the_metrics_of_the_documentation_and_no_others()
    {
        Assert.SkipWhen((RabbitMqProcess.Obstacle ?? RedisProcess.Obstacle) is not null, RabbitMqProcess.Obstacle ?? RedisProcess.Obstacle ?? "");
        await using WebhookReceiver webhook = await WebhookReceiver.StartAsync();
        await using DistributedSystem system = await DistributedSystem.StartAsync(_cancelled);
        Role route = await system.AddAsync("route", "r1");
        Role notify = await system.AddAsync("notify", "w1", Webhook(webhook) + ",");
        Role collect = await system.AddAsync("collect", "gl1", AllCollectors);
        foreach (Role role in (Role[])[route, notify, collect])
        {
            role.Start();
        }

        // Told of the collector itself: then every tier has done its work once.
        await webhook.NextAsync(_cancelled);

        await ShouldShowAsync("route", route.Socket, route.Process);
        await ShouldShowAsync("notify", notify.Socket, notify.Process);
        await ShouldShowAsync("collect", collect.Socket, collect.Process);
        (await collect.MetricAsync("glusterbus_broker_connected", _cancelled)).ShouldBe(1);
        (await route.MetricAsync("glusterbus_partition_owned", _cancelled)).ShouldBe(1);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_one_process_shows_the_metrics_of_the_documentation_and_no_others()
    {
        await using WebhookReceiver webhook = await WebhookReceiver.StartAsync();
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("glusterbus.json"), $$"""
            { {{AllCollectors}} {{Webhook(webhook)}}, "node": "gl1", "dataDirectory": "{{folder.File("data")}}", "api": { "socket": "{{folder.File("api.sock")}}" } }
            """, _cancelled);
        await using Executable up = Executable.Start(new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = null, ["JOURNAL_STREAM"] = null }, "up", "--config", folder.File("glusterbus.json"));
        await up.UntilErrorAsync("  api            ");
        (await Executable.RunAsync(new Dictionary<string, string?>(), "emit", "--socket", folder.File("api.sock"), "--entity", "volume/gv0", "--state", "degraded")).Code.ShouldBe(0);
        await webhook.NextAsync(_cancelled);

        await ShouldShowAsync("up", folder.File("api.sock"), up);
    }

    [Fact]
    public void The_table_names_each_metric_once_and_in_order()
    {
        string[] names = [.. DocumentedMetrics.All.Select(metric => metric.Name)];
        names.Length.ShouldBeGreaterThan(30);
        names.ShouldBe(names.Distinct().OrderBy(name => name.StartsWith("glusterbus_", StringComparison.Ordinal) ? 0 : 1).ThenBy(name => name, StringComparer.Ordinal));
    }

    private static string Webhook(WebhookReceiver webhook) => $$"""
        "notifiers": { "hook": { "plugin": "webhook", "url": "{{webhook.Url}}hook" } }
        """;

    /// <summary>Some series begin with the first look, heartbeat or acknowledgement: what is missing may yet come, what is too much may not.</summary>
    private async Task ShouldShowAsync(string role, string socket, Executable process)
    {
        string[] documented = [.. DocumentedMetrics.All.Where(metric => metric.IsOf(role)).Select(metric => $"{metric.Name} {metric.Type}").Order(StringComparer.Ordinal)];
        long began = TimeProvider.System.GetTimestamp();
        ShownMetric[] shown;
        do
        {
            shown = await Scrape.OfAsync(socket, _cancelled);
        }
        while (shown.Length < documented.Length && TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20));

        shown.Select(metric => $"{metric.Name} {metric.Type}").Order(StringComparer.Ordinal).ShouldBe(documented, ignoreOrder: false, customMessage: $"{role}\n{process.Error}");
        foreach (ShownMetric metric in shown.Where(metric => metric.Labels is not null))
        {
            metric.Labels.ShouldBe(DocumentedMetrics.All.Single(row => row.Name == metric.Name).Labels, $"the labels of {metric.Name} in {role}");
        }
    }
}
