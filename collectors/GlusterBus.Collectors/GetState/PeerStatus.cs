using System.Xml.Linq;

namespace GlusterBus.Collectors.GetState;

/// <summary>What <c>gluster peer status --xml</c> tells.</summary>
public sealed record PeerStatus(IReadOnlyList<PeerStatusEntry> Peers)
{
    /// <summary>Pure. Entries without a host name are passed over. The own node is not listed.</summary>
    public static PeerStatus Read(XDocument reply) => new([
        .. from peer in reply.Descendants("peerStatus").Elements("peer")
           let name = (string?)peer.Element("hostname")
           where name is not null
           select new PeerStatusEntry(
               (string?)peer.Element("uuid") ?? "",
               name,
               [.. peer.Elements("hostnames").Elements("hostname").Select(h => h.Value)],
               XmlText.Number(peer.Element("connected")) == 1,
               XmlText.Number(peer.Element("state")),
               (string?)peer.Element("stateStr") ?? "")]);
}

/// <summary>One peer of <see cref="PeerStatus"/>.</summary>
/// <param name="HostNames">All names and addresses it was probed by, the primary one too.</param>
/// <param name="State">0 to 10, the order of glusterd's friend states (glusterd-sm.h); 3 is in the cluster, 6 is rejected.</param>
public sealed record PeerStatusEntry(string Uuid, string HostName, IReadOnlyList<string> HostNames, bool IsConnected, int? State, string StateText);
