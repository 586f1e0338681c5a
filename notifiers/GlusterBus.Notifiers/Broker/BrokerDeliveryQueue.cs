using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Topology;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Runtime.Bus;
using RabbitMQ.Client;

namespace GlusterBus.Notifiers.Broker;

/// <summary>The queue of one notifier on the broker, for as long as one session lasts: then it throws, and everything that was not acknowledged comes again
/// to whoever opens it next. Positions are the order of arrival, from 1.</summary>
/// <remarks>An acknowledgement has left when it counts; whether it arrived nobody can know. A broker that breaks down at that moment hands out once more
/// what was done, with the same id.</remarks>
internal sealed class BrokerDeliveryQueue : IDeliveryQueue, IAsyncDisposable
{
    private const string Lost = "the broker has ended the session; what was not acknowledged comes again";

    private readonly bool _isCareful;
    private readonly Inbox _inbox;
    private readonly BrokerEndpoint _endpoint;
    private readonly BrokerLink _link;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, InboxMessage> _held = [];
    private readonly SemaphoreSlim _parkingGate = new(1, 1);
    private IChannel? _parking;
    private InboxSession? _session;
    private long _acknowledged;
    private long _waiting;
    private long _parked;
    private readonly CancellationTokenSource _closed = new();
    private bool _isDisposed;

    public BrokerDeliveryQueue(string notifier, bool isCareful, Inbox inbox, BrokerEndpoint endpoint, BrokerLink link, TimeProvider clock, long waiting)
    {
        Notifier = notifier;
        _isCareful = WantsCare = isCareful;
        _inbox = inbox;
        _endpoint = endpoint;
        _link = link;
        _clock = clock;
        _waiting = waiting;
    }

    public string Notifier { get; }

    /// <summary>True when whoever opens the queue next shall hand out one transition at a time.</summary>
    public bool WantsCare { get; private set; }

    /// <summary>True when the queue must be opened anew.</summary>
    public bool IsLost => _isDisposed || _session?.Ended.IsCancellationRequested == true;

    public long Backlog
    {
        get
        {
            lock (_gate)
            {
                return Interlocked.Read(ref _waiting) + _held.Count;
            }
        }
    }

    /// <summary>How many transitions rest in the error queue.</summary>
    public long Parked => Interlocked.Read(ref _parked);

    public async ValueTask<IReadOnlyList<ArchivedTransition>> ReceiveAsync(int maximum, CancellationToken cancellationToken)
    {
        List<ArchivedTransition> received = [];
        while (true)
        {
            while (received.Count < maximum && _inbox.Messages.TryRead(out InboxMessage? message))
            {
                if (Take(message) is { } transition)
                {
                    received.Add(transition);
                }
            }

            if (received.Count > 0)
            {
                return received;
            }

            await WaitAsync(cancellationToken);
        }
    }

    public ValueTask AcknowledgeAsync(long position, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfLost();
            while (_acknowledged < position && _held.Remove(_acknowledged + 1, out InboxMessage? message))
            {
                message.Acknowledge();
                _acknowledged++;
            }
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask RejectAsync(ArchivedTransition transition, string reason, CancellationToken cancellationToken)
    {
        InboxMessage? message;
        lock (_gate)
        {
            ThrowIfLost();
            message = _held.GetValueOrDefault(transition.Position) ?? throw new InvalidOperationException($"position {transition.Position} was acknowledged before");
        }

        var properties = new BasicProperties(message.Properties)
        {
            Persistent = true,
            Headers = new Dictionary<string, object?>(message.Properties.Headers ?? new Dictionary<string, object?>())
            {
                [BrokerNames.ReasonHeader] = reason,
                [BrokerNames.ParkedAtHeader] = TransitionJson.Time(_clock.GetUtcNow()),
                [BrokerNames.DeliveriesHeader] = MessageHeaders.Deliveries(message.Properties) + 1,
            },
        };
        await _parkingGate.WaitAsync(cancellationToken);
        try
        {
            if (_parking is not { IsOpen: true })
            {
                _parking?.Dispose();
                _parking = await _link.OpenChannelAsync(cancellationToken);
            }

            await _parking.BasicPublishAsync(BrokerNames.ErrorQueue(BrokerNames.NotifierQueue(Notifier)), message.RoutingKey, mandatory: true, properties, message.Body, cancellationToken);
            Interlocked.Increment(ref _parked);
        }
        catch (Exception e) when (BrokerFault.Is(e))
        {
            throw new DeliveryQueueLostException($"a rejected transition could not be parked: {e.Message}", e);
        }
        finally
        {
            _parkingGate.Release();
        }
    }

    /// <summary>Notes what the broker told of the queue and of the error queue.</summary>
    public void Measured(long waiting, long parked)
    {
        Interlocked.Exchange(ref _waiting, waiting);
        Interlocked.Exchange(ref _parked, parked);
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        await _closed.CancelAsync();
        await BrokerDeliveryQueues.StopAsync(_endpoint, _clock);
        _parking?.Dispose();
        _parkingGate.Dispose();
        _closed.Dispose();
    }

    private ArchivedTransition? Take(InboxMessage message)
    {
        lock (_gate)
        {
            if (_session is null && message.Session.Ended.IsCancellationRequested)
            {
                // It ended before anything of it was handed out.
                return null;
            }

            _session ??= message.Session;
            if (message.Session != _session)
            {
                throw new DeliveryQueueLostException(Lost);
            }

            ThrowIfLost();
            bool isSuspicious = MessageHeaders.Deliveries(message.Properties) >= BrokerDeliveryQueues.SuspiciousDeliveries;
            if (isSuspicious != _isCareful)
            {
                WantsCare = isSuspicious;
                throw new DeliveryQueueLostException(isSuspicious
                    ? $"{message.Properties.MessageId} was handed out {MessageHeaders.Deliveries(message.Properties)} times without an answer; transitions are handed out one at a time"
                    : "transitions are handed out many at a time again");
            }

            var position = (long)message.DeliveryTag;
            _held.Add(position, message);
            return new ArchivedTransition(position, message.Body) { TraceParent = MessageHeaders.Text(message.Properties, MessageHeaders.TraceParent) };
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _session?.Ended ?? CancellationToken.None, _closed.Token);
        try
        {
            if (!await _inbox.Messages.WaitToReadAsync(either.Token))
            {
                throw new DeliveryQueueLostException(Lost);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeliveryQueueLostException(Lost);
        }
    }

    private void ThrowIfLost()
    {
        if (IsLost)
        {
            throw new DeliveryQueueLostException(Lost);
        }
    }
}
