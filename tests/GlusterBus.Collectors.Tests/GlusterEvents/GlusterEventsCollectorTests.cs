using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using GlusterBus.Collectors.GlusterEvents;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Collectors.Tests.GlusterEvents;

public sealed class GlusterEventsCollectorTests
{
    private static readonly GlusterEventsOptions FreePort = new() { Port = 0 };

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task A_datagram_to_either_loopback_address_is_published(string address)
    {
        await using var run = await Running.StartAsync(FreePort);
        run.Send(address, "1795338998 76 peer=gl2;volume=rv;brick=/srv/rv1");
        Observation o = (await run.NextAsync()).Observations.ShouldHaveSingleItem();
        EventScene.Line(o).ShouldStartWith("brick/rv/gl2:/srv/rv1 = offline");
        o.Trusted.ShouldBeTrue();
        o.Evidence!.Where.ShouldBe(address);
    }

    [Fact]
    public async Task Both_sockets_share_one_port()
    {
        await using var run = await Running.StartAsync(FreePort);
        run.Endpoints.Count.ShouldBe(2);
        run.Endpoints.Select(e => e.Port).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Fifty_thousand_datagrams_at_once_are_all_published_in_their_order()
    {
        const int total = 50_000;
        await using var run = await Running.StartAsync(FreePort);
        await Task.Run(() => Burst(run.Endpoints[0].Port, total));
        int next = 0;
        while (next < total)
        {
            foreach (Observation o in (await run.NextAsync()).Observations)
            {
                // An assertion for each would take longer than the burst.
                if (o.Entity.Value != $"volume/v{next}" || o.Sequence != next + 1)
                {
                    throw new ShouldAssertException($"{o.Entity} with sequence {o.Sequence} came at place {next}");
                }

                next++;
            }
        }
    }

    [Fact]
    public async Task What_arrives_before_the_cluster_is_known_waits()
    {
        using var folder = new TemporaryFolder();
        NodeContext node = EventScene.Node(folder.Path, isKnown: false);
        await using var run = await Running.StartAsync(FreePort, node);
        run.Send("127.0.0.1", "1 5 name=rv");
        run.Sink.Batches.ShouldBeEmpty();
        node.MarkKnown();
        (await run.NextAsync()).Observations.ShouldHaveSingleItem().State.ShouldBe("deleted");
    }

    [Fact]
    public async Task Two_datagrams_of_one_moment_have_different_times_in_their_order()
    {
        await using var run = await Running.StartAsync(FreePort, clock: new FakeClock());
        for (int i = 0; i < 100; i++)
        {
            run.Send("127.0.0.1", $"1 {(i % 2 == 0 ? 76 : 77)} peer=gl2;volume=rv;brick=/srv/rv1");
        }

        var times = new List<DateTimeOffset>();
        while (times.Count < 100)
        {
            times.AddRange((await run.NextAsync()).Observations.Select(o => o.ObservedAt));
        }

        times.Zip(times.Skip(1)).ShouldAllBe(pair => pair.First < pair.Second);
    }

    [Fact]
    public async Task A_stranger_is_not_trusted_and_a_host_of_the_configuration_is()
    {
        using var folder = new TemporaryFolder();
        NodeContext node = EventScene.Node(folder.Path);
        node.Topology = Topology.Unknown with { PeerNames = new Dictionary<string, string> { ["u"] = "gl2" } };
        var senders = new TrustedSenders(node, ["backup"], (name, _) => name switch
        {
            "gl2" => Task.FromResult<IPAddress[]>([IPAddress.Parse("10.77.0.2")]),
            "backup" => Task.FromResult<IPAddress[]>([IPAddress.Parse("10.77.0.9")]),
            _ => throw new SocketException((int)SocketError.HostNotFound),
        });
        senders.IsStale.ShouldBeTrue();
        await senders.RefreshAsync(TestContext.Current.CancellationToken);
        senders.IsStale.ShouldBeFalse();
        senders.Trusts(IPAddress.Loopback).ShouldBeTrue();
        senders.Trusts(IPAddress.IPv6Loopback).ShouldBeTrue();
        senders.Trusts(IPAddress.Parse("10.77.0.2")).ShouldBeTrue();
        senders.Trusts(IPAddress.Parse("10.77.0.9")).ShouldBeTrue();
        senders.Trusts(IPAddress.Parse("10.77.0.4")).ShouldBeFalse();
        node.Topology = Topology.Unknown with { PeerAliases = new Dictionary<string, string> { ["10.77.0.4"] = "gl4", ["nowhere"] = "gl4" } };
        senders.IsStale.ShouldBeTrue();
        await senders.RefreshAsync(TestContext.Current.CancellationToken);
        senders.Trusts(IPAddress.Parse("10.77.0.4")).ShouldBeTrue();
        senders.Trusts(IPAddress.Parse("10.77.0.2")).ShouldBeFalse();
    }

    [Fact]
    public async Task An_address_found_once_stays_while_its_name_cannot_be_resolved()
    {
        bool isDown = false;
        NodeContext node = EventScene.Node();
        var senders = new TrustedSenders(node, ["backup"], (_, _) => isDown ? throw new SocketException((int)SocketError.TryAgain) : Task.FromResult<IPAddress[]>([IPAddress.Parse("10.77.0.9")]));
        await senders.RefreshAsync(TestContext.Current.CancellationToken);
        isDown = true;
        await senders.RefreshAsync(TestContext.Current.CancellationToken);
        senders.Trusts(IPAddress.Parse("10.77.0.9")).ShouldBeTrue();
    }

    [Fact]
    public async Task An_unreadable_datagram_is_kept_and_warned_of_once_and_the_next_one_is_read()
    {
        using var folder = new TemporaryFolder();
        var log = new ListLogger();
        await using (var run = await Running.StartAsync(FreePort, EventScene.Node(folder.Path), logger: log))
        {
            run.Send("127.0.0.1", "1 999 a=b");
            run.Send("127.0.0.1", [0xff, 0xfe, 0x20]);
            run.Send("127.0.0.1", "foo 6 name=rv;options=,auth.password,hunter2\n");
            run.Send("127.0.0.1", "1 5 name=rv");
            (await run.NextAsync()).Observations.ShouldHaveSingleItem().State.ShouldBe("deleted");
        }

        string[] kept = File.ReadAllLines(folder.File("gf_event.unreadable"));
        kept.Select(l => l.Split('\t')[2]).ShouldBe(["unknown-number", "not-utf8", "bad-stamp"]);
        string.Concat(kept).ShouldNotContain("hunter2");
        log.Lines.Count(l => l.Contains("can't be read", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_look_is_asked_for_after_the_publication()
    {
        using var folder = new TemporaryFolder();
        NodeContext node = EventScene.Node(folder.Path);
        var sink = new RecordingSink();
        var asked = new TaskCompletionSource<(TimeSpan Delay, int Published)>();
        node.ReconcileRequested += delay => asked.TrySetResult((delay, sink.Batches.Count));
        await using var run = await Running.StartAsync(FreePort, node, sink: sink);
        run.Send("127.0.0.1", "1 1 host=gl2");
        (TimeSpan delay, int published) = await asked.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        (delay, published).ShouldBe((TimeSpan.Zero, 1));
    }

    [Fact]
    public async Task While_the_sink_fails_everything_waits_and_nothing_is_lost()
    {
        var clock = new FakeClock();
        var sink = new FailingSink { Failures = 2 };
        await using var run = await Running.StartAsync(FreePort, clock: clock, sink: sink);
        run.Send("127.0.0.1", "1 3 name=rv;force=0");
        run.Send("127.0.0.1", "1 4 name=rv;force=0");
        while (sink.Published.Count < 2)
        {
            // The clock moves only here; the collector waits a second of it after each failure.
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        sink.Published.Select(o => o.State).ShouldBe(["started", "stopped"]);
    }

    [Fact]
    public async Task A_taken_port_stops_the_start_with_its_holder_and_the_remedy()
    {
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        holder.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)holder.LocalEndPoint!).Port;
        var collector = new GlusterEventsCollector(new GlusterEventsOptions { Port = port }, EventScene.Node(), TimeProvider.System, NullLogger<GlusterEventsCollector>.Instance);

        IOException e = await Should.ThrowAsync<IOException>(() => collector.RunAsync(new RecordingSink(), TestContext.Current.CancellationToken));
        e.Message.ShouldContain($"port {port}/udp on 0.0.0.0 is taken by");
        e.Message.ShouldContain($"(pid {Environment.ProcessId})");
        e.Message.ShouldContain("systemctl stop glustereventsd");

        IReadOnlyList<CheckResult> results = await collector.CheckAsync(TestContext.Current.CancellationToken);
        results[0].Problem!.ShouldContain("is taken by");
        results[0].Remedy!.ShouldContain("systemctl stop glustereventsd");
        results[1].Problem.ShouldBeNull();
    }

    [Fact]
    public async Task The_check_finds_nothing_wrong_with_a_free_port()
    {
        var collector = new GlusterEventsCollector(FreePort, EventScene.Node(), TimeProvider.System, NullLogger<GlusterEventsCollector>.Instance);
        (await collector.CheckAsync(TestContext.Current.CancellationToken)).ShouldAllBe(r => r.Problem == null);
    }

    [Fact]
    public async Task Each_run_is_a_stream_of_its_own()
    {
        using var folder = new TemporaryFolder();
        var clock = new FakeClock();
        var sink = new RecordingSink();
        var collector = new GlusterEventsCollector(FreePort, EventScene.Node(folder.Path), clock, NullLogger<GlusterEventsCollector>.Instance);
        await using (var run = await Running.StartAsync(collector, sink))
        {
            run.Send("127.0.0.1", "1 5 name=a");
            await run.NextAsync();
        }

        await using (var run = await Running.StartAsync(collector, sink))
        {
            run.Send("127.0.0.1", "1 5 name=b");
            await run.NextAsync();
        }

        sink.Batches[1].Epoch.ShouldBeGreaterThan(sink.Batches[0].Epoch);
    }

    [Fact]
    public async Task The_bound_of_the_queue_holds_and_losses_are_reported()
    {
        using var folder = new TemporaryFolder();
        NodeContext node = EventScene.Node(folder.Path, isKnown: false);
        var log = new ListLogger();
        await using var run = await Running.StartAsync(new GlusterEventsOptions { Port = 0, QueueBytes = 1024 * 1024 }, node, logger: log);
        await Task.Run(() => Burst(run.Endpoints[0].Port, 20_000));
        node.MarkKnown();
        int published = 0;
        while (!log.Lines.Any(l => l.Contains("because the queue was full", StringComparison.Ordinal)))
        {
            published += (await run.NextAsync()).Observations.Count;
        }

        published.ShouldBeLessThan(20_000);
    }

    private static void Burst(int port, int total)
    {
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Connect(new IPEndPoint(IPAddress.Loopback, port));
        for (int i = 0; i < total; i++)
        {
            sender.Send(Encoding.ASCII.GetBytes($"1795338998 3 name=v{i};force=0"));
        }
    }

    /// <summary>A collector that runs until disposed.</summary>
    private sealed class Running(Task running, CancellationTokenSource ending, IObservationSink sink, IReadOnlyList<IPEndPoint> endpoints) : IAsyncDisposable
    {
        public IReadOnlyList<IPEndPoint> Endpoints => endpoints;

        public RecordingSink Sink => (RecordingSink)sink;

        public static async Task<Running> StartAsync(
            GlusterEventsOptions options, NodeContext? node = null, TimeProvider? clock = null, IObservationSink? sink = null, ILogger<GlusterEventsCollector>? logger = null)
        {
            NodeContext at = node ?? EventScene.Node(Path.GetTempPath());
            return await StartAsync(new GlusterEventsCollector(options, at, clock ?? TimeProvider.System, logger ?? NullLogger<GlusterEventsCollector>.Instance), sink ?? new RecordingSink());
        }

        public static async Task<Running> StartAsync(GlusterEventsCollector collector, IObservationSink sink)
        {
            var ending = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            Task running = collector.RunAsync(sink, ending.Token);
            await Task.WhenAny(running, collector.Listening);
            return new Running(running, ending, sink, await collector.Listening);
        }

        public void Send(string address, string text) => Send(address, Encoding.UTF8.GetBytes(text));

        public void Send(string address, byte[] datagram)
        {
            IPAddress to = IPAddress.Parse(address);
            using var socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.SendTo(datagram, new IPEndPoint(to, endpoints[0].Port));
        }

        public async Task<ObservationBatch> NextAsync()
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(30));
            return await Sink.NextAsync(limit.Token);
        }

        public async ValueTask DisposeAsync()
        {
            await ending.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => running);
            ending.Dispose();
        }
    }

    private sealed class FailingSink : IObservationSink
    {
        public int Failures { get; set; }

        public ConcurrentQueue<Observation> Published { get; } = [];

        public ValueTask PublishAsync(ObservationBatch batch, CancellationToken cancellationToken)
        {
            if (Failures-- > 0)
            {
                throw new IOException("the router is away");
            }

            foreach (Observation o in batch.Observations)
            {
                Published.Enqueue(o);
            }

            return ValueTask.CompletedTask;
        }
    }

    private sealed class ListLogger : ILogger<GlusterEventsCollector>
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue(formatter(state, exception));
    }
}
