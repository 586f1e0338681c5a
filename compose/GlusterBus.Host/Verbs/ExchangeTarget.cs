using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Topology;
using GlusterBus.Host.Composition;
using GlusterBus.Host.Hosting;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using RabbitMQ.Client;

namespace GlusterBus.Host.Verbs;

/// <summary>Publishes a replay on the broker, to an exchange of its own: no queue of the present is bound to it, so that nobody takes the past for news.</summary>
internal sealed class ExchangeTarget : IReplayTarget
{
    private const int Outstanding = 1000;

    private readonly Queue<Task> _underWay = new();
    private readonly RabbitMqOptions _options;
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private long _published;

    private ExchangeTarget(RabbitMqOptions options, IConnection connection, IChannel channel)
    {
        (_options, _connection, _channel) = (options, connection, channel);
    }

    /// <exception cref="UserException">The broker is away or unwilling.</exception>
    public static async Task<ExchangeTarget> OpenAsync(string? config, CancellationToken cancellationToken)
    {
        RabbitMqOptions options = LoadedConfiguration.Load(config, Environment.GetEnvironmentVariables(), PluginFactory.Catalog).Options.RabbitMq;
        IConnection? connection = null;
        try
        {
            connection = await BrokerConnection.OpenAsync(options, $"glusterbus replay {Environment.MachineName}", cancellationToken);
            IChannel channel = await BrokerConnection.OpenChannelAsync(connection, Outstanding, cancellationToken);
            await channel.ExchangeDeclareAsync(BrokerNames.Replay, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancellationToken);
            return new ExchangeTarget(options, connection, channel);
        }
        catch (Exception e) when (BrokerFault.Is(e) && !cancellationToken.IsCancellationRequested)
        {
            await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw Explained(e, options);
        }
    }

    public async Task SendAsync(Transition transition, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties
        {
            Persistent = true,
            ContentType = TransitionJson.ContentType,
            MessageId = transition.Id,
            Type = TransitionJson.TypePrefix + transition.Entity.Kind + "." + transition.Change,
        };
        try
        {
            _underWay.Enqueue(_channel.BasicPublishAsync(BrokerNames.Replay, ChannelKey.Of(transition), mandatory: false, properties, TransitionJson.Write(transition), cancellationToken).AsTask());
            while (_underWay.Count >= Outstanding)
            {
                await _underWay.Dequeue();
                _published++;
            }
        }
        catch (Exception e) when (BrokerFault.Is(e) && !cancellationToken.IsCancellationRequested)
        {
            throw Explained(e, _options);
        }
    }

    public async Task<int> FinishAsync()
    {
        try
        {
            while (_underWay.TryDequeue(out Task? confirmed))
            {
                await confirmed;
                _published++;
            }
        }
        catch (Exception e) when (BrokerFault.Is(e))
        {
            throw Explained(e, _options);
        }

        await Console.Error.WriteLineAsync($"{BrokerNames.Replay}: {_published} published");
        return ExitCode.Success;
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static UserException Explained(Exception e, RabbitMqOptions options) =>
        new(BrokerTrouble.Of(e, options, BrokerPermissions.Router).ToString(), ExitCode.Failure, e);
}
