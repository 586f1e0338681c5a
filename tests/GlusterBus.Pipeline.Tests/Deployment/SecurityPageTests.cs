using System.Globalization;
using System.Text.RegularExpressions;
using GlusterBus.Host.Demo.Pipelines;
using GlusterBus.Router.State.Redis;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace GlusterBus.Pipeline.Tests.Deployment;

/// <summary>docs/security.md says what the code needs, and its commands work.</summary>
public sealed partial class SecurityPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "security.md"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void The_permissions_of_every_role_on_the_broker_are_those_of_the_code() =>
        Lines("rabbitmqctl set_permissions").ShouldBe([
            BrokerPermissions.Collector.Command("glusterbus-collector", "/"),
            BrokerPermissions.Router.Command("glusterbus-router", "/"),
            BrokerPermissions.Notifier.Command("glusterbus-notifier", "/"),
            DemoEar.LeastPermissions.Command("glusterbus-demo", "/"),
            BrokerPermissions.Consumer("ops").Command("ops", "/"),
        ]);

    [Fact]
    public async Task The_accounts_of_every_role_on_Redis_are_those_of_the_code_and_Redis_takes_them()
    {
        string[] lines = Lines("redis-cli ACL SETUSER");
        lines.Select(Words).Select(words => string.Join(' ', words[3..])).ShouldBe([
            RedisAccess.Router["user ".Length..],
            RedisAccess.Reader["user ".Length..],
            RedisAccess.Default["user ".Length..],
        ]);

        Assert.SkipWhen(RedisProcess.Obstacle is not null, RedisProcess.Obstacle ?? "");
        await using RedisProcess redis = await RedisProcess.StartAsync(Token);
        foreach (string line in lines)
        {
            (await redis.ControlAsync(Words(line)[1..], Token)).ShouldBe("OK", line);
        }
    }

    [Fact]
    public async Task A_consumer_that_is_held_to_a_cluster_binds_nothing_of_another()
    {
        Assert.SkipWhen(RabbitMqProcess.Obstacle is not null, RabbitMqProcess.Obstacle ?? "");
        await using RabbitMqProcess broker = await RabbitMqProcess.StartAsync(Token);
        foreach (string user in (string[])["glusterbus-collector", "glusterbus-router", "glusterbus-notifier", "glusterbus-demo", "ops"])
        {
            await broker.ControlAsync(["add_user", user, "correct-horse"], Token);
        }

        foreach (string line in Lines("rabbitmqctl set_permissions").Concat(Lines("rabbitmqctl set_topic_permissions")))
        {
            await broker.ControlAsync(Words(line)[1..], Token);
        }

        await using IConnection administrator = await BrokerConnection.OpenAsync(broker.Options, "test", Token);
        await using IChannel declaring = await administrator.CreateChannelAsync(cancellationToken: Token);
        await BrokerTopology.DeclareChannelsAsync(declaring, Token);
        await using IConnection connection = await BrokerConnection.OpenAsync(broker.Options with { User = "ops", Password = "correct-horse" }, "test", Token);
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: Token);
        await channel.QueueDeclareAsync("ops.mine", durable: true, exclusive: false, autoDelete: false, cancellationToken: Token);
        await channel.QueueBindAsync("ops.mine", "glusterbus.all", "prod.#", cancellationToken: Token);
        await channel.QueueBindAsync("ops.mine", "glusterbus.brick", "prod.*.offline", cancellationToken: Token);
        OperationInterruptedException refused = await Should.ThrowAsync<OperationInterruptedException>(() => channel.QueueBindAsync("ops.mine", "glusterbus.all", "#", cancellationToken: Token));
        refused.Message.ShouldContain("ACCESS_REFUSED");
    }

    [Fact]
    public async Task The_certificates_that_it_makes_encrypt_the_way_to_the_broker()
    {
        Assert.SkipWhen(RabbitMqProcess.Obstacle is not null, RabbitMqProcess.Obstacle ?? "");
        using var folder = new TemporaryFolder();
        (int code, string output) = await Deployed.RunAsync("/bin/sh", ["-ec", Blocks("sh").Single(block => block.Contains("openssl req", StringComparison.Ordinal))], folder.Path);
        code.ShouldBe(0, output);
        int port = FreePorts.Take(1)[0];
        string server = Blocks("ini").Single(block => block.Contains("listeners.ssl", StringComparison.Ordinal))
            .Replace("/etc/rabbitmq/", folder.Path + "/", StringComparison.Ordinal)
            .Replace("listeners.tcp = none\n", "", StringComparison.Ordinal)
            .Replace("listeners.ssl.default = 5671", string.Create(CultureInfo.InvariantCulture, $"listeners.ssl.1 = 127.0.0.1:{port}"), StringComparison.Ordinal);
        await using RabbitMqProcess broker = await RabbitMqProcess.StartAsync(Token, server);
        var tls = new TlsOptions { Enabled = true, CaFile = folder.File("ca.crt"), CertificateFile = folder.File("glusterbus.crt"), KeyFile = folder.File("glusterbus.key"), ServerName = "mq1" };
        RabbitMqOptions options = broker.Options with { Hosts = [string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")], Tls = tls };

        await using (IConnection connection = await BrokerConnection.OpenAsync(options, "test", Token))
        {
            connection.IsOpen.ShouldBeTrue();
        }

        await Should.ThrowAsync<BrokerUnreachableException>(() => BrokerConnection.OpenAsync(options with { Tls = tls with { CertificateFile = null, KeyFile = null } }, "test", Token));
        await Should.ThrowAsync<BrokerUnreachableException>(() => BrokerConnection.OpenAsync(options with { Tls = tls with { ServerName = "mq2" } }, "test", Token));
    }

    private static string[] Lines(string beginning) =>
        [.. Blocks("sh").SelectMany(block => block.Split('\n')).Where(line => line.StartsWith(beginning + " ", StringComparison.Ordinal))];

    private static IEnumerable<string> Blocks(string language) =>
        Block().Matches(Page).Where(block => block.Groups["language"].Value == language).Select(block => block.Groups["text"].Value);

    /// <summary>The words of a command as a shell parts them: quotes here are single ones.</summary>
    private static string[] Words(string line) => [.. Word().Matches(line).Select(word => word.Value.Trim('\''))];

    [GeneratedRegex("```(?<language>[a-z]+)\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"'[^']*'|[^\s']+")]
    private static partial Regex Word();
}
