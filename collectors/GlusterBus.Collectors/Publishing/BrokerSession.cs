using System.Diagnostics;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Telemetry;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace GlusterBus.Collectors.Publishing;

/// <summary>One connection to the broker with one channel, from its opening to its first failure.</summary>
internal sealed class BrokerSession : IAsyncDisposable
{
    /// <summary>A confirmation that takes longer does not come: the connection is given up.</summary>
    public static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The pseudo-queue of answers (direct reply-to). Using it needs no permission.</summary>
    private const string ReplyQueue = "amq.rabbitmq.reply-to";

    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly IConnection _connection;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _ended = new();

    // One message is published at a time.
    private readonly MemoryStream _compressed = new();
    private IChannel _channel = null!;
    private volatile ShutdownEventArgs? _reason;

    private BrokerSession(IConnection connection, TimeProvider clock)
    {
        (_connection, _clock) = (connection, clock);
    }

    /// <summary>Cancelled when the broker, or the line to it, ended the session.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <param name="options">The broker.</param>
    /// <param name="name">Shown by the broker's management.</param>
    /// <param name="onReply">Takes answers; must be quick.</param>
    public static async Task<BrokerSession> OpenAsync(
        RabbitMqOptions options, string name, Action<ReadOnlyMemory<byte>> onReply, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource((BrokerConnection.ConnectTimeout * options.Hosts.Count) + HandshakeTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        BrokerSession? session = null;
        try
        {
            session = new BrokerSession(await BrokerConnection.OpenAsync(options, name, either.Token), clock);
            await session.BeginAsync(onReply, either.Token);
            return session;
        }
        catch (Exception e)
        {
            if (session is not null)
            {
                await session.DisposeAsync();
            }

            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException("the broker did not complete the opening of a connection", e);
            }

            throw;
        }
    }

    /// <summary>Publishes to the observations' exchange, compressed when it is long; one message at a time. Returns when the broker has confirmed that a queue has it.</summary>
    /// <param name="routingKey">The partition.</param>
    /// <param name="body">May be used again afterwards.</param>
    /// <param name="wantsReply">True when a router shall answer.</param>
    /// <param name="traces">The trace contexts of what is in it; none where nobody traces.</param>
    /// <param name="cancellationToken">Ends the wait; the message may arrive all the same.</param>
    /// <exception cref="PublishException">No queue takes it, or the broker could not keep it.</exception>
    /// <exception cref="TimeoutException">The confirmation did not come.</exception>
    public async Task PublishAsync(string routingKey, ReadOnlyMemory<byte> body, bool wantsReply, IReadOnlyList<string> traces, CancellationToken cancellationToken)
    {
        using Activity? activity = TraceContext.Continue("publish " + BrokerNames.Observations, ActivityKind.Producer, traces.Count > 0 ? traces[0] : null);
        var properties = new BasicProperties { Persistent = true, ContentType = "application/json" };
        if (wantsReply)
        {
            properties.ReplyTo = ReplyQueue;
        }

        if (body.Length >= CompressedBody.Threshold)
        {
            body = CompressedBody.Compress(body.Span, _compressed);
            properties.ContentEncoding = CompressedBody.Encoding;
        }

        if (activity is not null)
        {
            activity.SetTag("messaging.system", "rabbitmq");
            activity.SetTag("messaging.destination.name", BrokerNames.Observations);
            activity.SetTag("messaging.rabbitmq.destination.routing_key", routingKey);
            activity.SetTag("messaging.message.body.size", body.Length);
            foreach (string other in traces.Skip(1))
            {
                activity.AddLink(new ActivityLink(ActivityContext.Parse(other, null)));
            }

            properties.Headers = new Dictionary<string, object?> { [Telemetry.TraceParentHeader] = activity.Id };
        }

        using var timeout = new CancellationTokenSource(ConfirmTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _ended.Token, cancellationToken);
        try
        {
            await _channel.BasicPublishAsync(BrokerNames.Observations, routingKey, mandatory: true, properties, body, either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            activity?.SetStatus(ActivityStatusCode.Error);
            throw Failure(e);
        }
        catch
        {
            activity?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    /// <summary>Why the session can't be used any more.</summary>
    public Exception Failure(Exception? inner = null) => _reason is { } reason
        ? new OperationInterruptedException(reason)
        : new TimeoutException($"the broker did not confirm within {ConfirmTimeout.TotalSeconds:F0} s", inner);

    public async ValueTask DisposeAsync()
    {
        // The client takes half a minute to let go of a broker that does not answer: that goes on by itself, since a new connection must not wait for it.
        Task closing = Task.Run(CloseAsync, CancellationToken.None);
        await closing.WaitAsync(CloseTimeout, _clock, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task CloseAsync()
    {
        await _connection.CloseAsync(Constants.ReplySuccess, "done", CloseTimeout, abort: true, CancellationToken.None);
        await _connection.DisposeAsync();
        _ended.Dispose();
    }

    private async Task BeginAsync(Action<ReadOnlyMemory<byte>> onReply, CancellationToken cancellationToken)
    {
        _channel = await BrokerConnection.OpenChannelAsync(_connection, outstanding: 2, cancellationToken);
        _channel.ChannelShutdownAsync += (_, reason) =>
        {
            _reason = reason;
            return _ended.CancelAsync();
        };
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            onReply(delivery.Body);
            return Task.CompletedTask;
        };
        await _channel.BasicConsumeAsync(ReplyQueue, autoAck: true, consumer, cancellationToken);
    }
}
