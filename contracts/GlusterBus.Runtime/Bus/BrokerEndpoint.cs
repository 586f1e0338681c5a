using MassTransit;

namespace GlusterBus.Runtime.Bus;

/// <summary>A queue that is being received, until the line breaks.</summary>
/// <remarks>MassTransit would come back by itself, but at its own pace, which can't be set: after 4, 8 … 30 s, at the longest of these after every
/// later loss too, and not at all once a password was refused. A standby that is away for so long is none. So who receives takes a new endpoint
/// when one is lost.</remarks>
public sealed class BrokerEndpoint
{
    private readonly Inbox _inbox;
    private readonly HostReceiveEndpointHandle _handle;
    private readonly Watch _watch;

    internal BrokerEndpoint(Inbox inbox, Watch watch, HostReceiveEndpointHandle handle)
    {
        handle.ReceiveEndpoint.ConnectReceiveObserver(inbox);
        (_inbox, _watch, _handle) = (inbox, watch, handle);
    }

    /// <summary>Completes when the queue is declared and its consumer is registered.</summary>
    public Task Ready => _handle.Ready;

    /// <summary>Completes with the reason when nothing more is delivered: the broker can't be reached or refuses, the line broke, the consumer was cancelled.</summary>
    public Task<BrokerLostException> Lost => _watch.Lost;

    /// <summary>Ends the sessions, so that the broker hands what is not acknowledged, in order, to somebody else; then stops receiving.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _inbox.StopAsync();
        await _handle.StopAsync(cancellationToken);
    }

    /// <summary>Sees an endpoint's end. Connected before the endpoint begins, so that it misses none.</summary>
    internal sealed class Watch(Func<Exception, BrokerTrouble> trouble) : IReceiveEndpointObserver
    {
        private readonly TaskCompletionSource<BrokerLostException> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<BrokerLostException> Lost => _lost.Task;

        public Task Ready(ReceiveEndpointReady ready) => Task.CompletedTask;

        public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

        public Task Completed(ReceiveEndpointCompleted completed)
        {
            _lost.TrySetResult(new BrokerLostException(new BrokerTrouble(BrokerTroubleKind.Unreachable, "the broker does not deliver any more")));
            return Task.CompletedTask;
        }

        public Task Faulted(ReceiveEndpointFaulted faulted)
        {
            _lost.TrySetResult(new BrokerLostException(trouble(faulted.Exception ?? new IOException("the endpoint failed")), faulted.Exception));
            return Task.CompletedTask;
        }
    }
}

/// <summary>A queue is not received any more.</summary>
/// <param name="trouble">Why.</param>
/// <param name="inner">What the client said, where it said something.</param>
public sealed class BrokerLostException(BrokerTrouble trouble, Exception? inner = null) : Exception(trouble.ToString(), inner);
