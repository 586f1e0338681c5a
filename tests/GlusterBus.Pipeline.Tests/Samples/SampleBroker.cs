using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using GlusterBus.TestKit;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace GlusterBus.Pipeline.Tests.Samples;

/// <summary>One broker for the samples, with the channels, a hand that publishes as the routers do, and a line to it that can be cut.</summary>
public sealed class SampleBroker : IAsyncLifetime
{
    /// <summary>What the samples sign in with.</summary>
    public const string Account = "ops";

    public const string Password = "correct-horse";

    private IConnection _connection = null!;
    private IChannel _channel = null!;

    public RabbitMqProcess Broker { get; private set; } = null!;

    /// <summary>What the samples connect to.</summary>
    public TcpProxy Line { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        Broker = await RabbitMqProcess.StartAsync(cancellationToken);
        Line = TcpProxy.Start(Broker.Port);
        _connection = await BrokerConnection.OpenAsync(Broker.Options, "test", cancellationToken);
        _channel = await BrokerConnection.OpenChannelAsync(_connection, 256, cancellationToken);
        await BrokerTopology.DeclareChannelsAsync(_channel, cancellationToken);
        await Broker.ControlAsync(["add_user", Account, Password], cancellationToken);
        BrokerPermissions permissions = BrokerPermissions.Consumer(Account);
        await Broker.ControlAsync(["set_permissions", "-p", "/", Account, permissions.Configure, permissions.Write, permissions.Read], cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await Line.DisposeAsync();
        await Broker.DisposeAsync();
    }

    /// <summary>Publishes and returns when the broker has it in a queue. While nobody has bound one, it tries again: that a program listens is seen from here.</summary>
    public async Task PublishAsync(Transition transition, CancellationToken cancellationToken)
    {
        while (!await TryPublishAsync(transition, cancellationToken))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Puts something else into a channel.</summary>
    public async Task PublishAsync(string exchange, string key, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        await _channel.BasicPublishAsync(exchange, key, mandatory: true, new BasicProperties { Persistent = true }, body, cancellationToken);

    /// <summary>Binds a queue that is there already, as an administrator does.</summary>
    public Task BindAsync(string queue, string exchange, string key, CancellationToken cancellationToken) =>
        _channel.QueueBindAsync(queue, exchange, key, cancellationToken: cancellationToken);

    /// <summary>Waits until somebody has declared a queue.</summary>
    public async Task UntilDeclaredAsync(string queue, CancellationToken cancellationToken)
    {
        while (!(await Broker.ControlAsync(["-q", "list_queues", "name"], cancellationToken)).Split('\n').Contains(queue))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Waits until everything in a queue was acknowledged.</summary>
    public async Task UntilEmptyAsync(string queue, CancellationToken cancellationToken)
    {
        while (!(await Broker.ControlAsync(["-q", "list_queues", "name", "messages"], cancellationToken)).Split('\n').Contains($"{queue}\t0"))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    private async Task<bool> TryPublishAsync(Transition transition, CancellationToken cancellationToken)
    {
        try
        {
            await PublishAsync(BrokerNames.Channel(transition.Entity.Kind), ChannelKey.Of(transition), TransitionJson.Write(transition), cancellationToken);
            return true;
        }
        catch (PublishException e) when (e.IsReturn)
        {
            return false;
        }
    }
}
