using System.Globalization;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Topology;
using GlusterBus.Notifiers.Deliveries;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Concurrency;
using RabbitMQ.Client;

namespace GlusterBus.Notifiers.Broker;

/// <summary>The queue of one notifier on the broker, for as long as one session lasts: then it throws, and everything that was not acknowledged comes again
/// to whoever opens it next. Positions are the order of arrival, from 1.</summary>
/// <remarks>An acknowledgement has left when it counts; whether it arrived nobody can know. A broker that breaks down at that moment hands out once more
/// what was done, with the same id.</remarks>
internal sealed class BrokerDeliveryQueue : IDeliveryQueue, IAsyncDisposable
{
    private const string Lost = "the broker has ended the session; what was not acknowledged comes again";

    private readonly Suspicion _suspicion;
    private readonly Inbox _inbox;
    private readonly BrokerEndpoint _endpoint;
    private readonly BrokerLink _link;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, InboxMessage> _held = [];
    private readonly SemaphoreSlim _parkingGate = new(1, 1);
    private readonly Signal _answered = new();
    private readonly CancellationTokenSource _closed = new();
    private IChannel? _parking;
    private bool _isAlone;
    private InboxSession? _session;
    private long _acknowledged;
    private long _waiting;
    private long _parked;
    private bool _isDisposed;

    public BrokerDeliveryQueue(string notifier, Suspicion suspicion, Inbox inbox, BrokerEndpoint endpoint, BrokerLink link, TimeProvider clock, long waiting)
    {
        Notifier = notifier;
        _suspicion = suspicion;
        _inbox = inbox;
        _endpoint = endpoint;
        _link = link;
        _clock = clock;
        _waiting = waiting;
    }

    public string Notifier { get; }

    /// <summary>True when the queue must be opened anew.</summary>
    public bool IsLost => _isDisposed || _endpoint.Lost.IsCompleted || _session?.Ended.IsCancellationRequested == true;

    public long Backlog => Interlocked.Read(ref _waiting) + Held;

    /// <summary>How many transitions rest in the error queue.</summary>
    public long Parked => Interlocked.Read(ref _parked);

    private int Held
    {
        get
        {
            lock (_gate)
            {
                return _held.Count;
            }
        }
    }

    public async ValueTask<IReadOnlyList<ArchivedTransition>> ReceiveAsync(int maximum, CancellationToken cancellationToken)
    {
        List<ArchivedTransition> received = [];
        while (true)
        {
            while (received.Count < maximum && _inbox.Messages.TryPeek(out InboxMessage? next))
            {
                if (!await MayGoAsync(next, hasCompany: received.Count > 0, cancellationToken))
                {
                    break;
                }

                _inbox.Messages.TryRead(out _);
                if (Take(next) && !await CondemnAsync(next, cancellationToken))
                {
                    received.Add(new ArchivedTransition((long)next.DeliveryTag, next.Body) { TraceParent = next.TraceParent });
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

        _answered.Set();
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

        await ParkAsync(message, reason, cancellationToken);
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
    }

    private async Task ParkAsync(InboxMessage message, string reason, CancellationToken cancellationToken)
    {
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

    /// <summary>False for what belongs to a session that ended before anything of it was handed out.</summary>
    private bool Take(InboxMessage message)
    {
        lock (_gate)
        {
            if (_session is null && message.Session.Ended.IsCancellationRequested)
            {
                return false;
            }

            _session ??= message.Session;
            if (message.Session != _session)
            {
                throw new DeliveryQueueLostException(Lost);
            }

            ThrowIfLost();
            _held.Add((long)message.DeliveryTag, message);
            return true;
        }
    }

    /// <summary>Keeps a transition that may have ended the process apart from all others. False when it must not leave together with what is leaving now.</summary>
    private async ValueTask<bool> MayGoAsync(InboxMessage next, bool hasCompany, CancellationToken cancellationToken)
    {
        bool isAlone = Suspicion.IsAlone(MessageHeaders.Deliveries(next.Properties));
        if (!isAlone && !_isAlone)
        {
            return true;
        }

        if (hasCompany)
        {
            return false;
        }

        await AllAnsweredAsync(cancellationToken);
        _isAlone = isAlone;
        return true;
    }

    /// <summary>Parks what is taken for the reason why the process ended before.</summary>
    private async ValueTask<bool> CondemnAsync(InboxMessage message, CancellationToken cancellationToken)
    {
        long deliveries = MessageHeaders.Deliveries(message.Properties);
        if (!_suspicion.Condemns(deliveries))
        {
            return false;
        }

        await ParkAsync(message, string.Create(CultureInfo.InvariantCulture, $"delivered {deliveries} times without an answer"), cancellationToken);
        await AcknowledgeAsync((long)message.DeliveryTag, cancellationToken);
        return true;
    }

    /// <summary>Waits until nothing is handed out, but not for ever.</summary>
    private async Task AllAnsweredAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Suspicion.Patience, _clock);
        using var either = Linked(cancellationToken, patience.Token);
        try
        {
            while (Held > 0)
            {
                await _answered.WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // It merely fails, again and again.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeliveryQueueLostException(Lost);
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var either = Linked(cancellationToken);
        try
        {
            // A standby has no session whose end would tell it.
            Task<bool> more = _inbox.Messages.WaitToReadAsync(either.Token).AsTask();
            if (await Task.WhenAny(more, _endpoint.Lost) != more)
            {
                throw new DeliveryQueueLostException((await _endpoint.Lost).Message);
            }

            if (!await more)
            {
                throw new DeliveryQueueLostException(Lost);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeliveryQueueLostException(Lost);
        }
    }

    private CancellationTokenSource Linked(params ReadOnlySpan<CancellationToken> tokens) =>
        CancellationTokenSource.CreateLinkedTokenSource([.. tokens, _session?.Ended ?? CancellationToken.None, _closed.Token]);

    private void ThrowIfLost()
    {
        if (IsLost)
        {
            throw new DeliveryQueueLostException(Lost);
        }
    }
}
