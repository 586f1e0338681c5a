using System.Collections.Concurrent;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace GlusterBus.TestKit;

/// <summary>A transition as a consumer of a channel got it.</summary>
/// <param name="Transition">The body, parsed.</param>
/// <param name="Epoch">Under which epoch its router published it.</param>
/// <param name="At">The monotonic time of its arrival, of <see cref="TimeProvider.GetTimestamp"/>.</param>
public sealed record Heard(Transition Transition, long Epoch, long At);

/// <summary>Somebody's consumer: a durable queue of its own on the channel of everything, read over every loss of the broker, each message once more rather than never.</summary>
public sealed class ChannelListener : IAsyncDisposable
{
    private readonly RabbitMqOptions _broker;
    private readonly string _queue;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<Heard> _heard = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;

    private ChannelListener(RabbitMqOptions broker, string queue)
    {
        (_broker, _queue) = (broker, queue);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Everything heard so far, repetitions included, in the order of arrival.</summary>
    public IReadOnlyCollection<Heard> Heard => _heard;

    /// <summary>Declares the channels and the queue, and listens.</summary>
    public static async Task<ChannelListener> StartAsync(RabbitMqOptions broker, CancellationToken cancellationToken, string queue = "listener")
    {
        var listener = new ChannelListener(broker, queue);
        await listener._ready.Task.WaitAsync(cancellationToken);
        return listener;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await ListenAsync();
            }
            catch (Exception e) when (e is RabbitMQ.Client.Exceptions.RabbitMQClientException or IOException or TimeoutException or System.Net.Sockets.SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, _stopping.Token);
            }
        }
    }

    private async Task ListenAsync()
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(_broker, "listener", _stopping.Token);
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: _stopping.Token);
        await BrokerTopology.DeclareChannelsAsync(channel, _stopping.Token);
        await channel.QueueDeclareAsync(
            _queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: _stopping.Token);
        await channel.QueueBindAsync(_queue, BrokerNames.AllChannel, "#", cancellationToken: _stopping.Token);
        await channel.BasicQosAsync(0, 500, global: false, _stopping.Token);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, _) =>
        {
            ended.TrySetResult();
            return Task.CompletedTask;
        };
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            long epoch = delivery.BasicProperties.Headers?.TryGetValue("glusterbus-epoch", out object? value) == true && value is long number ? number : 0;
            _heard.Enqueue(new Heard(TransitionJson.Parse(delivery.Body.Span), epoch, TimeProvider.System.GetTimestamp()));
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, _stopping.Token);
        };
        await channel.BasicConsumeAsync(_queue, autoAck: false, consumer, _stopping.Token);
        _ready.TrySetResult();
        await ended.Task.WaitAsync(_stopping.Token);
    }
}
