using GlusterBus.Runtime.Bus;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace GlusterBus.Notifiers.Broker;

/// <summary>What one consumer has taken out of a queue and not acknowledged. It gives all of it back at once, and in its order.</summary>
internal sealed class Grip
{
    /// <summary>How long to wait until the broker shows again what was given back.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(10);

    private readonly IChannel _channel;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _held;
    private string? _consumer;

    private Grip(IChannel channel) => _channel = channel;

    /// <summary>Begins to take messages out.</summary>
    /// <param name="channel">Of its own; it is closed at the end.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="prefetch">The most that are held and not acknowledged.</param>
    /// <param name="take">Gets each message in turn.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<Grip> BeginAsync(IChannel channel, string queue, ushort prefetch, Func<Grip, BasicDeliverEventArgs, Task> take, CancellationToken cancellationToken)
    {
        var grip = new Grip(channel);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            Interlocked.Increment(ref grip._held);
            return take(grip, delivery);
        };
        consumer.UnregisteredAsync += (_, _) => Task.FromResult(grip._ended.TrySetResult());
        consumer.ShutdownAsync += (_, _) => Task.FromResult(grip._ended.TrySetResult());
        await channel.BasicQosAsync(0, prefetch, global: false, cancellationToken);
        grip._consumer = await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellationToken);
        return grip;
    }

    /// <summary>Lets the broker forget a message.</summary>
    public async ValueTask AcknowledgeAsync(ulong deliveryTag, CancellationToken cancellationToken)
    {
        await _channel.BasicAckAsync(deliveryTag, multiple: false, cancellationToken);
        Interlocked.Decrement(ref _held);
    }

    /// <summary>Takes nothing more out.</summary>
    /// <remarks>The broker answers when it has processed the acknowledgements before; a channel that is closed without that may lose some of them.</remarks>
    public async Task StopAsync(TimeProvider clock)
    {
        if (_channel.IsOpen && _consumer is { } consumer)
        {
            await _channel.BasicCancelAsync(consumer);
            await _ended.Task.WaitAsync(Patience, clock);
        }
    }

    /// <summary>Gives everything back, after <see cref="StopAsync"/>. Returns when it is there again.</summary>
    /// <param name="count">Asks how many messages wait in the queue.</param>
    /// <param name="clock">Bounds the wait.</param>
    /// <remarks>The broker closes a channel before it gives back. Whoever looked meanwhile would find what comes later in the queue, and give that back first.</remarks>
    public async Task GiveBackAsync(Func<Task<uint>> count, TimeProvider clock)
    {
        if (!_channel.IsOpen)
        {
            return;
        }

        long expected = Interlocked.Read(ref _held) is var held and > 0 ? await count() + held : 0;
        await _channel.CloseAsync();
        for (long began = clock.GetTimestamp(); expected > 0 && await count() < expected && clock.GetElapsedTime(began) < Patience;)
        {
            await Task.Delay(AskAgain, clock);
        }
    }

    /// <summary>Closes what may be closed already: the broker gives back by itself what was held.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _channel.DisposeAsync();
        }
        catch (Exception e) when (BrokerFault.Is(e))
        {
            // The connection has broken.
        }
    }
}
