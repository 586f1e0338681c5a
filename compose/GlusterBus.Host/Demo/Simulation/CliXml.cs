using System.Xml.Linq;

namespace GlusterBus.Host.Demo.Simulation;

/// <summary>Renders the XML replies of the <c>gluster</c> command that the collectors ask for.</summary>
internal static class CliXml
{
    public static XDocument VolumeInfo(ClusterState state) => Reply(new XElement(
        "volInfo",
        new XElement("volumes", state.Volumes.Select(v => Volume(state, v)), new XElement("count", state.Volumes.Length))));

    public static XDocument PeerStatus(ClusterState state, string node) => Reply(new XElement(
        "peerStatus",
        from peer in state.Nodes
        where peer.Name != node
        select new XElement(
            "peer",
            new XElement("uuid", peer.Uuid),
            new XElement("hostname", peer.Name),
            new XElement("hostnames", new XElement("hostname", peer.Name)),
            new XElement("connected", peer.IsUp ? 1 : 0),
            new XElement("state", 3),
            new XElement("stateStr", "Peer in Cluster"))));

    private static XElement Volume(ClusterState state, SimulatedVolume volume) => new(
        "volume",
        new XElement("name", volume.Name),
        new XElement("id", volume.Id),
        new XElement("status", volume.IsStarted ? 1 : 0),
        new XElement("statusStr", volume.IsStarted ? "Started" : "Created"),
        new XElement("snapshotCount", 0),
        new XElement("brickCount", volume.Bricks.Length),
        new XElement("distCount", 1),
        new XElement("replicaCount", 3),
        new XElement("arbiterCount", 0),
        new XElement("disperseCount", 0),
        new XElement("redundancyCount", 0),
        new XElement("type", 2),
        new XElement("typeStr", "Replicate"),
        new XElement("transport", 0),
        new XElement(
            "bricks",
            from brick in volume.Bricks
            let host = state.Node(brick.Node).Uuid
            select new XElement(
                "brick", new XAttribute("uuid", host), brick.HostAndPath, new XElement("name", brick.HostAndPath), new XElement("hostUuid", host), new XElement("isArbiter", 0))),
        new XElement("optCount", volume.Options.Length),
        new XElement("options", volume.Options.Select(o => new XElement("option", new XElement("name", o.Key), new XElement("value", o.Value)))));

    private static XDocument Reply(XElement body) => new(
        new XDeclaration("1.0", "UTF-8", "yes"),
        new XElement("cliOutput", new XElement("opRet", 0), new XElement("opErrno", 0), new XElement("opErrstr"), body));
}
