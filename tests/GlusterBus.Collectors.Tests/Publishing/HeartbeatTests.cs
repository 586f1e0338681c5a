using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;

namespace GlusterBus.Collectors.Tests.Publishing;

/// <summary>Signs of life and their answers, over a real broker.</summary>
public sealed class HeartbeatTests(BrokerFixture fixture) : IClassFixture<BrokerFixture>, IAsyncLifetime
{
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(60));
    private readonly TemporaryFolder _folder = new();
    private RabbitMqOptions _options = null!;
    private TestRouter _router = null!;

    private CancellationToken Cancelled => _patience.Token;

    public async ValueTask InitializeAsync()
    {
        _options = await fixture.HostAsync(Cancelled);
        _router = await TestRouter.StartAsync(_options, Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        await _router.DisposeAsync();
        _folder.Dispose();
        _patience.Dispose();
    }

    [Fact]
    public async Task The_first_message_is_a_sign_of_life_and_the_generation_in_the_answer_is_in_all_that_follow_also_after_a_restart()
    {
        await using (Publisher publisher = Publisher.Start(_options, _folder.Path))
        {
            Arrival first = await _router.NextAsync(Cancelled);
            first.Message.Heartbeat.ShouldNotBeNull().HasLooked.ShouldBeFalse();
            first.Message.Generation.ShouldBeNull();
            first.Message.Batches.ShouldBeEmpty();
            first.Properties.ReplyTo.ShouldStartWith("amq.rabbitmq.reply-to");

            // The answer and the next message cross each other: asked until it is there.
            ObservationMessage message;
            int number = 0;
            do
            {
                await publisher.Sink.PublishAsync(Batches.Log(++number), Cancelled);
                message = await _router.NextBatchesAsync(Cancelled);
            }
            while (message.Generation is null);

            message.Generation.ShouldBe("g1");
        }

        await using Publisher again = Publisher.Start(_options, _folder.Path);
        (await _router.NextHeartbeatAsync(Cancelled)).Generation.ShouldBe("g1");
    }

    [Fact]
    public async Task What_a_router_told_of_the_clock_is_brought_along_until_the_clock_is_set()
    {
        var clock = new FakeClock();
        int number = 0;
        _router.Reply = message => new HeartbeatReply("g1", WantsLook: false) { ClockBehind = message.ClockBehind is null ? TimeSpan.FromMilliseconds(12.5) : null };
        await using (Publisher publisher = Publisher.Start(_options, _folder.Path, clock))
        {
            (await _router.NextAsync(Cancelled)).Message.ClockBehind.ShouldBeNull();
            (await ToldAsync(publisher)).ShouldBe(TimeSpan.FromMilliseconds(12.5));

            // A router that does not know takes nothing away, and neither does time.
            clock.Advance(Heartbeat.Interval);
            (await ToldAsync(publisher)).ShouldBe(TimeSpan.FromMilliseconds(12.5));
        }

        await using (Publisher again = Publisher.Start(_options, _folder.Path, clock))
        {
            (await _router.NextHeartbeatAsync(Cancelled)).ClockBehind.ShouldBe(TimeSpan.FromMilliseconds(12.5), "the process is another one, the clock is not");

            clock.Set(TimeSpan.FromMilliseconds(-20));
            await again.Sink.PublishAsync(Batches.Log(++number), Cancelled);
            (await _router.NextBatchesAsync(Cancelled)).ClockBehind.ShouldBeNull();
        }

        string kept = await File.ReadAllTextAsync(_folder.File("generation"), Cancelled);
        await File.WriteAllTextAsync(_folder.File("generation"), kept.Replace("\"boot\":\"", "\"boot\":\"not-", StringComparison.Ordinal), Cancelled);
        clock.Set(TimeSpan.FromMilliseconds(20));
        await using Publisher rebooted = Publisher.Start(_options, _folder.Path, clock);
        (await _router.NextHeartbeatAsync(Cancelled)).ClockBehind.ShouldBeNull("the machine was started anew");

        // The answer and the next message cross each other: asked until it is there.
        async Task<TimeSpan?> ToldAsync(Publisher publisher)
        {
            ObservationMessage message;
            do
            {
                await publisher.Sink.PublishAsync(Batches.Log(++number), Cancelled);
                message = await _router.NextBatchesAsync(Cancelled);
            }
            while (message.ClockBehind is null);

            return message.ClockBehind;
        }
    }

    [Fact]
    public async Task A_router_that_lacks_what_the_node_sees_makes_it_look_at_once()
    {
        _router.Reply = _ => new HeartbeatReply("g2", WantsLook: true);
        await using Publisher publisher = Publisher.Start(_options, _folder.Path);

        (await publisher.LookRequestedAsync(Cancelled)).ShouldBe(TimeSpan.Zero);
        await publisher.Sink.PublishAsync(Batches.Look(1), Cancelled);
        (await _router.NextBatchesAsync(Cancelled)).Batches.ShouldHaveSingleItem().Snapshot.ShouldNotBeNull();
    }

    [Fact]
    public async Task Signs_of_life_come_at_their_interval_and_tell_when_a_look_was_published()
    {
        var clock = new FakeClock();
        await using Publisher publisher = Publisher.Start(_options, _folder.Path, clock);
        ObservationMessage first = await _router.NextHeartbeatAsync(Cancelled);
        first.Heartbeat!.SentAt.ShouldBe(clock.GetUtcNow());

        await publisher.UntilAsync(isConnected: true, Cancelled);
        (await BeatAsync()).ShouldBe(new Heartbeat(clock.GetUtcNow(), HasLooked: false));

        await publisher.Sink.PublishAsync(Batches.Look(2), Cancelled);
        (await BeatAsync()).ShouldBe(new Heartbeat(clock.GetUtcNow(), HasLooked: true));

        async Task<Heartbeat> BeatAsync()
        {
            clock.Advance(Heartbeat.Interval);

            // Makes the loop look at the clock, should it just have been about to wait for it.
            await publisher.Sink.PublishAsync(Batches.Log(1), Cancelled);
            return (await _router.NextHeartbeatAsync(Cancelled)).Heartbeat!;
        }
    }

    [Fact]
    public async Task Signs_of_life_do_not_wait_behind_a_long_spool()
    {
        const int count = 400;
        await using (Publisher before = Publisher.Start(_options with { Hosts = ["127.0.0.1:1"] }, _folder.Path, spoolMegabytes: 100))
        {
            for (int i = 1; i <= count; i++)
            {
                await before.Sink.PublishAsync(Batches.Datagrams(i, 400), Cancelled);
            }
        }

        // An interval of 50 ms: many of them pass during the drain.
        await using Publisher publisher = Publisher.Start(_options, _folder.Path, new HurriedClock(100), spoolMegabytes: 100);
        var numbers = new List<int>();
        int heartbeats = 0;
        while (numbers.Count < count)
        {
            ObservationMessage message = (await _router.NextAsync(Cancelled)).Message;
            heartbeats += message.Heartbeat is null ? 0 : 1;
            numbers.AddRange(message.Batches.Select(Batches.Number));
        }

        numbers.ShouldBe(Enumerable.Range(1, count));
        heartbeats.ShouldBeGreaterThan(2);
    }

    [Fact]
    public async Task A_reconnect_begins_with_a_sign_of_life_and_asks_for_a_fresh_look()
    {
        await using TcpProxy proxy = TcpProxy.Start(fixture.Broker.Port);
        await using Publisher publisher = Publisher.Start(
            _options with { Hosts = [string.Create(System.Globalization.CultureInfo.InvariantCulture, $"127.0.0.1:{proxy.Port}")] }, _folder.Path);
        await _router.NextHeartbeatAsync(Cancelled);
        await publisher.UntilAsync(isConnected: true, Cancelled);

        proxy.Reset();

        await _router.NextHeartbeatAsync(Cancelled);
        (await publisher.LookRequestedAsync(Cancelled)).ShouldBe(TimeSpan.Zero);
    }
}
