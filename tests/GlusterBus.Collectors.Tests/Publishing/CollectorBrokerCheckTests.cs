using System.Globalization;
using GlusterBus.Collectors.Publishing;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace GlusterBus.Collectors.Tests.Publishing;

/// <summary>A broker that also speaks TLS, for the tests of this class.</summary>
public sealed class EncryptedBrokerFixture : IAsyncLifetime
{
    public PrivateAuthority Authority { get; private set; } = null!;

    public RabbitMqProcess Broker { get; private set; } = null!;

    public string EncryptedHost { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        Authority = await PrivateAuthority.CreateAsync(cancelled);
        (string certificate, string key) = await Authority.IssueAsync("broker", "DNS:mq.example.org", cancelled);
        int port = FreePorts.Take(1)[0];
        EncryptedHost = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        Broker = await RabbitMqProcess.StartAsync(
            cancelled,
            $"listeners.ssl.1 = {EncryptedHost}\nssl_options.cacertfile = {Authority.CaFile}\nssl_options.certfile = {certificate}\nssl_options.keyfile = {key}\n"
            + "ssl_options.verify = verify_peer\nssl_options.fail_if_no_peer_cert = true");
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        Authority.Dispose();
    }
}

/// <summary>What <c>glusterbus check</c> says of the broker, and what a collector's account may do, against a real broker and its rabbitmqctl.</summary>
public sealed class CollectorBrokerCheckTests(EncryptedBrokerFixture fixture) : IClassFixture<EncryptedBrokerFixture>, IAsyncLifetime
{
    private static int _count;

    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(60));
    private readonly string _name = $"n{Interlocked.Increment(ref _count)}";
    private RabbitMqOptions _administrator = null!;
    private RabbitMqOptions _options = null!;

    private CancellationToken Cancelled => _patience.Token;

    public async ValueTask InitializeAsync()
    {
        await fixture.Broker.ControlAsync(["add_vhost", _name], Cancelled);
        await fixture.Broker.ControlAsync(["set_permissions", "-p", _name, "guest", ".*", ".*", ".*"], Cancelled);
        await fixture.Broker.ControlAsync(["add_user", _name, "secret"], Cancelled);
        BrokerPermissions least = BrokerSinkOptions.LeastPermissions;
        await fixture.Broker.ControlAsync(["set_permissions", "-p", _name, _name, least.Configure, least.Write, least.Read], Cancelled);
        _administrator = fixture.Broker.Options with { VirtualHost = _name, Partitions = 1 };
        _options = _administrator with { User = _name, Password = "secret" };
    }

    public ValueTask DisposeAsync()
    {
        _patience.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_least_permissions_let_a_collector_publish_with_confirms_and_returns_and_hear_answers()
    {
        await using TestRouter router = await TestRouter.StartAsync(_administrator, Cancelled);
        await using IConnection connection = await BrokerConnection.OpenAsync(_options, "test", Cancelled);
        await using IChannel channel = await BrokerConnection.OpenChannelAsync(connection, 2, Cancelled);
        var heard = new TaskCompletionSource<HeartbeatReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            heard.TrySetResult(ObservationJson.ParseReply(delivery.Body.Span));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync("amq.rabbitmq.reply-to", autoAck: true, consumer, Cancelled);
        byte[] body = ObservationJson.Write(new ObservationMessage { Cluster = "c", Node = "n1", Heartbeat = new Heartbeat(DateTimeOffset.UnixEpoch, false) });

        await channel.BasicPublishAsync(
            BrokerNames.Observations, "p00", mandatory: true, new BasicProperties { ReplyTo = "amq.rabbitmq.reply-to" }, body, Cancelled);
        (await heard.Task.WaitAsync(Cancelled)).Generation.ShouldBe("g1");
        PublishException returned = await Should.ThrowAsync<PublishException>(
            async () => await channel.BasicPublishAsync(BrokerNames.Observations, "p63", mandatory: true, new BasicProperties(), body, Cancelled));
        returned.IsReturn.ShouldBeTrue();
    }

    [Fact]
    public async Task The_least_permissions_allow_nothing_else()
    {
        await using TestRouter router = await TestRouter.StartAsync(_administrator, Cancelled);
        await using IConnection connection = await BrokerConnection.OpenAsync(_administrator, "test", Cancelled);
        await using IChannel channel = await BrokerConnection.OpenChannelAsync(connection, 2, Cancelled);
        await BrokerTopology.DeclareChannelsAsync(channel, Cancelled);
        string queue = BrokerNames.PartitionQueue(0);
        byte[] body = [];

        (string What, Func<IChannel, Task> Do)[] forbidden =
        [
            ("publish a transition", c => c.BasicPublishAsync("glusterbus.volume", "c.v.started", true, new BasicProperties(), body, Cancelled).AsTask()),
            ("publish to all", c => c.BasicPublishAsync(BrokerNames.AllChannel, "c.v.started", true, new BasicProperties(), body, Cancelled).AsTask()),
            ("publish to a queue", c => c.BasicPublishAsync("", queue, true, new BasicProperties(), body, Cancelled).AsTask()),
            ("publish to the broker's own exchange", c => c.BasicPublishAsync("amq.topic", "x", true, new BasicProperties(), body, Cancelled).AsTask()),
            ("declare a queue", c => c.QueueDeclareAsync("mine", cancellationToken: Cancelled)),
            ("declare a queue without a name", c => c.QueueDeclareAsync(cancellationToken: Cancelled)),
            ("declare an exchange", c => c.ExchangeDeclareAsync("mine", ExchangeType.Topic, cancellationToken: Cancelled)),
            ("declare the exchange of observations", c => c.ExchangeDeclareAsync(BrokerNames.Observations, ExchangeType.Topic, durable: true, cancellationToken: Cancelled)),
            ("delete the exchange of observations", c => c.ExchangeDeleteAsync(BrokerNames.Observations, cancellationToken: Cancelled)),
            ("bind", c => c.QueueBindAsync(queue, BrokerNames.Observations, "#", cancellationToken: Cancelled)),
            ("bind exchanges", c => c.ExchangeBindAsync(BrokerNames.Observations, "glusterbus.volume", "#", cancellationToken: Cancelled)),
            ("consume", c => c.BasicConsumeAsync(queue, autoAck: true, new AsyncEventingBasicConsumer(c), Cancelled)),
            ("get", c => c.BasicGetAsync(queue, autoAck: true, Cancelled)),
            ("purge", c => c.QueuePurgeAsync(queue, Cancelled)),
            ("delete a queue", c => c.QueueDeleteAsync(queue, cancellationToken: Cancelled)),
        ];
        await using IConnection collector = await BrokerConnection.OpenAsync(_options, "test", Cancelled);
        foreach ((string what, Func<IChannel, Task> attempt) in forbidden)
        {
            await using IChannel own = await BrokerConnection.OpenChannelAsync(collector, 2, Cancelled);
            OperationInterruptedException refused = await Should.ThrowAsync<OperationInterruptedException>(() => attempt(own), what);
            refused.ShutdownReason!.ReplyCode.ShouldBe((ushort)403, what);
        }
    }

    [Fact]
    public async Task All_is_well_with_the_least_permissions_and_nothing_is_left_behind()
    {
        await using TestRouter router = await TestRouter.StartAsync(_administrator, Cancelled);

        IReadOnlyList<CheckResult> results = await CheckAsync(_options);

        results.ShouldAllBe(result => result.Problem == null);
        results.Select(result => result.Subject).ShouldBe(
            [$"broker {_options.Hosts[0]}", $"account '{_name}' in virtual host '{_name}', RabbitMQ {await VersionAsync()}", "publish to glusterbus.observations"]);

        // The next that arrives is the test's own.
        await using IConnection connection = await BrokerConnection.OpenAsync(_options, "test", Cancelled);
        await using IChannel channel = await BrokerConnection.OpenChannelAsync(connection, 2, Cancelled);
        byte[] body = ObservationJson.Write(new ObservationMessage { Cluster = "mine", Node = "n1" });
        await channel.BasicPublishAsync(BrokerNames.Observations, "p00", mandatory: true, new BasicProperties(), body, Cancelled);
        (await router.NextAsync(Cancelled)).Message.Cluster.ShouldBe("mine");
    }

    [Fact]
    public async Task One_host_of_several_that_is_away_is_a_warning()
    {
        await using TestRouter router = await TestRouter.StartAsync(_administrator, Cancelled);
        int free = FreePorts.Take(1)[0];

        IReadOnlyList<CheckResult> results = await CheckAsync(_options with { Hosts = [$"127.0.0.1:{free}", _options.Hosts[0]] });

        (results[0].Problem, results[0].IsWarning).ShouldBe(("Connection refused", true));
        results.Skip(1).ShouldAllBe(result => result.Problem == null);
    }

    [Fact]
    public async Task Nobody_at_all_is_a_failure_that_says_what_to_start()
    {
        CheckResult only = (await CheckAsync(_options with { Hosts = [$"127.0.0.1:{FreePorts.Take(1)[0]}"] })).ShouldHaveSingleItem();

        (only.Problem, only.IsWarning).ShouldBe(("Connection refused", false));
        only.Remedy!.ShouldContain("systemctl start rabbitmq-server");
    }

    [Fact]
    public async Task A_missing_exchange_is_a_warning_that_asks_for_a_router()
    {
        CheckResult last = (await CheckAsync(_options))[^1];

        last.Problem.ShouldNotBeNull();
        (last.IsWarning, last.Remedy).ShouldBe((true, "start a router first: glusterbus route"));
    }

    [Fact]
    public async Task A_wrong_password_names_the_account_and_not_the_password()
    {
        CheckResult last = (await CheckAsync(_options with { Password = "wr0ng" }))[^1];

        last.Problem!.ShouldContain($"does not take the account '{_name}'");
        last.Remedy!.ShouldContain($"rabbitmqctl change_password '{_name}'");
        $"{last}".ShouldNotContain("wr0ng");
    }

    [Fact]
    public async Task A_password_file_that_can_t_be_read_is_named()
    {
        CheckResult last = (await CheckAsync(_options with { Password = null, PasswordFile = "/no/such/file" }))[^1];

        last.Problem!.ShouldContain("/no/such/file");
        last.Problem!.ShouldContain("rabbitMq.passwordFile");
    }

    [Fact]
    public async Task A_virtual_host_that_does_not_exist_is_to_be_added()
    {
        CheckResult last = (await CheckAsync(_options with { VirtualHost = "nowhere" }))[^1];

        last.Problem!.ShouldContain("has no virtual host 'nowhere'");
        last.Remedy!.ShouldContain("rabbitmqctl add_vhost 'nowhere'");
    }

    [Fact]
    public async Task The_right_to_publish_is_tested_and_what_gives_it_is_told()
    {
        await using TestRouter router = await TestRouter.StartAsync(_administrator, Cancelled);
        await fixture.Broker.ControlAsync(["set_permissions", "-p", _name, _name, "^$", "^$", "^$"], Cancelled);

        CheckResult last = (await CheckAsync(_options))[^1];

        (last.Subject, last.IsWarning).ShouldBe(("publish to glusterbus.observations", false));
        last.Remedy.ShouldBe($@"rabbitmqctl set_permissions -p '{_name}' '{_name}' '^$' '^glusterbus\.observations$' '^$'");
    }

    [Fact]
    public async Task Encryption_with_a_client_certificate_works_and_each_part_that_is_wrong_is_told()
    {
        await using TestRouter router = await TestRouter.StartAsync(_administrator, Cancelled);
        (string certificate, string key) = await fixture.Authority.IssueAsync(_name, "DNS:" + _name, Cancelled);
        var tls = new TlsOptions { Enabled = true, CaFile = fixture.Authority.CaFile, CertificateFile = certificate, KeyFile = key, ServerName = "mq.example.org" };
        RabbitMqOptions options = _options with { Hosts = [fixture.EncryptedHost], Tls = tls };
        using PrivateAuthority stranger = await PrivateAuthority.CreateAsync(Cancelled);

        IReadOnlyList<CheckResult> good = await CheckAsync(options);
        CheckResult otherAuthority = (await CheckAsync(options with { Tls = tls with { CaFile = stranger.CaFile } }))[^1];
        CheckResult otherName = (await CheckAsync(options with { Tls = tls with { ServerName = null } }))[^1];
        CheckResult missingFile = (await CheckAsync(options with { Tls = tls with { CaFile = "/no/such/ca" } }))[^1];
        CheckResult withoutCertificate = (await CheckAsync(options with { Tls = tls with { CertificateFile = null, KeyFile = null } }))[^1];

        good.ShouldAllBe(result => result.Problem == null);
        good[1].Subject.ShouldBe($"broker {fixture.EncryptedHost}: TLS 1.3, {good[1].Subject.Split(", ")[1]}, certificate until {TimeProvider.System.GetUtcNow().AddDays(2):yyyy-MM-dd}");
        good[2].Subject.ShouldEndWith("encrypted");
        otherAuthority.Problem.ShouldBe("the server's certificate (CN=broker) is not signed by a trusted authority but by CN=test authority");
        otherAuthority.Remedy!.ShouldContain("rabbitMq.tls.caFile");
        otherName.Problem.ShouldBe("the server's certificate (CN=broker) does not bear the name '127.0.0.1'");
        otherName.Remedy!.ShouldContain("rabbitMq.tls.serverName");
        missingFile.Problem!.ShouldContain("/no/such/ca");
        withoutCertificate.Problem.ShouldNotBeNull();
    }

    private async Task<string> VersionAsync() => (await fixture.Broker.ControlAsync(["version"], Cancelled)).Trim();

    private Task<IReadOnlyList<CheckResult>> CheckAsync(RabbitMqOptions options) => CollectorBrokerCheck.RunAsync(options, TimeProvider.System, Cancelled);
}
