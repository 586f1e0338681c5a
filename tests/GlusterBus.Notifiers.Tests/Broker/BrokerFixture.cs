using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Topology;
using GlusterBus.Notifiers.Broker;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Notifiers.Tests.Deliveries;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;
using RabbitMQ.Client;

namespace GlusterBus.Notifiers.Tests.Broker;

/// <summary>One broker for the tests of a class.</summary>
public sealed class BrokerFixture : IAsyncLifetime
{
    private int _hosts;

    public RabbitMqProcess Broker { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Broker = await RabbitMqProcess.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Broker.DisposeAsync();

    /// <summary>A virtual host of the test's own: nothing is left from the one before.</summary>
    public async Task<TestBroker> CleanAsync(CancellationToken cancellationToken)
    {
        string host = $"v{Interlocked.Increment(ref _hosts)}";
        await Broker.ControlAsync(["add_vhost", host], cancellationToken);
        await Broker.ControlAsync(["set_permissions", "-p", host, "guest", ".*", ".*", ".*"], cancellationToken);
        return await TestBroker.OpenAsync(Broker, Broker.Options with { VirtualHost = host }, cancellationToken);
    }
}

/// <summary>A virtual host with its channels, and a hand that publishes to them as the routers do.</summary>
public sealed class TestBroker : IAsyncDisposable
{
    private readonly RabbitMqProcess _server;

    private TestBroker(RabbitMqProcess server, RabbitMqOptions options, IConnection connection, IChannel channel)
    {
        _server = server;
        (Options, Connection, Channel) = (options, connection, channel);
    }

    public RabbitMqOptions Options { get; }

    public IConnection Connection { get; }

    public IChannel Channel { get; }

    public static async Task<TestBroker> OpenAsync(RabbitMqProcess server, RabbitMqOptions options, CancellationToken cancellationToken)
    {
        IConnection connection = await BrokerConnection.OpenAsync(options, "test", cancellationToken);
        IChannel channel = await BrokerConnection.OpenChannelAsync(connection, 256, cancellationToken);
        await BrokerTopology.DeclareChannelsAsync(channel, cancellationToken);
        return new TestBroker(server, options, connection, channel);
    }

    /// <summary>An account with exactly these permissions.</summary>
    public async Task<RabbitMqOptions> AccountAsync(string user, BrokerPermissions permissions, CancellationToken cancellationToken)
    {
        await _server.ControlAsync(["add_user", user, "secret-of-" + user], cancellationToken);
        await _server.ControlAsync(["set_permissions", "-p", Options.VirtualHost, user, permissions.Configure, permissions.Write, permissions.Read], cancellationToken);
        return Options with { User = user, Password = "secret-of-" + user };
    }

    public Task PublishAsync(IEnumerable<Transition> transitions, CancellationToken cancellationToken, string? traceParent = null) =>
        Task.WhenAll(transitions.Select(transition => Channel.BasicPublishAsync(
            BrokerNames.Channel(transition.Entity.Kind),
            ChannelKey.Of(transition),
            mandatory: false,
            new BasicProperties
            {
                Persistent = true,
                ContentType = TransitionJson.ContentType,
                MessageId = transition.Id,
                Headers = traceParent is null ? null : new Dictionary<string, object?> { ["traceparent"] = traceParent },
            },
            TransitionJson.Write(transition),
            cancellationToken).AsTask()).ToArray());

    /// <summary>The transitions in a queue, all of them, in order; they are gone afterwards.</summary>
    public async Task<IReadOnlyList<BasicGetResult>> DrainAsync(string queue, CancellationToken cancellationToken)
    {
        List<BasicGetResult> all = [];
        while (await Channel.BasicGetAsync(queue, autoAck: true, cancellationToken) is { } message)
        {
            all.Add(message);
        }

        return all;
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}

/// <summary>What <c>glusterbus notify</c> runs: queues on the broker and one notifier.</summary>
internal sealed class RunningNotifier : IAsyncDisposable
{
    public const string Name = "ops";

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private RunningNotifier(BrokerDeliveryQueues queues, ScriptedNotifier notifier, TransitionFilter filter, RecordingLogger log)
    {
        Queues = queues;
        Notifier = notifier;
        Log = log;
        _running = new NotifierRunner(new HurriedClock(20), new Random(1), log).RunAsync([new ConfiguredNotifier(Name, notifier, filter)], queues, _stop.Token);
    }

    public BrokerDeliveryQueues Queues { get; }

    public ScriptedNotifier Notifier { get; }

    public RecordingLogger Log { get; }

    public static RunningNotifier Start(RabbitMqOptions options, ScriptedNotifier notifier, TransitionFilter? filter = null)
    {
        filter ??= TransitionFilter.All;
        var log = new RecordingLogger();
        var queues = BrokerDeliveryQueues.Start(options, new Dictionary<string, TransitionFilter> { [Name] = filter }, "notify test", TimeProvider.System, log);
        return new RunningNotifier(queues, notifier, filter, log);
    }

    /// <summary>Waits until its queue is declared and bound: what is published from then on reaches it.</summary>
    public async Task<RunningNotifier> ReadyAsync(CancellationToken cancellationToken)
    {
        await Until.TrueAsync(() => Queues.AreAllOpen, cancellationToken);
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await Queues.DisposeAsync();
        _stop.Dispose();
    }
}

/// <summary>Waits for what has no event of its own.</summary>
internal static class Until
{
    public static Task TrueAsync(Func<bool> condition, CancellationToken cancellationToken) => TrueAsync(() => Task.FromResult(condition()), cancellationToken);

    public static async Task TrueAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }
}
