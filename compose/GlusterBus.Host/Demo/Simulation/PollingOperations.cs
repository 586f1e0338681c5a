namespace GlusterBus.Host.Demo.Simulation;

/// <summary>What monitoring does to the logs all day long. None of it is a change.</summary>
internal static class PollingOperations
{
    /// <summary>Somebody runs <c>gluster peer status</c>.</summary>
    public static void PeerStatus(this SimulatedCluster cluster, TimeSpan at, string node) => cluster.On(node, at).Glusterd(GlusterdLines.PeerList);

    /// <summary>Somebody runs <c>gluster volume status</c>.</summary>
    public static void VolumeStatus(this SimulatedCluster cluster, TimeSpan at, string volume, string node) =>
        cluster.On(node, at).Glusterd(GlusterdLines.StatusRequest(volume)).After(3).History($"volume status {volume}");

    /// <summary>glusterd held back equal lines of a poller and sums them up.</summary>
    public static void SumUp(this SimulatedCluster cluster, TimeSpan at, string volume, string node, int count) =>
        cluster.On(node, at).Repeated("glusterd.log", GlusterdLines.StatusRequestMessage(volume), count, TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(120));
}
