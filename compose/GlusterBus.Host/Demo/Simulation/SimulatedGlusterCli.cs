using System.Xml.Linq;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Host.Demo.Simulation;

/// <summary>The <c>gluster</c> command of one simulated node: answers from the state that the stage is in.</summary>
/// <param name="state">The cluster as it is now.</param>
/// <param name="node">Where the command is typed.</param>
internal sealed class SimulatedGlusterCli(Func<ClusterState> state, string node) : IGlusterCli
{
    public Task<XDocument> QueryAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ClusterState now = Reach();
        return command switch
        {
            ["volume", "info", ..] => Task.FromResult(CliXml.VolumeInfo(now)),
            ["peer", "status", ..] => Task.FromResult(CliXml.PeerStatus(now, node)),
            _ => throw new GlusterReplyException($"gluster {string.Join(' ', command)}: the simulated cluster doesn't know this command"),
        };
    }

    public Task<string> GetStateAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(GetStateText.Render(Reach(), node));
    }

    private ClusterState Reach()
    {
        ClusterState now = state();
        return now.Node(node).IsUp
            ? now
            : throw new GlusterReplyException("Connection failed. Please check if gluster daemon is operational.", isDaemonDown: true);
    }
}
