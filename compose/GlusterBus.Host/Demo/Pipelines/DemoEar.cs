using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace GlusterBus.Host.Demo.Pipelines;

/// <summary>Hears the transitions of one cluster on the channel of everything, through a queue that lives as long as the connection.</summary>
internal sealed partial class DemoEar(GlusterBusOptions options, INotifier receiver, TimeProvider clock, ILogger<DemoEar> logger)
{
    /// <summary>What the demo's account needs beside publishing observations: a queue of the broker's naming on the channel of everything.</summary>
    internal static readonly BrokerPermissions LeastPermissions = new(@"^amq\.gen", @"^(glusterbus\.observations$|amq\.gen)", @"^(glusterbus\.all$|amq\.gen)");

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<string> _heard = new(StringComparer.Ordinal);
    private string? _told;
    private volatile bool _isListening;

    /// <summary>Completes when it listens for the first time.</summary>
    public Task WhenListening => _listening.Task;

    public bool IsListening => _isListening;

    /// <summary>Listens until cancelled, over every loss of the broker; what is told meanwhile is missed.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stop);
            }
            catch (Exception e) when (BrokerFault.Is(e) || e is OperationCanceledException)
            {
                if (!stop.IsCancellationRequested)
                {
                    Tell(BrokerTrouble.Of(e, options.RabbitMq, LeastPermissions).ToString());
                    await Task.Delay(Pause, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
    }

    private async Task ListenAsync(CancellationToken stop)
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(options.RabbitMq, "glusterbus demo", stop);
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: stop);
        string queue = (await channel.QueueDeclareAsync(cancellationToken: stop)).QueueName;
        await channel.QueueBindAsync(queue, BrokerNames.AllChannel, ChannelKey.Escape(options.Cluster) + ".#", cancellationToken: stop);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, reason) =>
        {
            ended.TrySetException(new RabbitMQ.Client.Exceptions.AlreadyClosedException(reason));
            return Task.CompletedTask;
        };
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            byte[] body = delivery.Body.ToArray();
            Transition transition = TransitionJson.Parse(body);

            // After a change of routers some come once more, each with the id it had.
            return _heard.Add(transition.Id) ? receiver.NotifyAsync(new Delivery(transition, body, Attempt: 1), stop) : Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer, stop);
        _told = null;
        _isListening = true;
        _listening.TrySetResult();
        try
        {
            await ended.Task.WaitAsync(stop);
        }
        finally
        {
            _isListening = false;
        }
    }

    private void Tell(string trouble)
    {
        if (trouble != _told)
        {
            _told = trouble;
            LogWaiting(trouble);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The transitions can't be heard yet: {Trouble}. It is tried again")]
    private partial void LogWaiting(string trouble);
}
