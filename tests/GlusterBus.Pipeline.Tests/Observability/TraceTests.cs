using GlusterBus.Pipeline.Tests.Distributed;
using GlusterBus.Pipeline.Tests.Verbs;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Observability;

/// <summary>The built program's traces, as an OpenTelemetry collector gets them.</summary>
public sealed class TraceTests
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task One_trace_leads_from_a_log_line_through_the_three_tiers_to_the_webhook()
    {
        Assert.SkipWhen(RabbitMqProcess.Obstacle is not null, RabbitMqProcess.Obstacle ?? "");
        await using OtlpReceiver otlp = await OtlpReceiver.StartAsync();
        await using WebhookReceiver webhook = await WebhookReceiver.StartAsync();
        await using DistributedSystem system = await DistributedSystem.StartAsync(_cancelled);
        string logs = system.FolderOf("logs");
        Role route = await system.AddAsync("route", "r1", Telemetry(otlp));
        Role notify = await system.AddAsync("notify", "w1", $$"""{{Telemetry(otlp)}} "notifiers": { "hook": { "plugin": "webhook", "url": "{{webhook.Url}}hook" } },""");
        Role collect = await system.AddAsync("collect", "gl1", $$"""{{Telemetry(otlp)}} {{Logs(logs)}},""");
        route.Start();
        notify.Start();
        collect.Start();
        await ReadyAsync(route, notify, collect);

        await QuorumIsLostAsync(logs);
        ReceivedRequest delivered = await VolumeAsync(webhook);

        string trace = TraceOf(delivered.Headers["traceparent"]);
        await otlp.UntilAsync(spans => spans.Count(span => span.Trace == trace) >= 5, _cancelled);
        ReceivedSpan[] path = Path(otlp, trace);
        path.Select(span => (span.Service, span.Name)).ShouldBe(
        [
            ("glusterbus-collect", "collect"),
            ("glusterbus-collect", "publish glusterbus.observations"),
            ("glusterbus-route", "decide"),
            ("glusterbus-route", "relay"),
            ("glusterbus-notify", "deliver"),
        ]);
        delivered.Headers["traceparent"].ShouldBe($"00-{trace}-{path[^1].Id}-01");
        delivered.Text.ShouldContain($"\"traceparent\":\"00-{trace}-{path[2].Id}-01\"");
        otlp.Spans.ShouldNotContain(span => span.Name != "collect" && span.Parent == "", "traces begin where something is collected, and nowhere else");
    }

    [Fact(Timeout = 60_000)]
    public async Task One_trace_leads_from_a_log_line_to_the_webhook_in_one_process()
    {
        await using OtlpReceiver otlp = await OtlpReceiver.StartAsync();
        await using WebhookReceiver webhook = await WebhookReceiver.StartAsync();
        using var folder = new TemporaryFolder();
        string logs = Directory.CreateDirectory(folder.File("logs")).FullName;
        await File.WriteAllTextAsync(folder.File("glusterbus.json"), $$"""
            {
              {{Telemetry(otlp)}} {{Logs(logs)}},
              "node": "gl1", "dataDirectory": "{{folder.File("data")}}", "api": { "socket": "{{folder.File("api.sock")}}" },
              "notifiers": { "hook": { "plugin": "webhook", "url": "{{webhook.Url}}hook" } }
            }
            """, _cancelled);
        await using Executable up = Executable.Start(new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = null, ["JOURNAL_STREAM"] = null }, "up", "--config", folder.File("glusterbus.json"));
        await up.UntilErrorAsync("  api            ");

        await QuorumIsLostAsync(logs);
        ReceivedRequest delivered = await VolumeAsync(webhook);

        string trace = TraceOf(delivered.Headers["traceparent"]);
        up.Signal("TERM");
        (await up.EndAsync()).ShouldBe(0, up.Error);
        Path(otlp, trace).Select(span => (span.Service, span.Name)).ShouldBe([("glusterbus-up", "collect"), ("glusterbus-up", "decide"), ("glusterbus-up", "deliver")], "the end of the process sends what is left");
    }

    [Fact(Timeout = 60_000)]
    public async Task Nothing_of_a_trace_is_in_what_goes_out_while_nobody_traces()
    {
        await using WebhookReceiver webhook = await WebhookReceiver.StartAsync();
        using var folder = new TemporaryFolder();
        string logs = Directory.CreateDirectory(folder.File("logs")).FullName;
        await File.WriteAllTextAsync(folder.File("glusterbus.json"), $$"""
            {
              {{Logs(logs)}},
              "node": "gl1", "dataDirectory": "{{folder.File("data")}}", "api": { "socket": "{{folder.File("api.sock")}}" },
              "notifiers": { "hook": { "plugin": "webhook", "url": "{{webhook.Url}}hook" } }
            }
            """, _cancelled);
        await using Executable up = Executable.Start(new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = null, ["JOURNAL_STREAM"] = null }, "up", "--config", folder.File("glusterbus.json"));
        await up.UntilErrorAsync("  api            ");

        await QuorumIsLostAsync(logs);
        ReceivedRequest delivered = await VolumeAsync(webhook);

        delivered.Headers.ContainsKey("traceparent").ShouldBeFalse();
        delivered.Text.ShouldNotContain("traceparent");
    }

    private static string Telemetry(OtlpReceiver otlp) => $$"""
        "telemetry": { "otlpEndpoint": "{{otlp.Endpoint}}", "samplingRatio": 1 },
        """;

    private static string Logs(string folder) => $$"""
        "collectors": { "logs": { "directory": "{{folder}}", "startAt": "beginning" }, "gf_event": { "enabled": false }, "get_state": { "enabled": false } }
        """;

    private static string TraceOf(string traceParent) => traceParent.Split('-')[1];

    /// <summary>The spans of a trace, each after its parent. Fails where one has two children or none is the first.</summary>
    private static ReceivedSpan[] Path(OtlpReceiver otlp, string trace)
    {
        ReceivedSpan[] spans = [.. otlp.Spans.Where(span => span.Trace == trace)];
        var path = new List<ReceivedSpan> { spans.Single(span => span.Parent == "") };
        while (spans.SingleOrDefault(span => span.Parent == path[^1].Id) is { } next)
        {
            path.Add(next);
        }

        path.Count.ShouldBe(spans.Length, string.Join('\n', spans.Select(span => span.ToString())));
        return [.. path];
    }

    private Task QuorumIsLostAsync(string logs) =>
        File.AppendAllTextAsync(System.IO.Path.Combine(logs, "glusterd.log"), QuorumLine.Of("gv0", isLost: true), _cancelled);

    /// <summary>The delivery that tells of the volume: what tells of the collector itself comes, too.</summary>
    private async Task<ReceivedRequest> VolumeAsync(WebhookReceiver webhook)
    {
        ReceivedRequest request;
        do
        {
            request = await webhook.NextAsync(_cancelled);
        }
        while (!request.Text.Contains("/gv0@1\"", StringComparison.Ordinal));
        return request;
    }

    private async Task ReadyAsync(params Role[] roles)
    {
        foreach (Role role in roles)
        {
            while (!await role.IsReadyAsync(_cancelled))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, _cancelled);
            }
        }
    }
}
