using System.Net;
using System.Net.Sockets;
using GlusterBus.Contracts.Plugins;

namespace GlusterBus.Collectors.GlusterEvents.Receiving;

/// <summary>An address to listen on: what may be wrong with it, and what to do about it.</summary>
internal static class ListenAddress
{
    /// <summary>Binds and lets go.</summary>
    public static CheckResult Check(string address, int port)
    {
        string subject = $"gf_event listens on {address} port {port}/udp";
        try
        {
            DatagramSocket.Bind(new IPEndPoint(Parsed(address), port)).Dispose();
            return new(subject);
        }
        catch (SocketException e) when (IsAbsent(e, address))
        {
            return new(subject, "the node has no such IPv6 address", "nothing: Gluster then sends to 127.0.0.1", IsWarning: true);
        }
        catch (Exception e) when (e is SocketException or FormatException)
        {
            return new(subject, Problem(e, address, port), Remedy(e));
        }
    }

    /// <exception cref="FormatException">It is no IP address.</exception>
    public static IPAddress Parsed(string address) =>
        IPAddress.TryParse(address.Trim('[', ']'), out IPAddress? parsed) ? parsed : throw new FormatException($"'{address}' is no IP address to listen on");

    // No IPv6 at all, or not this address of it: Gluster's senders take IPv4 then.
    public static bool IsAbsent(SocketException e, string address) =>
        address.Contains(':', StringComparison.Ordinal) && e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported;

    public static string Problem(Exception e, string address, int port) => e switch
    {
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } =>
            $"port {port}/udp on {address} is taken by {PortHolder.Find(port) ?? "another process, probably glustereventsd"}",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => $"this node has no address {address}",
        _ => $"port {port}/udp on {address} can't be opened: {e.Message}",
    };

    public static string Remedy(Exception e) => e switch
    {
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => "stop it: systemctl stop glustereventsd",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => "correct the option 'listen' of gf_event",
        _ => "correct the options 'listen' and 'port' of gf_event",
    };
}
