using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.GetState;

/// <summary>What <c>volume info</c> and <c>peer status</c> told last.</summary>
internal sealed record ClusterInfo(VolumeInfo? Volumes, PeerStatus? Peers)
{
    public static readonly ClusterInfo None = new(null, null);

    /// <exception cref="GlusterReplyException">One of the two failed.</exception>
    public static async Task<ClusterInfo> AskAsync(IGlusterCli cli, CancellationToken cancellationToken)
    {
        Task<VolumeInfo> volumes = VolumesAsync();
        Task<PeerStatus> peers = PeersAsync();
        await Task.WhenAll(volumes, peers);
        return new ClusterInfo(await volumes, await peers);

        async Task<VolumeInfo> VolumesAsync() => VolumeInfo.Read(await cli.QueryAsync(["volume", "info"], cancellationToken));
        async Task<PeerStatus> PeersAsync() => PeerStatus.Read(await cli.QueryAsync(["peer", "status"], cancellationToken));
    }

    /// <summary>A text that changes when volumes, bricks or peers come or go: then the info is out of date.</summary>
    public static string Layout(ClusterState state) => string.Join('\n', [
        .. state.Peers.Select(p => $"{p.Name} {p.Uuid}"),
        .. state.Volumes.Select(v => $"{v.Id} {string.Join(' ', v.Bricks.Select(b => b.HostAndPath))}")]);
}
