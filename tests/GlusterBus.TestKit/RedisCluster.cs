using System.Globalization;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.TestKit;

/// <summary>A Redis Cluster of three masters that share the slots.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16384;

    private readonly List<RedisProcess> _nodes = [];

    public IReadOnlyList<RedisProcess> Nodes => _nodes;

    /// <summary>Leads to the cluster by one of its nodes.</summary>
    public RedisOptions Options => _nodes[0].Options;

    /// <summary>Starts the nodes and waits until all of them take the cluster for whole.</summary>
    public static async Task<RedisCluster> StartAsync(CancellationToken cancellationToken)
    {
        var cluster = new RedisCluster();
        try
        {
            int[] bus = FreePorts.Take(3);
            for (int i = 0; i < bus.Length; i++)
            {
                RedisProcess node = await RedisProcess.StartAsync(
                    cancellationToken, "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-port", Text(bus[i]), "--cluster-node-timeout", "3000");
                cluster._nodes.Add(node);
                await node.ControlAsync(["CLUSTER", "ADDSLOTSRANGE", Text(Slots * i / bus.Length), Text((Slots * (i + 1) / bus.Length) - 1)], cancellationToken);
                if (i > 0)
                {
                    await node.ControlAsync(["CLUSTER", "SET-CONFIG-EPOCH", Text(i + 1)], cancellationToken);
                    await node.ControlAsync(["CLUSTER", "MEET", "127.0.0.1", Text(cluster._nodes[0].Port), Text(bus[0])], cancellationToken);
                }
            }

            foreach (RedisProcess node in cluster._nodes)
            {
                while (await node.ControlAsync(["CLUSTER", "INFO"], cancellationToken) is var info
                    && !(info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains("cluster_known_nodes:3", StringComparison.Ordinal)))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
                }
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RedisProcess node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
