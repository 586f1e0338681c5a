using System.Net;
using System.Net.Sockets;
using GlusterBus.Collectors.GlusterEvents.Receiving;
using GlusterBus.Contracts.Plugins;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors.GlusterEvents;

/// <content>The addresses that it listens on.</content>
public sealed partial class GlusterEventsCollector
{
    public Task<IReadOnlyList<CheckResult>> CheckAsync(CancellationToken cancellationToken)
    {
        int port = options.EffectivePort;
        return Task.FromResult<IReadOnlyList<CheckResult>>([.. options.Listen.Select(address => ListenAddress.Check(address, port))]);
    }

    private List<DatagramSocket> Open(Action<Exception> onFailure)
    {
        var arrivals = new ArrivalClock(clock);
        var sockets = new List<DatagramSocket>();
        int port = options.EffectivePort;
        try
        {
            foreach (string address in options.Listen)
            {
                try
                {
                    sockets.Add(DatagramSocket.Open(new IPEndPoint(ListenAddress.Parsed(address), port), options.ReceiveBufferBytes, _queue, arrivals, onFailure));

                    // With port 0 all sockets share the one that the kernel chose for the first.
                    port = sockets[^1].Endpoint.Port;
                }
                catch (SocketException e) when (ListenAddress.IsAbsent(e, address))
                {
                    AddressIsAbsent(logger, address);
                }
                catch (SocketException e)
                {
                    throw new IOException($"{ListenAddress.Problem(e, address, port)}; {ListenAddress.Remedy(e)}", e);
                }
            }
        }
        catch
        {
            sockets.ForEach(s => s.Dispose());
            throw;
        }

        if (sockets.Count == 0)
        {
            throw new IOException("none of the addresses to listen on exists on this node");
        }

        int granted = sockets.Min(s => s.GrantedBufferBytes);
        if (granted < options.ReceiveBufferBytes)
        {
            BufferIsSmall(logger, granted, options.ReceiveBufferBytes);
        }

        IsListening(logger, string.Join(", ", sockets.Select(s => s.Endpoint)));
        return sockets;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Listening for Gluster's events on {Endpoints}")]
    private static partial void IsListening(ILogger logger, string endpoints);

    [LoggerMessage(Level = LogLevel.Information, Message = "This node has no address {Address}; Gluster's events come over IPv4 only")]
    private static partial void AddressIsAbsent(ILogger logger, string address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The kernel gives {Granted} bytes of receive buffer of the {Wanted} wanted; a burst may lose events. Give CAP_NET_ADMIN or raise net.core.rmem_max")]
    private static partial void BufferIsSmall(ILogger logger, int granted, int wanted);
}
