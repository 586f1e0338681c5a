using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Broker;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace GlusterBus.Notifiers.Tests.Broker;

/// <summary>What <c>glusterbus check --role notify</c> says of a real broker.</summary>
public sealed class NotifierBrokerCheckTests(BrokerFixture fixture) : IClassFixture<BrokerFixture>
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    [Fact(Timeout = 240_000)]
    public async Task All_is_well_with_the_least_permissions_and_nothing_is_left_behind()
    {
        await using TestBroker broker = await fixture.CleanAsync(_cancelled);
        RabbitMqOptions least = await broker.AccountAsync("check-least", BrokerPermissions.Notifier, _cancelled);
        string before = await NamesAsync(least);

        IReadOnlyList<CheckResult> results = await CheckAsync(least);

        results.ShouldAllBe(result => result.Problem == null);
        results.Select(result => result.Subject).ShouldBe(
            [$"broker {least.Hosts[0]}", results[1].Subject, "channels (glusterbus.all and others)", "rights on glusterbus.notify.ops"]);
        results[1].Subject.ShouldStartWith($"account 'check-least' in virtual host '{least.VirtualHost}', RabbitMQ 3.");
        (await NamesAsync(least)).ShouldBe(before);
    }

    [Fact(Timeout = 240_000)]
    public async Task A_queue_that_is_there_is_told_with_what_waits_and_what_rests_beside_it()
    {
        await using TestBroker broker = await fixture.CleanAsync(_cancelled);
        await RunOnceAsync(broker);
        await broker.Channel.BasicPublishAsync("glusterbus.notify.ops", "", mandatory: true, new BasicProperties(), "x"u8.ToArray(), _cancelled);
        await broker.Channel.BasicPublishAsync("glusterbus.notify.ops.error", "", mandatory: true, new BasicProperties(), "x"u8.ToArray(), _cancelled);

        IReadOnlyList<CheckResult> results = await CheckAsync(broker.Options);

        results.ShouldContain(new CheckResult("queue glusterbus.notify.ops, 1 wait"));
        results[^1].ShouldBe(new CheckResult("glusterbus.notify.ops.error", "1 parked there, for somebody to decide", "glusterbus dlq show ops", IsWarning: true));
    }

    [Fact(Timeout = 240_000)]
    public async Task A_queue_of_other_properties_is_a_failure_that_says_how_to_make_it_anew()
    {
        await using TestBroker broker = await fixture.CleanAsync(_cancelled);
        await broker.Channel.QueueDeclareAsync("glusterbus.notify.ops", durable: true, exclusive: false, autoDelete: false, cancellationToken: _cancelled);

        CheckResult failed = (await CheckAsync(broker.Options)).Single(result => result.Problem is not null);

        (failed.Subject, failed.IsWarning).ShouldBe(("queue glusterbus.notify.ops, 0 wait", false));
        failed.Problem!.ShouldContain("inequivalent arg");
        failed.Remedy!.ShouldContain($"rabbitmqctl -p '{broker.Options.VirtualHost}' delete_queue 'glusterbus.notify.ops'");
    }

    [Theory(Timeout = 240_000)]
    [InlineData("configure", "^$", ".*", ".*")]
    [InlineData("write", ".*", "^$", ".*")]
    [InlineData("read", ".*", ".*", "^$")]
    public async Task Each_right_that_is_missing_is_found_and_what_gives_it_is_told(string user, string configure, string write, string read)
    {
        await using TestBroker broker = await fixture.CleanAsync(_cancelled);
        RabbitMqOptions account = await broker.AccountAsync("lacks-" + user, new BrokerPermissions(configure, write, read), _cancelled);
        string before = await NamesAsync(account);

        CheckResult failed = (await CheckAsync(account)).Single(result => result.Problem is not null);

        (failed.Subject, failed.IsWarning).ShouldBe(("rights on glusterbus.notify.ops", false));
        failed.Remedy.ShouldBe(BrokerPermissions.Notifier.Command(account));
        (await NamesAsync(account)).ShouldBe(before);
    }

    [Fact(Timeout = 240_000)]
    public async Task Without_channels_a_warning_asks_for_a_router()
    {
        await using TestBroker broker = await fixture.CleanAsync(_cancelled);
        await broker.Channel.ExchangeDeleteAsync("glusterbus.all", cancellationToken: _cancelled);

        CheckResult warning = (await CheckAsync(broker.Options)).Single(result => result.Problem is not null);

        (warning.IsWarning, warning.Remedy).ShouldBe((true, "start a router first: glusterbus route"));
    }

    private async Task RunOnceAsync(TestBroker broker)
    {
        await using BrokerDeliveryQueues queues = BrokerDeliveryQueues.Start(
            broker.Options, new Dictionary<string, TransitionFilter> { ["ops"] = TransitionFilter.All }, "notify test", TimeProvider.System, NullLoggerFactory.Instance);
        await queues.OpenAsync("ops", _cancelled);
    }

    /// <summary>Every queue and exchange of the virtual host.</summary>
    private async Task<string> NamesAsync(RabbitMqOptions options) =>
        await fixture.Broker.ControlAsync(["-q", "list_queues", "-p", options.VirtualHost, "name"], _cancelled)
        + await fixture.Broker.ControlAsync(["-q", "list_exchanges", "-p", options.VirtualHost, "name"], _cancelled);

    private Task<IReadOnlyList<CheckResult>> CheckAsync(RabbitMqOptions options) => NotifierBrokerCheck.RunAsync(options, ["ops"], TimeProvider.System, _cancelled);
}
