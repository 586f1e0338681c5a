using System.Text.Json;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Verbs;

/// <summary><c>check --role</c> as the built executable, against a real broker and a real Redis.</summary>
public sealed class CheckRoleTests(DlqFixture fixture) : IClassFixture<DlqFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 300_000)]
    public async Task A_router_is_checked_with_broker_and_Redis_and_their_versions_are_told()
    {
        await using RedisProcess redis = await RedisProcess.StartAsync(Token, "--appendonly", "yes");
        using Sandbox sandbox = Configured(redis.Port);

        (int code, IReadOnlyList<Line> lines) = await CheckAsync(sandbox, "route");

        code.ShouldBe(0);
        lines.ShouldAllBe(line => line.Verdict == "ok");
        lines.ShouldContain(line => line.Subject.StartsWith("account 'guest' in virtual host '/', RabbitMQ 3.", StringComparison.Ordinal));
        lines.ShouldContain(line => line.Subject.StartsWith("Redis: version ", StringComparison.Ordinal));
        lines.ShouldContain(line => line.Subject == $"data folder {sandbox.FileAt("data")}/route (will be made)");
        lines.ShouldNotContain(line => line.Subject.Contains("notifiers.", StringComparison.Ordinal) || line.Subject.StartsWith("node name", StringComparison.Ordinal));
    }

    [Fact(Timeout = 300_000)]
    public async Task Notifiers_are_checked_with_broker_and_receivers_and_can_do_without_Redis()
    {
        using Sandbox sandbox = Configured(redisPort: 1);

        (int code, IReadOnlyList<Line> lines) = await CheckAsync(sandbox, "notify");

        code.ShouldBe(0);
        lines.ShouldContain(line => line.Subject == "rights on glusterbus.notify.ops" && line.Verdict == "ok");
        lines.ShouldContain(line => line.Subject == "notifiers.ops: script /bin/true" && line.Verdict == "ok");
        lines.ShouldContain(line => line.Subject.StartsWith("Redis 127.0.0.1:1", StringComparison.Ordinal) && line.Verdict == "warning");
    }

    [Fact(Timeout = 300_000)]
    public async Task A_collector_is_checked_with_broker_and_spool_and_needs_no_Redis()
    {
        using Sandbox sandbox = Configured(redisPort: 1);

        (int code, IReadOnlyList<Line> lines) = await CheckAsync(sandbox, "collect");

        code.ShouldBe(0);
        lines.ShouldContain(line => line.Subject == $"spool {sandbox.FileAt("data")}/collect/spool, up to 64 MiB" && line.Verdict == "ok");
        lines.ShouldContain(line => line.Subject == "publish to glusterbus.observations");
        lines.ShouldContain(line => line.Subject == "node name gl1");
        lines.ShouldNotContain(line => line.Subject.StartsWith("Redis", StringComparison.Ordinal));
    }

    [Theory(Timeout = 300_000)]
    [InlineData("collect")]
    [InlineData("route")]
    [InlineData("notify")]
    public async Task A_role_without_its_broker_fails_and_is_told_what_to_start(string role)
    {
        using var sandbox = new Sandbox("\"rabbitMq\": { \"hosts\": [\"127.0.0.1:1\"] }, \"redis\": { \"hosts\": [\"127.0.0.1:1\"] }");

        (int code, IReadOnlyList<Line> lines) = await CheckAsync(sandbox, role);

        code.ShouldBe(1);
        lines.Single(line => line.Subject == "broker 127.0.0.1:1").ShouldSatisfyAllConditions(
            line => line.Verdict.ShouldBe("failed"),
            line => line.Remedy!.ShouldContain("systemctl start rabbitmq-server"));
    }

    private Sandbox Configured(int redisPort) => new($$"""
        "rabbitMq": { "hosts": ["127.0.0.1:{{fixture.Broker.Port}}"] },
          "redis": { "hosts": ["127.0.0.1:{{redisPort}}"], "patience": "00:00:05" },
          "notifiers": { "ops": { "plugin": "script", "command": ["/bin/true"] } }
        """);

    private static async Task<(int Code, IReadOnlyList<Line> Lines)> CheckAsync(Sandbox sandbox, string role)
    {
        (int code, string output, string error) = await sandbox.RunAsync("check", "--role", role, "--json");
        error.ShouldBeEmpty();
        return (code, [.. output.TrimEnd('\n').Split('\n').Select(line => JsonSerializer.Deserialize<Line>(line, JsonSerializerOptions.Web)!)]);
    }

    private sealed record Line(string Subject, string Verdict, string? Problem, string? Remedy);
}
