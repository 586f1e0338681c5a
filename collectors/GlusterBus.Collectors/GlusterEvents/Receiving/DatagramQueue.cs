using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace GlusterBus.Collectors.GlusterEvents.Receiving;

/// <summary>What waits between the sockets and the router, bounded by bytes. The receiving threads write and never wait; one reader.</summary>
/// <param name="bound">In bytes.</param>
internal sealed class DatagramQueue(int bound)
{
    private readonly Channel<ReceivedDatagram> _waiting = Channel.CreateUnbounded<ReceivedDatagram>(new() { SingleReader = true });
    private long _bytes;
    private long _overflow;

    /// <summary>How many found no room.</summary>
    public long Overflow => Interlocked.Read(ref _overflow);

    /// <summary>Completes false when there is no room: the datagram is lost.</summary>
    public bool TryAdd(in ReceivedDatagram datagram)
    {
        if (Interlocked.Add(ref _bytes, datagram.Cost) > bound)
        {
            Interlocked.Add(ref _bytes, -datagram.Cost);
            Interlocked.Increment(ref _overflow);
            return false;
        }

        return _waiting.Writer.TryWrite(datagram);
    }

    public bool TryTake([MaybeNullWhen(false)] out ReceivedDatagram datagram)
    {
        if (!_waiting.Reader.TryRead(out datagram))
        {
            return false;
        }

        Interlocked.Add(ref _bytes, -datagram.Cost);
        return true;
    }

    /// <summary>Waits until there is something.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await _waiting.Reader.WaitToReadAsync(cancellationToken);
}
