using GlusterBus.Contracts.Plugins;
using GlusterBus.Contracts.Topology;
using GlusterBus.Router.Partitions;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace GlusterBus.Router.Tests.Partitions;

/// <summary>What <c>glusterbus check --role route</c> says of a real broker.</summary>
public sealed class RouterBrokerCheckTests(BrokerFixture fixture) : IClassFixture<BrokerFixture>, IAsyncLifetime
{
    private static int _count;

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly string _name = $"check{Interlocked.Increment(ref _count)}";
    private RabbitMqOptions _administrator = null!;
    private RabbitMqOptions _options = null!;

    public async ValueTask InitializeAsync()
    {
        await fixture.Broker.ControlAsync(["add_vhost", _name], _cancelled);
        await fixture.Broker.ControlAsync(["set_permissions", "-p", _name, "guest", ".*", ".*", ".*"], _cancelled);
        await fixture.Broker.ControlAsync(["add_user", _name, "secret"], _cancelled);
        _administrator = fixture.Broker.Options with { VirtualHost = _name, Partitions = 2 };
        _options = _administrator with { User = _name, Password = "secret" };
        await AllowAsync(BrokerPermissions.Router);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact(Timeout = 240_000)]
    public async Task All_is_well_with_the_least_permissions_before_the_first_router_and_beside_one()
    {
        string before = await NamesAsync();
        IReadOnlyList<CheckResult> alone = await CheckAsync();
        string after = await NamesAsync();
        await using RouterTier router = await StartAsync();
        IReadOnlyList<CheckResult> beside = await CheckAsync();

        alone.ShouldAllBe(result => result.Problem == null);
        alone[^1].Subject.ShouldBe("rights on the router's queues and channels");
        after.ShouldBe(before);
        beside.ShouldAllBe(result => result.Problem == null);
        beside.Select(result => result.Subject).ShouldContain(subject => subject.StartsWith("queue glusterbus.observations.p01, ", StringComparison.Ordinal));
        router.Attending.ShouldBe(2);
    }

    [Theory(Timeout = 240_000)]
    [InlineData("^$", ".*", ".*")]
    [InlineData(".*", "^$", ".*")]
    [InlineData(".*", ".*", "^$")]
    [InlineData(".*", @"^glusterbus\.", ".*")]
    public async Task Each_right_that_is_missing_is_found_and_what_gives_it_is_told(string configure, string write, string read)
    {
        await AllowAsync(new BrokerPermissions(configure, write, read));
        string before = await NamesAsync();

        CheckResult failed = (await CheckAsync()).Single(result => result.Problem is not null);

        failed.IsWarning.ShouldBeFalse();
        failed.Remedy.ShouldBe(BrokerPermissions.Router.Command(_options));
        (await NamesAsync()).ShouldBe(before);
    }

    [Fact(Timeout = 240_000)]
    public async Task More_partitions_than_configured_and_what_was_parked_are_warnings()
    {
        await using (RouterTier router = await StartAsync())
        {
            await using IConnection connection = await BrokerConnection.OpenAsync(_administrator, "test", _cancelled);
            await using IChannel channel = await BrokerConnection.OpenChannelAsync(connection, 2, _cancelled);
            await channel.BasicPublishAsync(BrokerNames.Observations, "p00", mandatory: true, new BasicProperties(), "{ nonsense"u8.ToArray(), _cancelled);
            while (await CountAsync(channel) != 1)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, _cancelled);
            }
        }

        CheckResult[] warnings = [.. (await RouterBrokerCheck.RunAsync(_options with { Partitions = 1 }, TimeProvider.System, _cancelled)).Where(result => result.Problem is not null)];

        warnings.ShouldAllBe(warning => warning.IsWarning);
        warnings.Select(warning => warning.Remedy).ShouldBe(["set rabbitMq.partitions to the same number on every machine", "glusterbus dlq show router"]);
    }

    private static async Task<uint?> CountAsync(IChannel channel) =>
        (await channel.QueueDeclareAsync(
            BrokerNames.RejectedObservations, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = 1_000_000_000 })).MessageCount;

    private async Task<RouterTier> StartAsync()
    {
        RouterTier router = RouterTier.Start(_options, "route test", new MemoryClusterStore().Connect(), new RouterOptions { Cluster = "lab" }, TimeSpan.FromSeconds(1), TimeProvider.System, NullLoggerFactory.Instance);
        while (router.Attending < 2)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, _cancelled);
        }

        return router;
    }

    private Task<string> AllowAsync(BrokerPermissions allowed) =>
        fixture.Broker.ControlAsync(["set_permissions", "-p", _name, _name, allowed.Configure, allowed.Write, allowed.Read], _cancelled);

    /// <summary>Every queue and exchange of the virtual host.</summary>
    private async Task<string> NamesAsync() =>
        await fixture.Broker.ControlAsync(["-q", "list_queues", "-p", _name, "name"], _cancelled) + await fixture.Broker.ControlAsync(["-q", "list_exchanges", "-p", _name, "name"], _cancelled);

    private Task<IReadOnlyList<CheckResult>> CheckAsync() => RouterBrokerCheck.RunAsync(_options, TimeProvider.System, _cancelled);
}
