using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using GlusterBus.Collectors.Publishing;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Telemetry;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace GlusterBus.Collectors.Tests.Publishing;

/// <summary>The sink against a real broker, with a proxy between them that breaks the line.</summary>
public sealed class BrokerSinkTests(BrokerFixture fixture) : IClassFixture<BrokerFixture>, IAsyncLifetime
{
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(60));
    private readonly TemporaryFolder _folder = new();
    private RabbitMqOptions _direct = null!;
    private RabbitMqOptions _options = null!;
    private TcpProxy _proxy = null!;
    private TestRouter? _router;

    private CancellationToken Cancelled => _patience.Token;

    public async ValueTask InitializeAsync()
    {
        _proxy = TcpProxy.Start(fixture.Broker.Port);
        _direct = await fixture.HostAsync(Cancelled);
        _options = _direct with { Hosts = [string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_proxy.Port}")] };
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        if (_router is not null)
        {
            await _router.DisposeAsync();
        }

        _folder.Dispose();
        _patience.Dispose();
    }

    [Fact]
    public async Task A_confirmed_batch_is_in_the_partition_s_queue_as_it_was_published()
    {
        await using Publisher publisher = await ConnectedAsync();
        ObservationBatch batch = Batches.Look(1, isFirst: true, count: 600);
        await publisher.Sink.PublishAsync(batch, Cancelled);

        Arrival arrival;
        do
        {
            arrival = await _router!.NextAsync(Cancelled);
        }
        while (arrival.Message.Batches.Count == 0);

        (arrival.Message.Cluster, arrival.Message.Node, arrival.Message.Heartbeat).ShouldBe(("c", "n1", null));
        ObservationBatch same = arrival.Message.Batches.ShouldHaveSingleItem();
        same.Snapshot!.Scopes.ShouldBe(batch.Snapshot!.Scopes);
        same.Observations.Count.ShouldBe(600);
        same.Observations[599].Evidence.ShouldBe(batch.Observations[599].Evidence);
        arrival.Properties.ContentType.ShouldBe("application/json");
        arrival.Properties.Persistent.ShouldBeTrue();
        publisher.Sink.SpooledBatches.ShouldBe(0);
        AppDomain.CurrentDomain.GetAssemblies().ShouldNotContain(assembly => assembly.GetName().Name!.StartsWith("MassTransit", StringComparison.Ordinal), "a collector must stay light");
    }

    [Fact]
    public async Task What_gathers_while_a_message_is_under_way_leaves_as_one_in_order()
    {
        await using Publisher publisher = await ConnectedAsync();
        _proxy.ToClient.Close();
        Task first = publisher.Sink.PublishAsync(Batches.Log(1), Cancelled).AsTask();
        (await _router!.NextBatchesAsync(Cancelled)).Batches.Count.ShouldBe(1);
        Task[] gathered = [.. Enumerable.Range(2, 20).Select(i => publisher.Sink.PublishAsync(i % 2 == 0 ? Batches.Datagrams(i) : Batches.Log(i), Cancelled).AsTask())];
        first.IsCompleted.ShouldBeFalse("the confirm is kept back");
        _proxy.LetThrough();

        await Task.WhenAll([first, .. gathered]);
        (await _router.NextBatchesAsync(Cancelled)).Batches.Select(Batches.Number).ShouldBe(Enumerable.Range(2, 20));
    }

    [Fact]
    public async Task A_message_whose_confirm_was_lost_is_sent_again_before_anything_else()
    {
        await using Publisher publisher = await ConnectedAsync();
        _proxy.ToClient.Close();
        Task log = publisher.Sink.PublishAsync(Batches.Log(1), Cancelled).AsTask();
        Task datagrams = publisher.Sink.PublishAsync(Batches.Datagrams(2), Cancelled).AsTask();
        await _router!.NextBatchesAsync(Cancelled);

        _proxy.Refuse();
        await datagrams;
        log.IsCompleted.ShouldBeFalse();
        await publisher.Sink.PublishAsync(Batches.Datagrams(3), Cancelled);
        await Should.ThrowAsync<SnapshotSupersededException>(async () => await publisher.Sink.PublishAsync(Batches.Look(4), Cancelled));
        publisher.Sink.SpooledBatches.ShouldBe(2);
        _proxy.LetThrough();
        _proxy.Accept();

        await log;
        (await _router.NextBatchesAsync(Cancelled)).Batches.Select(Batches.Number).ShouldBe([1, 2, 3]);
        await publisher.LookRequestedAsync(Cancelled);
        await publisher.LoggedAsync("published again", Cancelled);
        publisher.Log.Lines.Count(line => line.Level == LogLevel.Warning).ShouldBe(1, "one line for the streak");
    }

    [Fact]
    public async Task A_confirm_that_does_not_come_is_a_lost_connection()
    {
        var clock = new HurriedClock(50);
        await using Publisher publisher = await ConnectedAsync(clock);
        _proxy.Swallow();
        await publisher.Sink.PublishAsync(Batches.Datagrams(1), Cancelled);

        publisher.Sink.SpooledBatches.ShouldBe(1);
        (await publisher.LoggedAsync("can't be published", Cancelled)).ShouldContain("did not answer in time");
        _proxy.Reset();
        _proxy.LetThrough();
        (await _router!.NextBatchesAsync(Cancelled)).Batches.Select(Batches.Number).ShouldBe([1]);
    }

    [Fact]
    public async Task Without_a_router_s_exchange_everything_is_kept_and_leaves_when_it_is_made()
    {
        await using Publisher publisher = Publisher.Start(_options, _folder.Path);
        await publisher.Sink.PublishAsync(Batches.Look(1, isFirst: true), Cancelled);
        await publisher.Sink.PublishAsync(Batches.Datagrams(2), Cancelled);
        Task log = publisher.Sink.PublishAsync(Batches.Log(3), Cancelled).AsTask();

        (await publisher.LoggedAsync("can't be published", Cancelled)).ShouldContain("start a router first");
        _router = await TestRouter.StartAsync(_direct, Cancelled);
        await log;

        (await _router.NextBatchesAsync(Cancelled)).Batches.Select(Batches.Number).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task A_message_that_no_queue_takes_counts_as_not_published()
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(_direct, "test", Cancelled);
        await using IChannel channel = await BrokerConnection.OpenChannelAsync(connection, 2, Cancelled);
        await TestRouter.DeclareAsync(channel, Cancelled, bind: false);
        await using Publisher publisher = Publisher.Start(_options, _folder.Path);
        Task log = publisher.Sink.PublishAsync(Batches.Log(1), Cancelled).AsTask();

        (await publisher.LoggedAsync("can't be published", Cancelled)).ShouldContain("no queue");
        log.IsCompleted.ShouldBeFalse();
        _router = await TestRouter.StartAsync(_direct, Cancelled);
        await log;
    }

    [Fact]
    public async Task A_message_that_the_broker_refuses_counts_as_not_published()
    {
        await using Publisher publisher = await ConnectedAsync();

        // A queue beside the router's that takes one message and refuses the next: so the broker says no to the publisher.
        await using IConnection connection = await BrokerConnection.OpenAsync(_direct, "test", Cancelled);
        await using IChannel channel = await BrokerConnection.OpenChannelAsync(connection, 2, Cancelled);
        await channel.QueueDeclareAsync(
            "full", durable: false, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-max-length"] = 0, ["x-overflow"] = "reject-publish" }, cancellationToken: Cancelled);
        await channel.QueueBindAsync("full", BrokerNames.Observations, "#", cancellationToken: Cancelled);
        Task log = publisher.Sink.PublishAsync(Batches.Log(1), Cancelled).AsTask();

        (await publisher.LoggedAsync("can't be published", Cancelled)).ShouldContain("could not keep");
        log.IsCompleted.ShouldBeFalse();
        await channel.QueueDeleteAsync("full", cancellationToken: Cancelled);
        await log;
    }

    [Fact]
    public async Task A_wrong_password_is_one_clear_line_without_the_password()
    {
        await fixture.Broker.ControlAsync(["add_user", "n1", "right"], Cancelled);
        await fixture.Broker.ControlAsync(["set_permissions", "-p", _options.VirtualHost, "n1", "^$", @"^glusterbus\.observations$", "^$"], Cancelled);
        _router = await TestRouter.StartAsync(_direct, Cancelled);
        await using Publisher publisher = Publisher.Start(_options with { User = "n1", Password = "wr0ng" }, _folder.Path);

        string line = await publisher.LoggedAsync("can't be published", Cancelled);
        line.ShouldContain("does not take the account 'n1' with this password");
        line.ShouldContain("rabbitmqctl change_password 'n1'");

        await fixture.Broker.ControlAsync(["change_password", "n1", "wr0ng"], Cancelled);
        await publisher.UntilAsync(isConnected: true, Cancelled);
        publisher.Log.Lines.ShouldAllBe(told => !told.Text.Contains("wr0ng", StringComparison.Ordinal) && !told.Text.Contains("   at ", StringComparison.Ordinal));
        publisher.Log.Lines.Count(told => told.Level >= LogLevel.Warning).ShouldBe(1);
    }

    [Theory]
    [InlineData("no-such-host", ".*", "has no virtual host 'no-such-host'")]
    [InlineData(null, "^$", "may not do what it must")]
    [InlineData(null, null, "may not use the virtual host")]
    public async Task What_the_account_lacks_is_one_clear_line_that_says_what_to_type(string? virtualHost, string? write, string expected)
    {
        string user = $"u{Environment.TickCount64}";
        await fixture.Broker.ControlAsync(["add_user", user, "secret"], Cancelled);
        if (write is not null)
        {
            await fixture.Broker.ControlAsync(["set_permissions", "-p", _options.VirtualHost, user, "^$", write, "^$"], Cancelled);
        }

        _router = await TestRouter.StartAsync(_direct, Cancelled);
        RabbitMqOptions options = _options with { User = user, Password = "secret", VirtualHost = virtualHost ?? _options.VirtualHost };
        await using Publisher publisher = Publisher.Start(options, _folder.Path);

        string line = await publisher.LoggedAsync("can't be published", Cancelled);
        line.ShouldContain(expected);
        line.ShouldContain(BrokerSinkOptions.LeastPermissions.Command(options));
    }

    [Fact]
    public async Task A_restarted_process_sends_what_the_one_before_had_spooled_before_anything_newer()
    {
        _proxy.Refuse();
        await using (Publisher before = Publisher.Start(_options, _folder.Path))
        {
            await before.Sink.PublishAsync(Batches.Datagrams(1), Cancelled);
            await before.Sink.PublishAsync(Batches.Datagrams(2), Cancelled);
        }

        _router = await TestRouter.StartAsync(_direct, Cancelled);
        await using Publisher after = Publisher.Start(_options, _folder.Path);
        Task log = after.Sink.PublishAsync(Batches.Log(3), Cancelled).AsTask();
        _proxy.Accept();

        await log;
        (await _router.NextBatchesAsync(Cancelled)).Batches.Select(Batches.Number).ShouldBe([1, 2, 3]);
        after.Sink.SpooledBytes.ShouldBe(0);
    }

    [Fact]
    public async Task A_sink_that_stops_sends_what_waits_and_spools_what_it_can_t_send()
    {
        Task sent;
        await using (Publisher publisher = await ConnectedAsync())
        {
            sent = publisher.Sink.PublishAsync(Batches.Datagrams(1), Cancelled).AsTask();
            await publisher.StopAsync();
            await sent;
            await publisher.Sink.PublishAsync(Batches.Datagrams(2), Cancelled);
            publisher.Sink.SpooledBatches.ShouldBe(1);
        }

        (await _router!.NextBatchesAsync(Cancelled)).Batches.Select(Batches.Number).ShouldBe([1]);
    }

    [Fact]
    public async Task What_the_full_spool_dropped_is_reported_after_the_drain_with_its_number_and_time()
    {
        DateTimeOffset began = TimeProvider.System.GetUtcNow();
        _proxy.Refuse();
        _router = await TestRouter.StartAsync(_direct, Cancelled);
        const int count = 20;
        await using Publisher publisher = Publisher.Start(_options, _folder.Path, spoolMegabytes: 1);
        for (int i = 1; i <= count; i++)
        {
            await publisher.Sink.PublishAsync(Batches.Datagrams(i, 500), Cancelled);
        }

        long kept = publisher.Sink.SpooledBatches;
        publisher.Sink.SpooledBytes.ShouldBeLessThanOrEqualTo(1 << 20);
        kept.ShouldBeInRange(2, count - 5);
        _proxy.Accept();

        List<ObservationBatch> arrived = [];
        while (arrived.All(batch => batch.Stream != "n1/publisher"))
        {
            arrived.AddRange((await _router.NextBatchesAsync(Cancelled)).Batches);
        }

        arrived[..^1].Select(Batches.Number).ShouldBe(Enumerable.Range(count - (int)kept + 1, (int)kept));
        Observation told = arrived[^1].Observations.ShouldHaveSingleItem();
        (told.Entity.Value, told.Occurrence, told.OccurrenceSeverity).ShouldBe(("collector/n1", "observations-dropped", Contracts.Entities.Severity.Warning));
        told.Attributes["count"].ShouldBe(((count - kept) * 500).ToString(CultureInfo.InvariantCulture));
        DateTimeOffset.Parse(told.Attributes["since"]!, CultureInfo.InvariantCulture).ShouldBeInRange(began.AddSeconds(-1), TimeProvider.System.GetUtcNow());
        (await publisher.LoggedAsync("spool is full", Cancelled)).ShouldContain("raise spool.maximumMegabytes");
    }

    [Fact]
    public async Task A_message_carries_the_trace_of_what_is_in_it_and_links_the_others()
    {
        const string one = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", other = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203332-01";
        var published = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = published.Enqueue,
        };
        await using Publisher publisher = await ConnectedAsync();
        ActivitySource.AddActivityListener(listener);
        _proxy.ToClient.Close();
        Task first = publisher.Sink.PublishAsync(Batches.Log(1), Cancelled).AsTask();
        Arrival plain = await NextWithBatchesAsync(_router!, Cancelled);
        Task[] traced = [.. ((string[])[one, other]).Select((trace, i) => publisher.Sink.PublishAsync(Batches.Log(2 + i) with { TraceParent = trace }, Cancelled).AsTask())];
        _proxy.ToClient.Open();
        await Task.WhenAll([first, .. traced]);

        (plain.Properties.Headers?.ContainsKey(Telemetry.TraceParentHeader) ?? false).ShouldBeFalse("what nobody traces begins no trace on its way");
        Arrival arrival = await NextWithBatchesAsync(_router!, Cancelled);
        arrival.Message.Batches.Select(batch => batch.TraceParent).ShouldBe([one, other]);
        string header = Encoding.ASCII.GetString((byte[])arrival.Properties.Headers![Telemetry.TraceParentHeader]!);
        Activity publishing = published.Single(activity => activity.TraceId.ToHexString().StartsWith("0af7", StringComparison.Ordinal));
        (header, publishing.ParentId).ShouldBe((publishing.Id, one));
        publishing.Links.Select(link => link.Context.TraceId.ToHexString()).ShouldBe(["1af7651916cd43dd8448eb211c80319c"]);
    }

    [Fact]
    public async Task Metrics_tell_of_the_line_and_the_spool()
    {
        using var metrics = new PrometheusExporter();
        await using Publisher publisher = await ConnectedAsync();
        await publisher.Sink.PublishAsync(Batches.Log(1, count: 7), Cancelled);

        string text = metrics.Write();
        foreach (string name in (string[])["glusterbus_spool_bytes", "glusterbus_spool_records", "glusterbus_broker_connected", "glusterbus_published_observations_total", "glusterbus_publish_seconds_count"])
        {
            text.ShouldContain(name + " ");
        }
    }

    /// <summary>A publisher that is connected through the proxy to a router that listens.</summary>
    private async Task<Publisher> ConnectedAsync(TimeProvider? clock = null)
    {
        _router = await TestRouter.StartAsync(_direct, Cancelled);
        Publisher publisher = Publisher.Start(_options, _folder.Path, clock);
        await publisher.UntilAsync(isConnected: true, Cancelled);
        return publisher;
    }

    private static async Task<Arrival> NextWithBatchesAsync(TestRouter router, CancellationToken cancellationToken)
    {
        Arrival arrival;
        do
        {
            arrival = await router.NextAsync(cancellationToken);
        }
        while (arrival.Message.Batches.Count == 0);
        return arrival;
    }
}
