using System.Globalization;
using System.Text;

namespace GlusterBus.Host.Demo.Simulation;

/// <summary>Renders what <c>gluster get-state</c> writes on one node. Ports and states of bricks are told for the node's own bricks only.</summary>
internal static class GetStateText
{
    public static string Render(ClusterState state, string nodeName)
    {
        SimulatedNode own = state.Node(nodeName);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"[Global]\nMYUUID: {own.Uuid}\nop-version: 100000\n\n[Global options]\n\n[Peers]\n");
        int number = 0;
        foreach (SimulatedNode peer in state.Nodes.Where(n => n.Name != nodeName))
        {
            number++;
            text.Append(CultureInfo.InvariantCulture, $"Peer{number}.primary_hostname: {peer.Name}\nPeer{number}.uuid: {peer.Uuid}\n")
                .Append(CultureInfo.InvariantCulture, $"Peer{number}.state: Peer in Cluster\nPeer{number}.connected: {(peer.IsUp ? "Connected" : "Disconnected")}\n")
                .Append(CultureInfo.InvariantCulture, $"Peer{number}.othernames: \n");
        }

        text.Append("\n[Volumes]\n");
        for (int i = 0; i < state.Volumes.Length; i++)
        {
            Volume(text, $"Volume{i + 1}", state.Volumes[i], own);
        }

        text.Append("\n\n[Services]\n");
        string[] services = ["bitd", "scrub", "quotad"];
        for (int i = 0; i < services.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"svc{i + 1}.name: {services[i]}\nsvc{i + 1}.online_status: Offline\n\n");
        }

        return text.Append("\n[Misc]\nBase port: 49152\n").ToString();
    }

    private static void Volume(StringBuilder text, string key, SimulatedVolume volume, SimulatedNode own)
    {
        void Line(string name, string value) => text.Append(key).Append('.').Append(name).Append(": ").Append(value).Append('\n');

        Line("name", volume.Name);
        Line("id", volume.Id.ToString());
        Line("type", "Replicate");
        Line("transport_type", "tcp");
        Line("status", volume.IsStarted ? "Started" : "Created");
        Line("profile_enabled", "0");
        Line("brickcount", volume.Bricks.Length.ToString(CultureInfo.InvariantCulture));
        for (int i = 0; i < volume.Bricks.Length; i++)
        {
            SimulatedBrick brick = volume.Bricks[i];
            string part = $"Brick{i + 1}";
            Line($"{part}.path", brick.HostAndPath);
            Line($"{part}.hostname", brick.Node);
            if (brick.Node == own.Name)
            {
                Line($"{part}.port", brick.Port.ToString(CultureInfo.InvariantCulture));
                Line($"{part}.rdma_port", "0");
                Line($"{part}.port_registered", brick.IsOnline ? "1" : "0");
                Line($"{part}.status", brick.IsOnline ? "Started" : "Stopped");
                Line($"{part}.spacefree", "240400408576Bytes");
                Line($"{part}.spacetotal", "270553174016Bytes");
            }
        }

        bool hasShd = own.ShdPid != 0;
        foreach ((string name, string value) in ((string, string)[])
        [
            ("snap_count", "0"), ("stripe_count", "1"), ("replica_count", "3"), ("subvol_count", "1"), ("arbiter_count", "0"), ("disperse_count", "0"),
            ("redundancy_count", "0"), ("quorum_status", "not_applicable"), ("snapd_svc.online_status", "Offline"), ("snapd_svc.inited", hasShd ? "True" : "False"),
            ("rebalance.id", Guid.Empty.ToString()), ("rebalance.status", "not_started"), ("rebalance.failures", "0"), ("rebalance.skipped", "0"),
            ("rebalance.lookedup", "0"), ("rebalance.files", "0"), ("rebalance.data", "0Bytes"), ("time_left", "0"),
            ("shd_svc.online_status", hasShd ? "Online" : "Offline"), ("shd_svc.inited", hasShd ? "True" : "False"), ("gsync_count", "0"),
        ])
        {
            Line(name, value);
        }

        foreach ((string option, string value) in volume.Options)
        {
            Line($"options.{option}", value);
        }

        text.Append('\n');
    }
}
