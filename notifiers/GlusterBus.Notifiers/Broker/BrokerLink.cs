using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using RabbitMQ.Client;

namespace GlusterBus.Notifiers.Broker;

/// <summary>One connection for everything but receiving, opened when it is needed and again after a loss. Thread-safe.</summary>
internal sealed class BrokerLink(RabbitMqOptions options, string name) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private IConnection? _connection;

    /// <summary>A channel of the caller's own whose publishes complete when the broker has confirmed them.</summary>
    public async Task<IChannel> OpenChannelAsync(CancellationToken cancellationToken)
    {
        IConnection connection;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_connection is not { IsOpen: true })
            {
                await CloseAsync();
                _connection = await BrokerConnection.OpenAsync(options, name, cancellationToken);
            }

            connection = _connection;
        }
        finally
        {
            _gate.Release();
        }

        return await BrokerConnection.OpenChannelAsync(connection, outstanding: 256, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _gate.Dispose();
    }

    private async Task CloseAsync()
    {
        if (_connection is not { } old)
        {
            return;
        }

        _connection = null;
        try
        {
            await old.DisposeAsync();
        }
        catch (Exception e) when (BrokerFault.Is(e))
        {
            // It was broken already.
        }
    }
}
