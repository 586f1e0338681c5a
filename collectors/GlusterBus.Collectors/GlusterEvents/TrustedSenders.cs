using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using GlusterBus.Collectors.Node;

namespace GlusterBus.Collectors.GlusterEvents;

/// <summary>Whose datagrams are believed: the node's own, its peers', and those of the hosts that the configuration names. Thread-safe.</summary>
/// <remarks>gf_event has no authentication, so this is no more than a check of the address. Names are resolved beside the hot path and kept when they can't be resolved any more.</remarks>
/// <param name="node">The node, for the peers.</param>
/// <param name="more">Hosts of the configuration.</param>
/// <param name="resolve">Finds the addresses of a name.</param>
internal sealed class TrustedSenders(NodeContext node, IReadOnlyList<string> more, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    private readonly ConcurrentDictionary<string, IPAddress[]> _byName = new(StringComparer.OrdinalIgnoreCase);
    private volatile FrozenSet<IPAddress> _known = FrozenSet<IPAddress>.Empty;
    private volatile Topology? _seen;

    /// <summary>True when the peers have changed since the last refresh.</summary>
    public bool IsStale => !ReferenceEquals(_seen, node.Topology);

    public bool Trusts(IPAddress sender) => IPAddress.IsLoopback(sender) || _known.Contains(sender);

    /// <summary>Looks all names up again, at the same time, each for at most 5 s.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        Topology topology = node.Topology;
        HashSet<string> names = [.. topology.PeerNames.Values, .. topology.PeerAliases.Keys, .. more];
        await Task.WhenAll(names.Select(name => LookUpAsync(name, cancellationToken)));
        _known = OwnAddresses().Concat(names.SelectMany(n => _byName.GetValueOrDefault(n, []))).ToFrozenSet();
        _seen = topology;
    }

    private async Task LookUpAsync(string name, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(name, out IPAddress? literal))
        {
            _byName[name] = [literal];
            return;
        }

        try
        {
            _byName[name] = await resolve(name, cancellationToken).WaitAsync(TimeSpan.FromSeconds(5), cancellationToken);
        }
        catch (Exception e) when (e is SocketException or TimeoutException or ArgumentException)
        {
            // An unknown name trusts nobody new; the addresses found before stay.
        }
    }

    private static IEnumerable<IPAddress> OwnAddresses() =>
        NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => Plain(a.Address));

    // A link-local address carries the number of its interface, which a sender's address need not.
    private static IPAddress Plain(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress(address.GetAddressBytes()) : address;
}
