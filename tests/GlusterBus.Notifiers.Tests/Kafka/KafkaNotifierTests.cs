using System.Text;
using Confluent.Kafka;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Notifiers.Kafka;
using GlusterBus.Notifiers.Kafka.Writing;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;

namespace GlusterBus.Notifiers.Tests.Kafka;

/// <summary>The notifier on brokers: librdkafka's mock, or real ones (see <see cref="KafkaPlace"/>).</summary>
public sealed class KafkaNotifierTests : IAsyncDisposable
{
    private readonly KafkaPlace _kafka = KafkaPlace.Open();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private KafkaOptions Options => new() { Brokers = _kafka.Brokers, Topic = _kafka.Topic, StateTopic = _kafka.StateTopic, Partitions = 3, Timeout = TimeSpan.FromSeconds(10) };

    public ValueTask DisposeAsync() => _kafka.DisposeAsync();

    private static Delivery Of(Transition t) => new(t, TransitionJson.Write(t), 1);

    [Fact(Timeout = 60_000)]
    public async Task A_batch_is_taken_when_Kafka_has_all_of_it_in_order_with_its_times()
    {
        Delivery[] deliveries = [.. SampleTransitions.Bricks(500, 7).Select((t, i) => Of(t with { Time = t.Time.AddMilliseconds(i) }))];
        await using var notifier = new KafkaNotifier(Options);

        (await notifier.GatherAsync(deliveries, isFull: true, Token)).ShouldBe(new Gathered(500));

        IReadOnlyList<ConsumeResult<byte[], byte[]?>> found = _kafka.Read(_kafka.Topic);
        found.Count.ShouldBe(500);
        foreach (IGrouping<string, Delivery> entity in deliveries.GroupBy(d => d.Transition.Entity.Value))
        {
            ConsumeResult<byte[], byte[]?>[] records = [.. found.Where(f => Encoding.UTF8.GetString(f.Message.Key) == "lab/" + entity.Key)];
            records.Select(r => Encoding.UTF8.GetString(r.Message.Value!)).ShouldBe(entity.Select(d => Encoding.UTF8.GetString(d.Json.Span)));
            records.Select(r => r.Message.Timestamp.UnixTimestampMs).ShouldBe(entity.Select(d => d.Transition.Time.ToUnixTimeMilliseconds()));
            records.Select(r => r.Partition.Value).Distinct().ShouldBe([KafkaKeys.Partition(records[0].Message.Key, 3)], "where the search for one entity will look");
            records.ShouldAllBe(r => Encoding.UTF8.GetString(r.Message.Headers.GetLastBytes("content-type")) == "application/cloudevents+json");
        }

        _kafka.Read(_kafka.StateTopic).Select(f => TransitionJson.Parse(f.Message.Value).Id).Order()
            .ShouldBe(deliveries.GroupBy(d => d.Transition.Entity).Select(e => e.Last().Transition.Id).Order());
    }

    [Fact(Timeout = 60_000)]
    public async Task While_the_brokers_are_away_nothing_is_taken_and_afterwards_all_is_there_once_and_in_order()
    {
        Assert.SkipWhen(_kafka.Mock is null, "real brokers are not taken down");
        await using var notifier = new KafkaNotifier(Options with { Timeout = TimeSpan.FromSeconds(1) });
        await notifier.NotifyAsync(Of(SampleTransitions.Brick(1)), Token);
        _kafka.Mock!.Down();

        DeliveryFailedException failure = await Should.ThrowAsync<DeliveryFailedException>(() => notifier.GatherAsync([Of(SampleTransitions.Brick(2)), Of(SampleTransitions.Brick(3))], true, Token));

        failure.Kind.ShouldBeOneOf(FailureKind.Refused, FailureKind.Timeout);
        failure.Message.ShouldStartWith($"Kafka at {_kafka.Brokers[0]} did not ");
        _kafka.Mock.Up();
        int taken = 0;
        while (taken == 0)
        {
            try
            {
                taken = (await notifier.GatherAsync([Of(SampleTransitions.Brick(2)), Of(SampleTransitions.Brick(3))], true, Token)).Taken;
            }
            catch (DeliveryFailedException)
            {
                // It takes the client a moment to find them again: the tier would try again, too.
            }
        }

        taken.ShouldBe(2);
        _kafka.Read(_kafka.Topic).Select(f => TransitionJson.Parse(f.Message.Value).Sequence).ShouldBe([1, 2, 3]);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_brokers_ask_to_be_sent_again_is_sent_again_by_the_client_and_stored_once()
    {
        Assert.SkipWhen(_kafka.Mock is null, "real brokers fail as they please");
        await using var notifier = new KafkaNotifier(Options);
        _kafka.Mock!.Fail(KafkaMock.Produce, (int)ErrorCode.NotLeaderForPartition, (int)ErrorCode.RequestTimedOut, (int)ErrorCode.NotEnoughReplicas);

        (await notifier.GatherAsync([.. SampleTransitions.Bricks(20, 1).Select(Of)], true, Token)).Taken.ShouldBe(20);

        _kafka.Read(_kafka.Topic).Select(f => TransitionJson.Parse(f.Message.Value).Sequence).ShouldBe(Enumerable.Range(1, 20).Select(i => (long)i));
    }

    [Fact(Timeout = 60_000)]
    public async Task What_is_too_large_for_Kafka_is_parked_alone()
    {
        Transition huge = SampleTransitions.Brick(2) with { Attributes = new Dictionary<string, string> { ["x"] = new string('x', KafkaWriter.MaximumBytes) } };
        Delivery[] deliveries = [Of(SampleTransitions.Brick(1)), Of(huge), Of(SampleTransitions.Brick(3))];
        await using var notifier = new KafkaNotifier(Options);

        (await notifier.GatherAsync(deliveries, true, Token)).ShouldBe(new Gathered(1));
        Gathered refused = await notifier.GatherAsync(deliveries[1..], true, Token);
        refused.Taken.ShouldBe(1);
        refused.Rejection!.ShouldContain("size");
        (await notifier.GatherAsync(deliveries[2..], true, Token)).ShouldBe(new Gathered(1));
        (await Should.ThrowAsync<DeliveryRejectedException>(() => notifier.NotifyAsync(deliveries[1], Token))).Message.ShouldContain("size");
    }

    [Fact(Timeout = 60_000)]
    public async Task What_brokers_refuse_for_want_of_rights_is_told_apart_and_tried_again()
    {
        Assert.SkipWhen(_kafka.Mock is null, "real brokers know their accounts");
        await using var notifier = new KafkaNotifier(Options);
        _kafka.Mock!.Fail(KafkaMock.Produce, (int)ErrorCode.TopicAuthorizationFailed);

        DeliveryFailedException failure = await Should.ThrowAsync<DeliveryFailedException>(() => notifier.NotifyAsync(Of(SampleTransitions.Brick(1)), Token));

        (failure.Kind, FailureKinds.Of(failure).Name()).ShouldBe((FailureKind.Denied, "denied"));
        await notifier.NotifyAsync(Of(SampleTransitions.Brick(1)), Token);
        _kafka.Read(_kafka.Topic).Select(f => TransitionJson.Parse(f.Message.Value).Sequence).Distinct().ShouldBe([1]);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_cancelled_delivery_ends_although_no_broker_answers()
    {
        int port = FreePorts.Take(1)[0];
        await using var notifier = new KafkaNotifier(Options with { Brokers = [$"127.0.0.1:{port}"] });
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Should.ThrowAsync<OperationCanceledException>(() => notifier.NotifyAsync(Of(SampleTransitions.Brick(1)), stop.Token));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_certificate_that_nobody_vouches_for_is_told_as_such()
    {
        // Whoever answers there, the handshake comes first.
        await using WebhookReceiver stranger = await WebhookReceiver.StartAsync(https: true);
        await using var notifier = new KafkaNotifier(Options with
        {
            Brokers = [$"127.0.0.1:{stranger.Url.Port}"],
            Timeout = TimeSpan.FromSeconds(3),
            Tls = new TlsOptions { Enabled = true },
        });

        CheckResult found = (await notifier.CheckAsync(Token)).ShouldHaveSingleItem();

        found.Problem.ShouldNotBeNull().ShouldContain("certificate verify failed");
        found.Remedy.ShouldNotBeNull().ShouldContain("tls.caFile");
    }

    [Fact(Timeout = 60_000)]
    public async Task The_check_names_the_topics_and_what_does_not_fit()
    {
        if (_kafka.Mock is null)
        {
            await using var first = new KafkaNotifier(Options);
            await first.NotifyAsync(Of(SampleTransitions.Brick(1)), Token);
        }

        await using var notifier = new KafkaNotifier(Options);
        (await notifier.CheckAsync(Token)).Select(r => (r.Subject, r.Problem)).ShouldBe([
            ($"Kafka {_kafka.Brokers[0]}", null),
            ($"Kafka {_kafka.Brokers[0]}: topic {_kafka.Topic}, 3 partitions", null),
            ($"Kafka {_kafka.Brokers[0]}: topic {_kafka.StateTopic}, 3 partitions", null)]);

        await using var other = new KafkaNotifier(Options with { Partitions = 4, StateTopic = "glusterbus-nowhere", CreateTopics = false });
        IReadOnlyList<CheckResult> found = await other.CheckAsync(Token);
        found[1].ShouldSatisfyAllConditions(r => r.Problem.ShouldBe("it has 3 partitions, the configuration says 4"), r => r.Remedy!.ShouldStartWith("set \"partitions\": 3;"), r => r.IsWarning.ShouldBeTrue());
        found[2].Problem.ShouldBe("it is not there, and createTopics is false");
        (await Should.ThrowAsync<DeliveryFailedException>(() => other.NotifyAsync(Of(SampleTransitions.Brick(1)), Token))).Message.ShouldEndWith("has no topic glusterbus-nowhere, and createTopics is false");
    }

    [Fact(Timeout = 60_000)]
    public async Task The_check_of_brokers_that_do_not_answer_is_a_warning_that_names_them()
    {
        int port = FreePorts.Take(1)[0];
        await using var notifier = new KafkaNotifier(new KafkaOptions { Brokers = [$"127.0.0.1:{port}"], Timeout = TimeSpan.FromSeconds(1), User = "u", Password = "hunter2-secret", Mechanism = "scram-sha-256" });

        CheckResult result = (await notifier.CheckAsync(Token)).ShouldHaveSingleItem();

        result.Problem!.ShouldStartWith($"Kafka at 127.0.0.1:{port} did not ");
        result.ShouldSatisfyAllConditions(r => r.IsWarning.ShouldBeTrue(), r => r.Remedy.ShouldBe("check that the brokers run and that brokers names host and port"));
        (result.Problem + result.Remedy).ShouldNotContain("hunter2");
    }

    [Theory]
    [InlineData(ErrorCode.Local_MsgTimedOut, null, FailureKind.Timeout)]
    [InlineData(ErrorCode.Local_MsgTimedOut, ErrorCode.Local_Transport, FailureKind.Refused)]
    [InlineData(ErrorCode.Local_MsgTimedOut, ErrorCode.Local_Resolve, FailureKind.Dns)]
    [InlineData(ErrorCode.Local_TimedOut, ErrorCode.Local_Ssl, FailureKind.Tls)]
    [InlineData(ErrorCode.Local_MsgTimedOut, ErrorCode.Local_Authentication, FailureKind.Denied)]
    [InlineData(ErrorCode.Local_Transport, ErrorCode.Local_Ssl, FailureKind.Tls)]
    [InlineData(ErrorCode.Local_AllBrokersDown, ErrorCode.Local_Authentication, FailureKind.Denied)]
    [InlineData(ErrorCode.Local_Transport, null, FailureKind.Refused)]
    [InlineData(ErrorCode.TopicAuthorizationFailed, null, FailureKind.Denied)]
    [InlineData(ErrorCode.NotEnoughReplicas, null, FailureKind.Refused)]
    [InlineData(ErrorCode.UnknownTopicOrPart, null, FailureKind.Other)]
    public void A_failure_is_classified_by_what_the_client_knows_best(ErrorCode code, ErrorCode? connection, FailureKind kind)
    {
        var options = new KafkaOptions { Brokers = ["k1"], User = "me", Password = "hunter2-secret" };

        DeliveryFailedException failure = KafkaFault.Of(new Error(code), connection is { } c ? new Error(c, "sasl says hunter2-secret" is var said && c == ErrorCode.Local_Authentication ? said : "x") : null, options);

        failure.Kind.ShouldBe(kind);
        failure.Message.ShouldStartWith("Kafka at k1:9092 ");
        failure.Message.ShouldNotContain("hunter2");
    }

    [Theory]
    [InlineData("ssl://k1:9092/bootstrap: ssl/statem/statem_clnt.c:2091:tls_post_process_server_certificate: error:0A000086:SSL routines::certificate verify failed (after 61ms in state SSL_HANDSHAKE)", FailureKind.Tls)]
    [InlineData("ssl://k1:9092/bootstrap: Connect to ipv4#10.0.0.1:9092 failed: Connection refused (after 0ms in state CONNECT)", FailureKind.Refused)]
    [InlineData("sasl_ssl://k1:9092/bootstrap: SASL authentication error: SaslAuthenticateRequest failed: Local: Broker transport failure (after 0ms in state DOWN)", FailureKind.Denied)]
    public void A_handshake_or_login_that_fails_while_connecting_has_the_code_of_any_failure_to_connect(string reason, FailureKind kind) =>
        KafkaFault.Of(new Error(ErrorCode.Local_TimedOut), new Error(ErrorCode.Local_Transport, reason), new KafkaOptions { Brokers = ["k1"] }).Kind.ShouldBe(kind);
}
