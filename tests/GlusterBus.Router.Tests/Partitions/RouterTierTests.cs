using System.Text;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Topology;
using GlusterBus.Router.Partitions;
using GlusterBus.Router.State;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace GlusterBus.Router.Tests.Partitions;

/// <summary>One broker for the tests of this folder.</summary>
public sealed class BrokerFixture : IAsyncLifetime
{
    public RabbitMqProcess Broker { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Broker = await RabbitMqProcess.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Broker.DisposeAsync();
}

/// <summary>Routers on a real broker, with tables in memory.</summary>
public sealed partial class RouterTierTests(BrokerFixture fixture) : IClassFixture<BrokerFixture>, IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static int _count;

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly MemoryClusterStore _store = new();
    private readonly string _cluster = $"c{Interlocked.Increment(ref _count)}";
    private readonly List<RouterTier> _routers = [];
    private RabbitMqOptions _options = null!;
    private IConnection _connection = null!;
    private IChannel _channel = null!;
    private long _sequence;

    public async ValueTask InitializeAsync()
    {
        // A virtual host of the test's own: nothing is left from the one before.
        string host = "v" + _cluster;
        await fixture.Broker.ControlAsync(["add_vhost", host], _cancelled);
        await fixture.Broker.ControlAsync(["set_permissions", "-p", host, "guest", ".*", ".*", ".*"], _cancelled);
        _options = fixture.Broker.Options with { VirtualHost = host, Partitions = 1 };
        _connection = await BrokerConnection.OpenAsync(_options, "test", _cancelled);
        _channel = await BrokerConnection.OpenChannelAsync(_connection, 256, _cancelled);
        await BrokerTopology.DeclareChannelsAsync(_channel, _cancelled);
        await _channel.QueueDeclareAsync("heard", durable: true, exclusive: false, autoDelete: false, cancellationToken: _cancelled);
        await _channel.QueueBindAsync("heard", BrokerNames.AllChannel, "#", cancellationToken: _cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RouterTier router in _routers)
        {
            await router.DisposeAsync();
        }

        await _connection.DisposeAsync();
    }

    [Fact]
    public async Task An_observation_becomes_one_transition_on_the_channel_of_its_kind()
    {
        await StartAsync();
        await PublishAsync("brick/gv0/n1:/b", "offline");
        await PublishAsync("brick/gv0/n1:/b", "offline");
        await PublishAsync("brick/gv0/n1:/b", "online");

        BasicGetResult first = await HearAsync();
        Transition offline = TransitionJson.Parse(first.Body.Span);
        (offline.Current, offline.Sequence, offline.Cluster).ShouldBe(("offline", 1, _cluster));
        first.Exchange.ShouldBe("glusterbus.brick");
        first.RoutingKey.ShouldBe($"{_cluster}.gv0/n1:/b.offline");
        first.BasicProperties.MessageId.ShouldBe(offline.Id);
        first.BasicProperties.ContentType.ShouldBe("application/cloudevents+json");
        TransitionJson.Parse((await HearAsync()).Body.Span).Current.ShouldBe("online");
        (await _channel.BasicGetAsync("heard", autoAck: true, _cancelled)).ShouldBeNull();
    }

    [Fact]
    public async Task A_trace_passes_through_a_router_that_does_not_trace()
    {
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await StartAsync();
        await PublishAsync("brick/gv0/n1:/b", "offline", trace);
        await PublishAsync("brick/gv0/n1:/b", "online", "no trace at all");

        BasicGetResult traced = await HearAsync();
        Encoding.ASCII.GetString((byte[])traced.BasicProperties.Headers!["traceparent"]!).ShouldBe(trace);
        TransitionJson.Parse(traced.Body.Span).TraceParent.ShouldBe(trace);
        BasicGetResult plain = await HearAsync();
        plain.BasicProperties.Headers!.Keys.ShouldNotContain("traceparent");
        Encoding.UTF8.GetString(plain.Body.Span).ShouldNotContain("traceparent");
    }

    [Fact]
    public async Task A_message_that_is_no_observation_is_parked_with_its_reason_and_holds_up_nobody()
    {
        await StartAsync();
        await _channel.BasicPublishAsync(BrokerNames.Observations, "p00", mandatory: true, new BasicProperties(), "{ nonsense"u8.ToArray(), _cancelled);
        await PublishAsync("brick/gv0/n1:/b", "offline");

        (await HearAsync()).RoutingKey.ShouldEndWith(".offline");
        BasicGetResult parked = await GetAsync(BrokerNames.RejectedObservations);
        Encoding.UTF8.GetString(parked.Body.Span).ShouldBe("{ nonsense");
        Encoding.UTF8.GetString((byte[])parked.BasicProperties.Headers![BrokerNames.ReasonHeader]!).ShouldContain("not an observation message");
    }

    [Fact]
    public async Task A_compressed_message_is_taken_and_one_that_only_says_so_is_parked()
    {
        await StartAsync();
        var compressed = new BasicProperties { ContentEncoding = CompressedBody.Encoding };
        await _channel.BasicPublishAsync(BrokerNames.Observations, "p00", mandatory: true, compressed, "{ nonsense"u8.ToArray(), _cancelled);
        await _channel.BasicPublishAsync(
            BrokerNames.Observations, "p00", mandatory: true, compressed, CompressedBody.Compress(Message("brick/gv0/n1:/b", "offline"), new MemoryStream()), _cancelled);

        (await HearAsync()).RoutingKey.ShouldEndWith(".offline");
        Encoding.UTF8.GetString((await GetAsync(BrokerNames.RejectedObservations)).Body.Span).ShouldBe("{ nonsense");
    }

    [Theory]
    [InlineData("n\\u0001", "c", "")]
    [InlineData("n1", "no/cluster", "'cluster' is no name")]
    public async Task A_heartbeat_that_nobody_can_have_sent_is_parked_and_the_owner_stays_the_owner(string node, string cluster, string reason)
    {
        RouterTier router = await StartAsync();
        await _channel.BasicPublishAsync(
            BrokerNames.Observations, "p00", mandatory: true, new BasicProperties(),
            Encoding.UTF8.GetBytes($$"""{ "cluster": "{{cluster}}", "node": "{{node}}", "heartbeat": { "sentAt": "2026-11-24T00:00:00Z", "hasLooked": false } }"""), _cancelled);

        BasicGetResult parked = await GetAsync(BrokerNames.RejectedObservations);
        Encoding.UTF8.GetString((byte[])parked.BasicProperties.Headers![BrokerNames.ReasonHeader]!).ShouldContain(reason);
        router.Owned.ShouldBe(1);
    }

    [Fact]
    public async Task A_cluster_of_another_partition_is_parked_because_two_owners_would_shut_each_other_out()
    {
        _options = _options with { Partitions = 2 };
        RouterTier router = await StartAsync(isOwner: false);
        await UntilAsync(() => router.Owned == 2);
        int other = 1 - BrokerNames.PartitionOf(_cluster, 2);
        await _channel.BasicPublishAsync(
            BrokerNames.Observations, BrokerNames.PartitionKey(other), mandatory: true, new BasicProperties(),
            ObservationJson.Write(new ObservationMessage { Cluster = _cluster, Node = "n1" }), _cancelled);

        BasicGetResult parked = await GetAsync(BrokerNames.RejectedObservations);
        Encoding.UTF8.GetString((byte[])parked.BasicProperties.Headers![BrokerNames.ReasonHeader]!).ShouldContain("rabbitMq.partitions");
    }

    [Fact]
    public async Task A_standby_takes_over_within_a_second_although_nothing_is_said()
    {
        RouterTier first = await StartAsync();
        await PublishAsync("brick/gv0/n1:/b", "offline");
        await HearAsync();
        RouterTier second = await StartAsync(isOwner: false);
        second.Owned.ShouldBe(0);

        long began = TimeProvider.System.GetTimestamp();
        await first.DisposeAsync();
        await UntilAsync(() => second.Owned == 1);

        TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(3));
        await PublishAsync("brick/gv0/n1:/b", "offline");
        await PublishAsync("brick/gv0/n1:/b", "online");
        Transition next = TransitionJson.Parse((await HearAsync()).Body.Span);
        (next.Current, next.Sequence).ShouldBe(("online", 2));
    }

    [Fact]
    public async Task A_router_that_is_cut_from_its_store_gives_the_partition_to_the_standby()
    {
        MemoryClusterStore.Line line = _store.Connect();
        RouterTier first = await StartAsync(line);
        RouterTier second = await StartAsync(isOwner: false);
        await PublishAsync("brick/gv0/n1:/b", "offline");
        await HearAsync();

        line.IsCut = true;
        await UntilAsync(() => second.Owned == 1);
        first.Owned.ShouldBe(0);
        await PublishAsync("brick/gv0/n1:/b", "online");
        TransitionJson.Parse((await HearAsync()).Body.Span).Sequence.ShouldBe(2);

        line.IsCut = false;
        await UntilAsync(() => first.Attending == 1);
        first.Owned.ShouldBe(0, "it stands by again");
    }

    [Fact]
    public async Task A_heartbeat_is_answered_directly()
    {
        await StartAsync();
        var answered = new TaskCompletionSource<byte[]>();
        var consumer = new RabbitMQ.Client.Events.AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            answered.TrySetResult(delivery.Body.ToArray());
            return Task.CompletedTask;
        };
        await _channel.BasicConsumeAsync("amq.rabbitmq.reply-to", autoAck: true, consumer, _cancelled);
        await _channel.BasicPublishAsync(
            BrokerNames.Observations,
            "p00",
            mandatory: true,
            new BasicProperties { ReplyTo = "amq.rabbitmq.reply-to" },
            ObservationJson.Write(new ObservationMessage { Cluster = _cluster, Node = "n1", Heartbeat = new Heartbeat(TimeProvider.System.GetUtcNow(), HasLooked: false) }),
            _cancelled);

        ObservationJson.ParseReply(await answered.Task.WaitAsync(Patience, _cancelled)).WantsLook.ShouldBeFalse();
    }

    private async Task<RouterTier> StartAsync(IClusterStore? line = null, bool isOwner = true)
    {
        RouterTier router = RouterTier.Start(
            _options, "test", line ?? _store.Connect(), new RouterOptions(), TimeSpan.FromMilliseconds(100), TimeProvider.System, NullLoggerFactory.Instance);
        _routers.Add(router);
        await UntilAsync(() => isOwner ? router.Owned == 1 : router.Attending >= 1);
        return router;
    }

    private async Task PublishAsync(string entity, string state, string? trace = null) =>
        await _channel.BasicPublishAsync(BrokerNames.Observations, "p00", mandatory: true, new BasicProperties
        {
            Persistent = true,
            Headers = trace is null ? null : new Dictionary<string, object?> { ["traceparent"] = trace },
        }, Message(entity, state), _cancelled);

    private byte[] Message(string entity, string state) => ObservationJson.Write(new ObservationMessage
    {
        Cluster = _cluster,
        Node = "n1",
        Batches =
        [
            new ObservationBatch
            {
                Stream = "n1/gf_event",
                Epoch = 1,
                Observations =
                [
                    new Observation { Entity = EntityId.Parse(entity), State = state, Source = "gf_event", Node = "n1", ObservedAt = TimeProvider.System.GetUtcNow(), Sequence = ++_sequence },
                ],
            },
        ],
    });

    private Task<BasicGetResult> HearAsync() => GetAsync("heard");

    private async Task<BasicGetResult> GetAsync(string queue)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_cancelled);
        patience.CancelAfter(Patience);
        while (true)
        {
            try
            {
                if (!_connection.IsOpen)
                {
                    await _connection.DisposeAsync();
                    _connection = await BrokerConnection.OpenAsync(_options, "test", patience.Token);
                }

                if (!_channel.IsOpen)
                {
                    _channel = await BrokerConnection.OpenChannelAsync(_connection, 256, patience.Token);
                }

                if (await _channel.BasicGetAsync(queue, autoAck: true, patience.Token) is { } message)
                {
                    return message;
                }
            }
            catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
            {
                // The queue is not there yet, which ends the channel, or is just being made, which ends the connection.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
        }
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_cancelled);
        patience.CancelAfter(Patience);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
        }
    }
}
