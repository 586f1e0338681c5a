using System.Xml.Linq;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Benchmarks;

/// <summary>The command of a node where no glusterd is asked.</summary>
internal sealed class NoGluster : IGlusterCli
{
    public Task<XDocument> QueryAsync(IReadOnlyList<string> command, CancellationToken cancellationToken) => throw new GlusterReplyException("there is no gluster here");

    public Task<string> GetStateAsync(CancellationToken cancellationToken) => throw new GlusterReplyException("there is no gluster here");
}
