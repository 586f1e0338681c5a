using GlusterBus.Pipeline.Tests.Distributed;
using GlusterBus.Pipeline.Tests.Verbs;
using GlusterBus.TestKit;
using MimeKit;

namespace GlusterBus.Pipeline.Tests.Email;

/// <summary>Mails of the built program to a real server, in both deployments.</summary>
public sealed class EmailRunTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task What_was_held_for_the_next_mail_at_kill_9_is_mailed_by_the_next_start()
    {
        await using SmtpServer server = await StartAsync();
        using var sandbox = new Sandbox(Email(server));
        await using (Executable up = await sandbox.UpAsync())
        {
            await sandbox.RunAsync("emit", "--entity", "quorum/gv0", "--state", "lost");
            await server.WaitAsync(1, Token);
            await sandbox.RunAsync("emit", "--entity", "volume/gv1", "--state", "degraded");
            await sandbox.RunAsync("emit", "--entity", "volume/gv2", "--state", "degraded");
            await UntilHeldAsync(2, up, async () => await HeldAsync(sandbox.FileAt("api.sock")));
            up.Signal("KILL");
            await up.EndAsync();
        }

        server.Mails.Count.ShouldBe(1);
        await using Executable again = await sandbox.UpAsync();

        MimeMessage[] mails = Messages(await server.WaitAsync(2, Token));
        mails[0].Subject.ShouldBe("[gluster] critical: quorum/gv0 is lost");
        mails[1].Subject.ShouldBe("[gluster] warning: volume/gv1 is degraded, and 1 more change");
        mails[1].TextBody!.ShouldContain("Volume gv2 is degraded");
    }

    [Fact(Timeout = 180_000)]
    public async Task Over_the_broker_a_killed_notifier_leaves_what_it_held_to_the_one_that_stands_by()
    {
        Assert.SkipWhen((RabbitMqProcess.Obstacle ?? RedisProcess.Obstacle) is not null, RabbitMqProcess.Obstacle ?? RedisProcess.Obstacle ?? "");
        await using SmtpServer server = await StartAsync();
        await using DistributedSystem system = await DistributedSystem.StartAsync(Token);
        Role route = await system.AddAsync("route", "r1");
        Role first = await system.AddAsync("notify", "w1", Email(server) + ",");
        Role second = await system.AddAsync("notify", "w2", Email(server) + ",");
        Role collect = await system.AddAsync("collect", "gl1", """
            "collectors": { "logs": { "enabled": false }, "gf_event": { "enabled": false }, "get_state": { "enabled": false } },
            """);
        await ReadyAsync(route);
        await ReadyAsync(first);
        await ReadyAsync(collect);

        await EmitAsync(collect, "quorum/gv0", "lost");
        await server.WaitAsync(1, Token);
        await EmitAsync(collect, "volume/gv1", "degraded");
        await UntilHeldAsync(1, first.Process, () => first.MetricAsync("glusterbus_delivery_held_transitions", Token));
        await first.KillAsync();
        second.Start();

        MimeMessage[] mails = Messages(await server.WaitAsync(2, Token));
        mails[0].Subject.ShouldBe($"[{DistributedSystem.Cluster}] critical: quorum/gv0 is lost");
        mails[1].Subject.ShouldBe($"[{DistributedSystem.Cluster}] warning: volume/gv1 is degraded");
    }

    [Fact(Timeout = 120_000)]
    public async Task The_check_sends_a_test_mail_when_the_configuration_asks_for_it()
    {
        await using SmtpServer server = await StartAsync();
        using var sandbox = new Sandbox(Email(server, "\"testMail\": true,"));

        (_, string output, _) = await sandbox.RunAsync("check", "--json");

        output.ShouldContain("\"subject\":\"notifiers.mail: email test mail to team@example.org\",\"verdict\":\"ok\"");
        Messages(server.Mails).Single().Subject.ShouldBe("[GlusterBus] test: mail arrives");
    }

    [Fact(Timeout = 120_000)]
    public async Task A_replay_is_mailed_and_marked()
    {
        await using SmtpServer server = await StartAsync();
        using var sandbox = new Sandbox(Email(server));
        await using Executable up = await sandbox.UpAsync();
        await sandbox.RunAsync("emit", "--entity", "quorum/gv0", "--state", "lost");
        await server.WaitAsync(1, Token);

        await sandbox.RunAsync("replay", "--since", "1h", "--into", "notifier:mail");

        MimeMessage[] mails = Messages(await server.WaitAsync(2, Token));
        mails[1].Subject.ShouldBe("[gluster] replay: critical: quorum/gv0 is lost");
        mails[1].InReplyTo.ShouldBe(mails[0].MessageId);
    }

    private static async Task<SmtpServer> StartAsync()
    {
        Assert.SkipWhen(SmtpServer.Obstacle is not null, SmtpServer.Obstacle ?? "");
        return await SmtpServer.StartAsync(Token);
    }

    private static string Email(SmtpServer server, string more = "") => $$"""
        "notifiers": { "mail": { "plugin": "email", {{more}} "server": "127.0.0.1:{{server.Port}}", "encryption": "none", "interval": "00:15:00",
          "from": "glusterbus@example.org", "to": ["team@example.org"], "channels": ["quorum", "volume"] } }
        """;

    private static MimeMessage[] Messages(IReadOnlyList<TakenMail> mails) => [.. mails.Select(mail => MimeMessage.Load(mail.File, Token))];

    private static async Task UntilHeldAsync(double count, Executable process, Func<Task<double?>> held)
    {
        while (await held() != count)
        {
            process.HasExited.ShouldBeFalse(process.Error);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }

    private static async Task<double?> HeldAsync(string socket)
    {
        using HttpClient client = Api.UnixHttp.Client(socket);
        string line = (await client.GetStringAsync("metrics", Token)).Split('\n').Single(l => l.StartsWith("glusterbus_delivery_held_transitions{", StringComparison.Ordinal));
        return double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task ReadyAsync(Role role)
    {
        role.Start();
        while (!await role.IsReadyAsync(Token))
        {
            role.Process.HasExited.ShouldBeFalse(role.Process.Error);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }

    private static async Task EmitAsync(Role collect, string entity, string state)
    {
        (int code, _, string error) = await Executable.RunAsync(new Dictionary<string, string?>(), "emit", "--socket", collect.Socket, "--entity", entity, "--state", state);
        code.ShouldBe(0, error);
    }
}
