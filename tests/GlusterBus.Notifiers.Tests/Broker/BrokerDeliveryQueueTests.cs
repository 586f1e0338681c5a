using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Contracts.Topology;
using GlusterBus.Notifiers.Broker;
using GlusterBus.Notifiers.Tests.Deliveries;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Telemetry;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace GlusterBus.Notifiers.Tests.Broker;

/// <summary>A notifier whose queue is on a real broker.</summary>
public sealed class BrokerDeliveryQueueTests(BrokerFixture fixture) : IClassFixture<BrokerFixture>
{
    private const string Queue = "glusterbus.notify.ops";

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task What_a_router_publishes_is_delivered_as_it_is_and_in_order()
    {
        await using TestBroker broker = await fixture.CleanAsync(_cancelled);
        var notifier = new ScriptedNotifier();
        await using RunningNotifier running = await RunningNotifier.Start(broker.Options, notifier).ReadyAsync(_cancelled);
        Transition[] transitions = [.. SampleTransitions.Bricks(100, 5)];

        await broker.PublishAsync(transitions, _cancelled);
        await Until.TrueAsync(() => notifier.Delivered.Count == 100, _cancelled);

        notifier.Ids.ShouldBeInOrder(transitions.Select(t => t.Id));
        notifier.Delivered.Select(d => Encoding.UTF8.GetString(d.Json.Span)).ShouldBe(transitions.Select(t => Encoding.UTF8.GetString(TransitionJson.Write(t))));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_plain_stop_repeats_nothing_and_loses_nothing()
    {
        await using TestBroker broker = await fixture.CleanAsync(_cancelled);
        Transition[] transitions = [.. SampleTransitions.Bricks(3000, 5)];
        var first = new ScriptedNotifier((d, ct) => d.Transition.Id == transitions[1500].Id ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct) : Task.CompletedTask);
        var second = new ScriptedNotifier();
        await using (RunningNotifier running = await RunningNotifier.Start(broker.Options, first).ReadyAsync(_cancelled))
        {
            await broker.PublishAsync(transitions, _cancelled);
            await Until.TrueAsync(() => first.Delivered.Count == 1500, _cancelled);
        }

        await using (RunningNotifier running = RunningNotifier.Start(broker.Options, second))
        {
            await Until.TrueAsync(() => first.Delivered.Count + second.Delivered.Count >= 3000, _cancelled);
        }

        first.Ids.Concat(second.Ids).ShouldBeInOrder(transitions.Select(t => t.Id));
        (await broker.Channel.MessageCountAsync(Queue, _cancelled)).ShouldBe(0u);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_queue_opened_again_hands_out_everything_that_was_not_acknowledged_in_order()
    {
        await using TestBroker broker = await fixture.CleanAsync(_cancelled);
        await using BrokerDeliveryQueues queues = Open(broker.Options, TransitionFilter.All);
        IDeliveryQueue queue = await queues.OpenAsync("ops", _cancelled);
        await broker.PublishAsync(SampleTransitions.Bricks(600, 600), _cancelled);
        List<ArchivedTransition> received = [];
        while (received.Count < 600)
        {
            received.AddRange(await queue.ReceiveAsync(512, _cancelled));
        }

        received.Select(r => r.Position).ShouldBe(Enumerable.Range(1, 600).Select(i => (long)i));
        queue.Backlog.ShouldBeGreaterThanOrEqualTo(600);
        await queue.AcknowledgeAsync(250, _cancelled);

        IDeliveryQueue again = await queues.OpenAsync("ops", _cancelled);
        await Should.ThrowAsync<Exception>(async () => await queue.AcknowledgeAsync(300, _cancelled));
        List<ArchivedTransition> rest = [];
        while (rest.Count < 350)
        {
            rest.AddRange(await again.ReceiveAsync(512, _cancelled));
        }

        rest.Select(r => r.Transition.Id).ShouldBeInOrder(received.Skip(250).Select(r => r.Transition.Id));
    }

    [Fact(Timeout = 60_000)]
    public async Task Of_two_processes_one_receives_and_the_other_takes_over_what_it_left()
    {
        await using TestBroker broker = await fixture.CleanAsync(_cancelled);
        var seen = new ConcurrentQueue<string>();
        var activeNotifier = new ScriptedNotifier(Note(seen));
        var standbyNotifier = new ScriptedNotifier(Note(seen));
        RunningNotifier active = await RunningNotifier.Start(broker.Options, activeNotifier).ReadyAsync(_cancelled);
        await using RunningNotifier standby = await RunningNotifier.Start(broker.Options, standbyNotifier).ReadyAsync(_cancelled);
        Transition[] transitions = [.. SampleTransitions.Bricks(2000, 50)];
        Task publishing = broker.PublishAsync(transitions, _cancelled);
        await Until.TrueAsync(() => activeNotifier.Delivered.Count > 300, _cancelled);
        standbyNotifier.Delivered.ShouldBeEmpty();
        long began = TimeProvider.System.GetTimestamp();
        await active.DisposeAsync();
        await publishing;
        await Until.TrueAsync(() => seen.Distinct().Count() == 2000, _cancelled);

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        standbyNotifier.Delivered.ShouldNotBeEmpty();
        seen.Distinct().ShouldBeInOrder(transitions.Select(t => t.Id));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_rejected_transition_rests_in_the_error_queue_with_its_reason_and_holds_up_nobody()
    {
        await using TestBroker broker = await fixture.CleanAsync(_cancelled);
        var notifier = new ScriptedNotifier((d, _) => d.Transition.Sequence == 2 ? throw new DeliveryRejectedException("the ticket system says no") : Task.CompletedTask);
        await using RunningNotifier running = await RunningNotifier.Start(broker.Options, notifier).ReadyAsync(_cancelled);

        await broker.PublishAsync(SampleTransitions.Bricks(3, 1), _cancelled);
        await Until.TrueAsync(() => notifier.Delivered.Count == 2, _cancelled);

        BasicDeliverEventArgs parked = (await broker.DrainAsync(Queue + ".error", _cancelled)).ShouldHaveSingleItem();
        parked.RoutingKey.ShouldBe("lab.rv/gl2:/srv/b0.online");
        TransitionJson.Parse(parked.Body.Span).Sequence.ShouldBe(2);
        Header(parked, BrokerNames.ReasonHeader).ShouldBe("the ticket system says no");
        DateTimeOffset.Parse(Header(parked, BrokerNames.ParkedAtHeader), System.Globalization.CultureInfo.InvariantCulture).ShouldBe(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
        parked.BasicProperties.ContentType.ShouldBe("application/cloudevents+json");
        parked.BasicProperties.Persistent.ShouldBeTrue();
    }

    [Fact(Timeout = 60_000)]
    public async Task A_body_that_is_no_event_of_ours_is_parked_and_holds_up_nobody()
    {
        await using TestBroker broker = await fixture.CleanAsync(_cancelled);
        var notifier = new ScriptedNotifier();
        await using RunningNotifier running = await RunningNotifier.Start(broker.Options, notifier).ReadyAsync(_cancelled);

        await broker.Channel.BasicPublishAsync("glusterbus.brick", "lab.x.y", mandatory: true, new BasicProperties(), "{ nonsense"u8.ToArray(), _cancelled);
        await broker.PublishAsync(SampleTransitions.Bricks(1, 1), _cancelled);
        await Until.TrueAsync(() => notifier.Delivered.Count == 1, _cancelled);

        BasicDeliverEventArgs parked = (await broker.DrainAsync(Queue + ".error", _cancelled)).ShouldHaveSingleItem();
        Encoding.UTF8.GetString(parked.Body.Span).ShouldBe("{ nonsense");
        Header(parked, BrokerNames.ReasonHeader).ShouldStartWith("not a GlusterBus transition: ");
    }

    [Fact(Timeout = 120_000)]
    public async Task What_ends_the_process_again_and_again_is_parked_and_its_neighbours_are_delivered_in_order()
    {
        await using TestBroker broker = await fixture.CleanAsync(_cancelled);
        await using (BrokerDeliveryQueues queues = Open(broker.Options, TransitionFilter.All))
        {
            await queues.OpenAsync("ops", _cancelled);
        }

        Transition[] transitions = [.. SampleTransitions.Bricks(8, 4)];
        string poison = transitions[3].Id;
        await broker.PublishAsync(transitions, _cancelled);
        List<string> delivered = [];
        int lives = 0;
        for (bool hasEnded = true; hasEnded; lives++)
        {
            // Each turn is the life of a process.
            await using BrokerDeliveryQueues queues = Open(broker.Options, TransitionFilter.All);
            IDeliveryQueue queue = await queues.OpenAsync("ops", _cancelled);
            hasEnded = false;
            while (!hasEnded && delivered.Count < 7)
            {
                foreach (ArchivedTransition transition in await queue.ReceiveAsync(512, _cancelled))
                {
                    if (transition.Transition.Id == poison)
                    {
                        hasEnded = true;
                        break;
                    }

                    delivered.Add(transition.Transition.Id);
                    await queue.AcknowledgeAsync(transition.Position, _cancelled);
                }
            }
        }

        lives.ShouldBe(16);
        delivered.ShouldBe(transitions.Select(t => t.Id).Where(id => id != poison));
        ParkedMessage parked = await new ErrorQueue(broker.Connection, Queue, TimeProvider.System).ReadAsync(10, _cancelled).SingleAsync(_cancelled);
        (parked.Id, parked.Reason, parked.Deliveries).ShouldBe((poison, "delivered 15 times without an answer", 16));
    }

    [Fact(Timeout = 120_000)]
    public async Task What_was_handed_out_twenty_times_without_an_answer_is_parked_by_the_broker()
    {
        await using TestBroker broker = await fixture.CleanAsync(_cancelled);
        var log = new RecordingLogger();
        await using BrokerDeliveryQueues queues = BrokerDeliveryQueues.Start(broker.Options, new Dictionary<string, TransitionFilter> { ["ops"] = TransitionFilter.All }, "notify test", TimeProvider.System, log);
        IDeliveryQueue queue = await queues.OpenAsync("ops", _cancelled);
        await broker.PublishAsync([SampleTransitions.Brick()], _cancelled);
        for (int i = 0; i <= 20; i++)
        {
            (await queue.ReceiveAsync(512, _cancelled)).Count.ShouldBe(1);
            queue = await queues.OpenAsync("ops", _cancelled);
        }

        var errors = new ErrorQueue(broker.Connection, Queue, TimeProvider.System);
        await Until.TrueAsync(async () => await errors.CountAsync(_cancelled) == 1, _cancelled);
        ParkedMessage parked = await errors.ReadAsync(10, _cancelled).SingleAsync(_cancelled);
        (parked.Id, parked.Reason, parked.Deliveries).ShouldBe((SampleTransitions.Brick().Id, "delivered 20 times without an answer", 20));
        parked.ParkedAt.ShouldNotBeNull().ShouldBe(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(2));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_binding_that_the_configuration_wants_no_more_is_gone_after_the_next_start()
    {
        await using TestBroker broker = await fixture.CleanAsync(_cancelled);
        await using (BrokerDeliveryQueues before = Open(broker.Options, new TransitionFilter { Clusters = ["lab"], Channels = ["brick"] }))
        {
            await before.OpenAsync("ops", _cancelled);
        }

        await using (BrokerDeliveryQueues after = Open(broker.Options, new TransitionFilter { Entities = ["volume/gv0"] }))
        {
            await after.OpenAsync("ops", _cancelled);
        }

        await broker.PublishAsync([SampleTransitions.Brick(), Volume("gv0"), Volume("gv1")], _cancelled);

        (await broker.DrainAsync(Queue, _cancelled)).Select(m => m.RoutingKey).ShouldBe(["lab.gv0.started"]);
        (await broker.DrainAsync(Queue + ".bindings", _cancelled)).Count.ShouldBe(1);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_delivery_is_a_part_of_the_trace_that_the_message_came_with()
    {
        await using TestBroker broker = await fixture.CleanAsync(_cancelled);
        var ended = new TaskCompletionSource<Activity>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Parent.TraceId.ToHexString().StartsWith("0af7", StringComparison.Ordinal) ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = activity => ended.TrySetResult(activity),
        };
        ActivitySource.AddActivityListener(listener);
        string? current = null;
        var notifier = new ScriptedNotifier((_, _) =>
        {
            current = Activity.Current?.Id;
            return Task.CompletedTask;
        });
        await using RunningNotifier running = await RunningNotifier.Start(broker.Options, notifier).ReadyAsync(_cancelled);

        await broker.PublishAsync([SampleTransitions.Brick()], _cancelled, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        Activity delivery = await ended.Task.WaitAsync(_cancelled);

        (delivery.OperationName, delivery.TraceId.ToHexString(), delivery.ParentSpanId.ToHexString()).ShouldBe(("deliver", "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"));
        current.ShouldBe(delivery.Id);
        delivery.GetTagItem("glusterbus.notifier").ShouldBe("ops");
    }

    private static BrokerDeliveryQueues Open(RabbitMqOptions options, TransitionFilter filter) =>
        BrokerDeliveryQueues.Start(options, new Dictionary<string, TransitionFilter> { ["ops"] = filter }, "notify test", TimeProvider.System, NullLoggerFactory.Instance);

    private static Transition Volume(string name) => SampleTransitions.Brick() with { Entity = Contracts.Entities.EntityId.Volume(name), Change = "started", Current = "started" };

    private static string Header(BasicDeliverEventArgs message, string name) => Encoding.UTF8.GetString((byte[])message.BasicProperties.Headers![name]!);

    private static Func<Delivery, CancellationToken, Task> Note(ConcurrentQueue<string> seen) => (delivery, _) =>
    {
        seen.Enqueue(delivery.Transition.Id);
        return Task.CompletedTask;
    };
}
