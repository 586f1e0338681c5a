using System.Globalization;
using System.Text;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Topology;
using GlusterBus.Notifiers.Broker;
using GlusterBus.Runtime.Bus;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace GlusterBus.Notifiers.Tests.Broker;

/// <summary>Looking into error queues and emptying them, on a real broker.</summary>
public sealed class ErrorQueueTests(BrokerFixture fixture) : IClassFixture<BrokerFixture>
{
    private const string Queue = "glusterbus.notify.ops";
    private const string Error = Queue + ".error";

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task A_look_tells_reason_time_and_deliveries_and_takes_nothing_away()
    {
        await using TestBroker broker = await WithNotifierAsync();
        await ParkAsync(broker, [SampleTransitions.Brick()]);

        ParkedMessage parked = await Queues(broker).ReadAsync(10, _cancelled).SingleAsync(_cancelled);

        (parked.Id, parked.Reason, parked.Deliveries).ShouldBe((SampleTransitions.Brick().Id, "reason 0", 3L));
        parked.ParkedAt.ShouldBe(new DateTimeOffset(2026, 11, 22, 9, 16, 40, TimeSpan.Zero));
        parked.Transition!.Entity.ShouldBe(SampleTransitions.Brick().Entity);
        (await Queues(broker).CountAsync(_cancelled)).ShouldBe(1u);
    }

    [Fact(Timeout = 120_000)]
    public async Task Looks_of_any_length_keep_the_order_however_often_one_looks()
    {
        await using TestBroker broker = await WithNotifierAsync();
        Transition[] transitions = [.. SampleTransitions.Bricks(200, 7)];
        await ParkAsync(broker, transitions);
        ErrorQueue errors = Queues(broker);

        // More often than the twenty deliveries after which a queue without a limit of its own would throw messages away.
        foreach (int most in (int[])[1, 3, 200, 2, 50, 1000, 7, 7, 199, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 30, 1000])
        {
            string[] ids = await errors.ReadAsync(most, _cancelled).Select(message => message.Id).ToArrayAsync(_cancelled);

            ids.ShouldBeInOrder(transitions.Take(most).Select(t => t.Id));
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task A_retry_sends_everything_back_in_order_as_it_was_and_leaves_nothing_behind()
    {
        await using TestBroker broker = await WithNotifierAsync();
        Transition[] transitions = [.. SampleTransitions.Bricks(3000, 7)];
        await ParkAsync(broker, transitions);
        List<long> heard = [];

        long sent = await Queues(broker).RetryAsync(id: null, new Listening(heard), _cancelled);

        sent.ShouldBe(3000);
        heard.ShouldBe(Enumerable.Range(1, 3000).Select(i => (long)i));
        (await broker.DrainAsync(Error, _cancelled)).ShouldBeEmpty();
        IReadOnlyList<RabbitMQ.Client.Events.BasicDeliverEventArgs> back = await broker.DrainAsync(Queue, _cancelled);
        back.Select(m => m.BasicProperties.MessageId!).ShouldBeInOrder(transitions.Select(t => t.Id));
        back[0].BasicProperties.Headers!.Keys.Where(key => key.StartsWith("glusterbus-", StringComparison.Ordinal)).ShouldBeEmpty();
        back[0].BasicProperties.ContentType.ShouldBe(TransitionJson.ContentType);
        back[0].BasicProperties.Persistent.ShouldBeTrue();
        back[0].RoutingKey.ShouldBe(ChannelKey.Of(transitions[0]));
        back[0].Body.ToArray().ShouldBe(TransitionJson.Write(transitions[0]));
    }

    [Fact(Timeout = 60_000)]
    public async Task One_transition_is_sent_back_by_its_id_and_the_others_stay_in_order()
    {
        await using TestBroker broker = await WithNotifierAsync();
        Transition[] transitions = [.. SampleTransitions.Bricks(40, 7)];
        await ParkAsync(broker, transitions);

        long sent = await Queues(broker).RetryAsync(transitions[21].Id, progress: null, _cancelled);
        long unknown = await Queues(broker).RetryAsync("lab/brick/rv/none@1", progress: null, _cancelled);

        (sent, unknown).ShouldBe((1, 0));
        (await broker.DrainAsync(Queue, _cancelled)).Select(m => m.BasicProperties.MessageId).ShouldBe([transitions[21].Id]);
        (await broker.DrainAsync(Error, _cancelled)).Select(m => m.BasicProperties.MessageId!).ShouldBeInOrder(transitions.Where((_, i) => i != 21).Select(t => t.Id));
    }

    [Fact(Timeout = 120_000)]
    public async Task What_is_dropped_is_gone_and_what_is_not_meant_stays()
    {
        await using TestBroker broker = await WithNotifierAsync();
        Transition[] transitions = [.. SampleTransitions.Bricks(2000, 7)];
        await ParkAsync(broker, transitions);

        (await Queues(broker).DropAsync(transitions[1].Id, progress: null, _cancelled)).ShouldBe(1);
        (await Queues(broker).ReadAsync(3, _cancelled).Select(m => m.Id).ToArrayAsync(_cancelled)).ShouldBe([transitions[0].Id, transitions[2].Id, transitions[3].Id]);
        (await Queues(broker).DropAsync(id: null, progress: null, _cancelled)).ShouldBe(1999);

        (await broker.DrainAsync(Error, _cancelled)).ShouldBeEmpty();
        (await broker.Channel.MessageCountAsync(Queue, _cancelled)).ShouldBe(0u);
    }

    [Fact(Timeout = 60_000)]
    public async Task Without_the_queue_to_send_back_to_a_retry_fails_and_everything_stays()
    {
        await using TestBroker broker = await WithNotifierAsync();
        await ParkAsync(broker, SampleTransitions.Bricks(5, 5));
        await broker.Channel.QueueDeleteAsync(Queue, cancellationToken: _cancelled);

        PublishException unroutable = await Should.ThrowAsync<PublishException>(() => Queues(broker).RetryAsync(id: null, progress: null, _cancelled));

        unroutable.IsReturn.ShouldBeTrue();
        (await Queues(broker).ReadAsync(10, _cancelled).CountAsync(_cancelled)).ShouldBe(5);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_error_queue_that_nobody_declared_is_told_apart_from_an_empty_one()
    {
        await using TestBroker broker = await WithNotifierAsync();

        (await Queues(broker).CountAsync(_cancelled)).ShouldBe(0u);
        (await new ErrorQueue(broker.Connection, "glusterbus.notify.nobody", TimeProvider.System).CountAsync(_cancelled)).ShouldBeNull();
    }

    [Theory(Timeout = 60_000)]
    [InlineData("{\"cluster\":\"lab\",\"node\":\"n1\",\"batches\":\"not yet known\"}", "lab")]
    [InlineData("{ nonsense", null)]
    [InlineData("[]", null)]
    public async Task What_routers_parked_goes_back_to_the_partition_of_its_cluster(string body, string? cluster)
    {
        await using TestBroker broker = await fixture.CleanAsync(_cancelled);
        await broker.Channel.ExchangeDeclareAsync(BrokerNames.Observations, ExchangeType.Topic, durable: true, cancellationToken: _cancelled);
        for (int partition = 0; partition < 8; partition++)
        {
            await broker.Channel.QueueDeclareAsync(BrokerNames.PartitionQueue(partition), durable: true, exclusive: false, autoDelete: false, cancellationToken: _cancelled);
            await broker.Channel.QueueBindAsync(BrokerNames.PartitionQueue(partition), BrokerNames.Observations, BrokerNames.PartitionKey(partition), cancellationToken: _cancelled);
        }

        await BrokerTopology.DeclareErrorQueueAsync(broker.Channel, BrokerNames.RejectedObservations, _cancelled);
        var properties = new BasicProperties { Headers = new Dictionary<string, object?> { [BrokerNames.ReasonHeader] = "not an observation message" } };
        await broker.Channel.BasicPublishAsync("", BrokerNames.RejectedObservations, mandatory: true, properties, Encoding.UTF8.GetBytes(body), _cancelled);

        long sent = await new ErrorQueue(broker.Connection, BrokerNames.Observations, TimeProvider.System) { Partitions = 8 }.RetryAsync(id: null, progress: null, _cancelled);

        sent.ShouldBe(1);
        int expected = cluster is null ? 0 : BrokerNames.PartitionOf(cluster, 8);
        Encoding.UTF8.GetString((await broker.DrainAsync(BrokerNames.PartitionQueue(expected), _cancelled)).ShouldHaveSingleItem().Body.Span).ShouldBe(body);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_was_parked_compressed_is_shown_readable_and_goes_back_as_it_was()
    {
        await using TestBroker broker = await fixture.CleanAsync(_cancelled);
        string text = $$"""{"cluster":"prod","node":"gl1","batches":[],"padding":"{{new string('x', 5000)}}"}""";
        byte[] body = CompressedBody.Compress(Encoding.UTF8.GetBytes(text), new MemoryStream()).ToArray();
        string partition = BrokerNames.PartitionQueue(BrokerNames.PartitionOf("prod", 8));
        await broker.Channel.ExchangeDeclareAsync(BrokerNames.Observations, ExchangeType.Topic, durable: true, cancellationToken: _cancelled);
        await broker.Channel.QueueDeclareAsync(partition, durable: true, exclusive: false, autoDelete: false, cancellationToken: _cancelled);
        await broker.Channel.QueueBindAsync(partition, BrokerNames.Observations, BrokerNames.PartitionKey(BrokerNames.PartitionOf("prod", 8)), cancellationToken: _cancelled);
        await BrokerTopology.DeclareErrorQueueAsync(broker.Channel, BrokerNames.RejectedObservations, _cancelled);
        await broker.Channel.BasicPublishAsync("", BrokerNames.RejectedObservations, mandatory: true, new BasicProperties { ContentEncoding = CompressedBody.Encoding }, body, _cancelled);
        var errors = new ErrorQueue(broker.Connection, BrokerNames.Observations, TimeProvider.System) { Partitions = 8 };

        (await errors.ReadAsync(10, _cancelled).SingleAsync(_cancelled)).BodyText.ShouldBe(text);
        (await errors.RetryAsync(id: null, progress: null, _cancelled)).ShouldBe(1);

        BasicDeliverEventArgs returned = (await broker.DrainAsync(partition, _cancelled)).ShouldHaveSingleItem();
        returned.Body.ToArray().ShouldBe(body);
        returned.BasicProperties.ContentEncoding.ShouldBe(CompressedBody.Encoding);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_account_of_notifiers_is_enough()
    {
        await using TestBroker broker = await WithNotifierAsync();
        await ParkAsync(broker, SampleTransitions.Bricks(3, 3));
        await using IConnection connection = await BrokerConnection.OpenAsync(await broker.AccountAsync("dlq-least", BrokerPermissions.Notifier, _cancelled), "test", _cancelled);
        var errors = new ErrorQueue(connection, Queue, TimeProvider.System);

        (await errors.ReadAsync(10, _cancelled).CountAsync(_cancelled)).ShouldBe(3);
        (await errors.DropAsync(SampleTransitions.Bricks(1, 3).First().Id, null, _cancelled)).ShouldBe(1);
        (await errors.RetryAsync(null, null, _cancelled)).ShouldBe(2);
    }

    private static ErrorQueue Queues(TestBroker broker) => new(broker.Connection, Queue, TimeProvider.System);

    /// <summary>A virtual host in which the notifier has run once.</summary>
    private async Task<TestBroker> WithNotifierAsync()
    {
        TestBroker broker = await fixture.CleanAsync(_cancelled);
        await using BrokerDeliveryQueues queues = BrokerDeliveryQueues.Start(
            broker.Options, new Dictionary<string, TransitionFilter> { ["ops"] = TransitionFilter.All }, "notify test", TimeProvider.System, NullLoggerFactory.Instance);
        await queues.OpenAsync("ops", _cancelled);
        return broker;
    }

    /// <summary>Parks as a notifier does.</summary>
    private async Task ParkAsync(TestBroker broker, IEnumerable<Transition> transitions)
    {
        int number = 0;
        foreach (Transition[] some in transitions.Chunk(100))
        {
            await Task.WhenAll(some.Select(transition => broker.Channel.BasicPublishAsync(
                Error,
                ChannelKey.Of(transition),
                mandatory: true,
                new BasicProperties
                {
                    Persistent = true,
                    ContentType = TransitionJson.ContentType,
                    MessageId = transition.Id,
                    Headers = new Dictionary<string, object?>
                    {
                        [BrokerNames.ReasonHeader] = string.Create(CultureInfo.InvariantCulture, $"reason {number++}"),
                        [BrokerNames.ParkedAtHeader] = "2026-11-22T09:16:40Z",
                        [BrokerNames.DeliveriesHeader] = 3L,
                    },
                },
                TransitionJson.Write(transition),
                _cancelled).AsTask()));
        }
    }

    private sealed class Listening(List<long> heard) : IProgress<long>
    {
        public void Report(long value) => heard.Add(value);
    }
}
