using GlusterBus.Host.Composition;
using GlusterBus.Host.Hosting;
using GlusterBus.Notifiers.Broker;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using RabbitMQ.Client;

namespace GlusterBus.Host.Verbs.Dlq;

/// <summary>The configured broker with its error queues. Needs no running instance.</summary>
internal sealed class DlqBroker : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly LoadedConfiguration _configuration;
    private readonly string[] _notifiers;

    private DlqBroker(IConnection connection, LoadedConfiguration configuration)
    {
        (_connection, _configuration) = (connection, configuration);
        _notifiers = [.. configuration.Notifiers.Select(notifier => notifier.Name)];
    }

    /// <summary>The error queues of the configured notifiers and that of the routers.</summary>
    public IReadOnlyList<ErrorQueueName> Names => ErrorQueueName.All(_notifiers);

    /// <summary>Connects, does something, and turns what the broker says against it into one line with what to type.</summary>
    /// <param name="config">The configuration file; null for the usual place.</param>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UserException">The broker is away or unwilling.</exception>
    public static async Task<int> UseAsync(string? config, Func<DlqBroker, Task<int>> work, CancellationToken cancellationToken)
    {
        LoadedConfiguration configuration = LoadedConfiguration.Load(config, Environment.GetEnvironmentVariables(), PluginFactory.Catalog);
        RabbitMqOptions options = configuration.Options.RabbitMq;
        try
        {
            IConnection connection = await BrokerConnection.OpenAsync(options, $"glusterbus dlq {Environment.MachineName}", cancellationToken);
            await using var broker = new DlqBroker(connection, configuration);
            return await work(broker);
        }
        catch (Exception e) when (BrokerFault.Is(e) && !cancellationToken.IsCancellationRequested)
        {
            throw new UserException(BrokerTrouble.Of(e, options, BrokerPermissions.Notifier).ToString(), ExitCode.Failure, e);
        }
    }

    public ErrorQueue Open(ErrorQueueName name) => new(_connection, name.Queue, TimeProvider.System) { Partitions = _configuration.Options.RabbitMq.Partitions };

    /// <summary>What one reads or empties, with the remedy of its own when the account may not.</summary>
    public async Task<T> DoAsync<T>(ErrorQueueName name, Func<ErrorQueue, Task<T>> work)
    {
        try
        {
            return await work(Open(name));
        }
        catch (Exception e) when (BrokerFault.IsRefusal(e))
        {
            throw new UserException(Refusal(e, name).ToString(), ExitCode.Failure, e);
        }
    }

    /// <summary>What the broker says when the account may not look into that queue.</summary>
    public BrokerTrouble Refusal(Exception refusal, ErrorQueueName name) =>
        BrokerTrouble.Of(refusal, _configuration.Options.RabbitMq, name.IsRouters ? BrokerPermissions.Router : BrokerPermissions.Notifier);

    /// <summary>Finds the error queue that somebody named.</summary>
    /// <exception cref="UserException">Neither the configuration nor the broker knows it.</exception>
    public async Task<ErrorQueueName> FindAsync(string text, CancellationToken cancellationToken)
    {
        ErrorQueueName? name = ErrorQueueName.Parse(text, _notifiers);

        // A notifier that was taken out of this configuration, or never was in it, may have left an error queue all the same.
        return name is not null && (Names.Contains(name) || await Open(name).CountAsync(cancellationToken) is not null)
            ? name
            : throw new UserException($"there is no error queue of '{text}', neither in {_configuration.Source} nor on the broker; {ErrorQueueName.Suggestion(text, _notifiers)}", ExitCode.Usage);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
