using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace GlusterBus.Runtime.Bus;

/// <summary>One life of a consumer on one channel of one connection. What it was handed and did not acknowledge goes back to the queue, in order, when
/// the session ends.</summary>
/// <remarks>Whoever is the queue's single active consumer is so for exactly one session. What is published on the session's own connection can't
/// arrive after the broker has given the queue to somebody else.</remarks>
#pragma warning disable CA1001 // The sources of the tokens live as long as somebody may look at them; they hold no timers.
public sealed class InboxSession
#pragma warning restore CA1001
{
    /// <summary>The longest that giving a channel back may take; a broker that does not answer by then is out of reach, and will find out by itself.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly IChannel _channel;
    private readonly QueueDescription? _queue;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly SortedDictionary<ulong, InboxMessage> _early = [];
    private readonly Lock _gate = new();
    private int _acknowledging;
    private TaskCompletionSource? _acknowledged;
    private ulong _next = 1;

    internal InboxSession(IChannel channel, IConnection connection, QueueDescription? queue)
    {
        _queue = queue;
        _channel = channel;
        Connection = connection;
        _channel.ChannelShutdownAsync += OnShutdownAsync;
        if (_channel.IsClosed)
        {
            End();
        }
    }

    /// <summary>The connection that the broker delivers on.</summary>
    public IConnection Connection { get; }

    /// <summary>Cancelled when the session is over, whoever ended it: nothing of it may be worked on any more.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Cancelled when the channel is closed: from then on nothing can be acknowledged or given back singly.</summary>
    internal CancellationToken Closed => _closed.Token;

    /// <summary>Lets the acknowledgements given leave, gives everything else back to the broker and ends the session. The bus opens another one by itself
    /// unless its endpoint is stopped.</summary>
    public async Task CloseAsync()
    {
        await _ended.CancelAsync();
        if (_channel.IsOpen)
        {
            using var timeout = new CancellationTokenSource(CloseTimeout);
            try
            {
                await AllAcknowledged().WaitAsync(timeout.Token);
                await SettleAsync(timeout.Token);

                // The channel as a whole: given back one by one, deliveries would return in an order of chance.
                await _channel.CloseAsync(timeout.Token);
            }
            catch (Exception e) when (e is RabbitMQ.Client.Exceptions.OperationInterruptedException or RabbitMQ.Client.Exceptions.AlreadyClosedException
                or ObjectDisposedException or OperationCanceledException or TimeoutException or IOException)
            {
                // It was closed from the other side meanwhile, which is what was wanted.
            }
        }

        End();
    }

    /// <summary>An acknowledgement is given and has yet to reach the connection.</summary>
    internal void Acknowledging()
    {
        lock (_gate)
        {
            _acknowledging++;
        }
    }

    /// <summary>An acknowledgement has reached the connection, or will not any more.</summary>
    internal void Acknowledged()
    {
        lock (_gate)
        {
            if (--_acknowledging == 0)
            {
                _acknowledged?.TrySetResult();
            }
        }
    }

    /// <summary>Takes a delivery and passes on those whose turn has come: deliveries reach us on several threads, their tags count without gaps.</summary>
    internal void Order(InboxMessage message, Action<InboxMessage> pass)
    {
        lock (_early)
        {
            _early.Add(message.DeliveryTag, message);
            while (_early.Remove(_next, out InboxMessage? due))
            {
                pass(due);
                _next++;
            }
        }
    }

    /// <summary>Waits until the broker has counted the acknowledgements that have left.</summary>
    /// <remarks>A quorum queue's broker holds some of them back when they come fast, and forgets those when the channel is closed. A second consumer is a request
    /// that it answers after all before it. With a single active consumer it gets nothing and ends with the channel.</remarks>
    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        if (_queue is { IsSingleActiveConsumer: true })
        {
            await _channel.BasicConsumeAsync(_queue.Name, autoAck: false, new AsyncEventingBasicConsumer(_channel), cancellationToken);
        }
    }

    private Task AllAcknowledged()
    {
        lock (_gate)
        {
            if (_acknowledging == 0)
            {
                return Task.CompletedTask;
            }

            _acknowledged ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _acknowledged.Task;
        }
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        End();
        return Task.CompletedTask;
    }

    private void End()
    {
        _ended.Cancel();
        _closed.Cancel();
    }
}
