using System.Net;
using GlusterBus.Collectors.Node;

namespace GlusterBus.Collectors.GetState;

/// <summary>From what glusterd tells to the names that other sources look up. Pure.</summary>
internal static class TopologyMapping
{
    /// <param name="addresses">Addresses by primary host name, as far as they are known.</param>
    public static Topology From(ClusterState state, PeerStatus? peers, IReadOnlyDictionary<string, IReadOnlyList<IPAddress>> addresses) => new()
    {
        OwnUuid = state.Uuid,
        PeerNames = state.Peers.Where(p => p.Uuid.Length > 0).DistinctBy(p => p.Uuid).ToDictionary(p => p.Uuid, p => p.Name, StringComparer.Ordinal),
        PeerAliases = Aliases(state, peers, addresses),
        VolumeNames = state.Volumes.Where(v => v.Id.Length > 0).DistinctBy(v => v.Id).ToDictionary(v => v.Id, v => v.Name, StringComparer.Ordinal),
        Bricks = [.. state.Volumes.SelectMany(v => v.Bricks.Select(b => new BrickAddress(v.Name, b.HostAndPath, b.IsLocal)))],
    };

    /// <summary>Primary names, other names and addresses; one that would stand for two peers is left out.</summary>
    private static Dictionary<string, string> Aliases(ClusterState state, PeerStatus? peers, IReadOnlyDictionary<string, IReadOnlyList<IPAddress>> addresses)
    {
        var aliases = new Dictionary<string, string>(StringComparer.Ordinal);
        var shared = new HashSet<string>(StringComparer.Ordinal);
        foreach (PeerEntry peer in state.Peers)
        {
            IEnumerable<string> otherNames = peers?.Peers.FirstOrDefault(p => p.Uuid == peer.Uuid && p.Uuid.Length > 0)?.HostNames ?? [];
            IEnumerable<string> known = addresses.GetValueOrDefault(peer.Name, []).Select(address => address.IsIPv4MappedToIPv6 ? address.MapToIPv4().ToString() : address.ToString());
            foreach (string alias in peer.OtherNames.Concat(otherNames).Concat(known).Append(peer.Name).Distinct(StringComparer.Ordinal))
            {
                if (!aliases.TryAdd(alias, peer.Name))
                {
                    shared.Add(alias);
                }
            }
        }

        foreach (string alias in shared)
        {
            aliases.Remove(alias);
        }

        return aliases;
    }
}
