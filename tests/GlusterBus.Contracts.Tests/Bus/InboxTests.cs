using System.Globalization;
using System.Text;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace GlusterBus.Contracts.Tests.Bus;

/// <summary>One broker for the tests of this folder.</summary>
public sealed class BrokerFixture : IAsyncLifetime
{
    public RabbitMqProcess Broker { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Broker = await RabbitMqProcess.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Broker.DisposeAsync();
}

/// <summary>The receiving end against a real broker.</summary>
public sealed class InboxTests(BrokerFixture fixture) : IClassFixture<BrokerFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deliveries_come_in_the_order_of_the_queue_although_they_are_read_on_many_threads()
    {
        await using BrokerBus bus = Start("order");
        var inbox = new Inbox(message => int.Parse(Encoding.UTF8.GetString(message.Body.Span), CultureInfo.InvariantCulture));
        await bus.Receive(Queue("order"), inbox).Ready.WaitAsync(Patience, _cancelled);
        await PublishAsync("order", Enumerable.Range(0, 2000));

        foreach (int expected in Enumerable.Range(0, 2000))
        {
            InboxMessage message = await inbox.Messages.ReadAsync(_cancelled).AsTask().WaitAsync(Patience, _cancelled);
            message.Content.ShouldBe(expected);
            message.Acknowledge();
        }
    }

    [Fact]
    public async Task A_closed_session_gives_back_in_order_and_the_standby_gets_it_all()
    {
        await using BrokerBus first = Start("first");
        await using BrokerBus second = Start("second");
        var active = new Inbox();
        var standby = new Inbox();
        BrokerEndpoint endpoint = first.Receive(Queue("handover"), active);
        await endpoint.Ready.WaitAsync(Patience, _cancelled);
        await second.Receive(Queue("handover"), standby).Ready.WaitAsync(Patience, _cancelled);
        await PublishAsync("handover", Enumerable.Range(0, 40));
        List<InboxMessage> held = [];
        while (held.Count < 16)
        {
            held.Add(await active.Messages.ReadAsync(_cancelled).AsTask().WaitAsync(Patience, _cancelled));
        }

        standby.Messages.TryPeek(out _).ShouldBeFalse("only one consumer is active");
        await endpoint.StopAsync(_cancelled);

        held[0].Session.Ended.IsCancellationRequested.ShouldBeTrue();
        for (int i = 0; i < 40; i++)
        {
            InboxMessage message = await standby.Messages.ReadAsync(_cancelled).AsTask().WaitAsync(Patience, _cancelled);
            Encoding.UTF8.GetString(message.Body.Span).ShouldBe(i.ToString(CultureInfo.InvariantCulture));
            message.Redelivered.ShouldBe(i < 16);
            message.Acknowledge();
        }
    }

    [Fact]
    public async Task What_was_acknowledged_does_not_come_again()
    {
        await using BrokerBus bus = Start("ack");
        var inbox = new Inbox();
        BrokerEndpoint endpoint = bus.Receive(Queue("ack"), inbox);
        await endpoint.Ready.WaitAsync(Patience, _cancelled);
        await PublishAsync("ack", [1]);
        (await inbox.Messages.ReadAsync(_cancelled).AsTask().WaitAsync(Patience, _cancelled)).Acknowledge();
        await PublishAsync("ack", [2]);
        (await inbox.Messages.ReadAsync(_cancelled).AsTask().WaitAsync(Patience, _cancelled)).Body.ToArray().ShouldBe("2"u8.ToArray());
        await endpoint.StopAsync(_cancelled);

        var next = new Inbox();
        await bus.Receive(Queue("ack"), next).Ready.WaitAsync(Patience, _cancelled);
        InboxMessage again = await next.Messages.ReadAsync(_cancelled).AsTask().WaitAsync(Patience, _cancelled);

        again.Body.ToArray().ShouldBe("2"u8.ToArray());
        again.Redelivered.ShouldBeTrue();
    }

    [Fact]
    public async Task A_lost_line_is_told_with_its_reason_and_another_endpoint_receives_as_soon_as_the_broker_is_back()
    {
        await using TcpProxy line = TcpProxy.Start(fixture.Broker.Port);
        RabbitMqOptions options = fixture.Broker.Options with { Hosts = [string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{line.Port}")] };
        await using BrokerBus bus = BrokerBus.Start(options, BrokerPermissions.Router, "line", NullLoggerFactory.Instance);
        BrokerEndpoint first = bus.Receive(Queue("line"), new Inbox());
        await first.Ready.WaitAsync(Patience, _cancelled);
        first.Lost.IsCompleted.ShouldBeFalse();

        line.Refuse();
        await first.Lost.WaitAsync(Patience, _cancelled);
        await first.StopAsync(_cancelled);
        BrokerEndpoint second = bus.Receive(Queue("line"), new Inbox());
        (await second.Lost.WaitAsync(Patience, _cancelled)).Message.ShouldContain($"the broker at 127.0.0.1:{line.Port}", customMessage: "the line before may be dying still, or there is none");
        await second.StopAsync(_cancelled);

        line.Accept();
        var inbox = new Inbox();
        await bus.Receive(Queue("line"), inbox).Ready.WaitAsync(Patience, _cancelled);
        await PublishAsync("line", [1]);
        (await inbox.Messages.ReadAsync(_cancelled).AsTask().WaitAsync(Patience, _cancelled)).Acknowledge();
    }

    private BrokerBus Start(string name) => BrokerBus.Start(fixture.Broker.Options, BrokerPermissions.Router, name, NullLoggerFactory.Instance);

    private static QueueDescription Queue(string name) => new($"glusterbus.test.{name}", 16, [("glusterbus.test", name)]) { IsSingleActiveConsumer = true };

    private async Task PublishAsync(string key, IEnumerable<int> numbers)
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(fixture.Broker.Options, "test", _cancelled);
        await using IChannel channel = await BrokerConnection.OpenChannelAsync(connection, 256, _cancelled);
        foreach (int number in numbers)
        {
            await channel.BasicPublishAsync("glusterbus.test", key, mandatory: true, new BasicProperties { Persistent = true },
                Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)), _cancelled);
        }
    }
}
