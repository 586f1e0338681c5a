using System.Globalization;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.TestKit;

/// <summary>A Redis Cluster of three masters that share the slots, and replicas where a test adds them.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16384;

    private const int Masters = 3;

    private readonly List<RedisProcess> _nodes = [];
    private int _seedBus;

    public IReadOnlyList<RedisProcess> Nodes => _nodes;

    /// <summary>Leads to the cluster by one of its nodes.</summary>
    public RedisOptions Options => _nodes[0].Options;

    /// <summary>Starts the nodes and waits until all of them take the cluster for whole.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="nodeTimeout">After so many milliseconds of silence the others take a node for dead.</param>
    public static async Task<RedisCluster> StartAsync(CancellationToken cancellationToken, int nodeTimeout = 3000)
    {
        var cluster = new RedisCluster();
        try
        {
            int[] bus = FreePorts.Take(Masters);
            for (int i = 0; i < bus.Length; i++)
            {
                RedisProcess node = await cluster.AddAsync(bus[i], nodeTimeout, cancellationToken);
                await node.ControlAsync(["CLUSTER", "ADDSLOTSRANGE", Text(Slots * i / bus.Length), Text((Slots * (i + 1) / bus.Length) - 1)], cancellationToken);
                if (i > 0)
                {
                    await node.ControlAsync(["CLUSTER", "SET-CONFIG-EPOCH", Text(i + 1)], cancellationToken);
                    await node.ControlAsync(["CLUSTER", "MEET", "127.0.0.1", Text(cluster._nodes[0].Port), Text(bus[0])], cancellationToken);
                }
            }

            cluster._seedBus = bus[0];
            await cluster.AgreeAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The master that has the slot of a key.</summary>
    public async Task<RedisProcess> OwnerOfAsync(string key, CancellationToken cancellationToken)
    {
        int slot = int.Parse(await _nodes[0].ControlAsync(["CLUSTER", "KEYSLOT", key], cancellationToken), CultureInfo.InvariantCulture);
        return _nodes[Enumerable.Range(0, Masters).Last(i => Slots * i / Masters <= slot)];
    }

    /// <summary>Gives a master a replica, which takes over when the master is gone, and waits until it has everything and all nodes know it.</summary>
    public async Task<RedisProcess> AddReplicaAsync(RedisProcess master, int nodeTimeout, CancellationToken cancellationToken)
    {
        RedisProcess replica = await AddAsync(FreePorts.Take(1)[0], nodeTimeout, cancellationToken);
        await replica.ControlAsync(["CLUSTER", "MEET", "127.0.0.1", Text(_nodes[0].Port), Text(_seedBus)], cancellationToken);
        await AgreeAsync(cancellationToken);
        string id = await master.ControlAsync(["CLUSTER", "MYID"], cancellationToken);
        await UntilAsync(async () => await replica.ControlAsync(["CLUSTER", "REPLICATE", id], cancellationToken) == "OK", cancellationToken);
        await UntilAsync(async () => (await replica.ControlAsync(["INFO", "replication"], cancellationToken)).Contains("master_link_status:up", StringComparison.Ordinal), cancellationToken);
        foreach (RedisProcess node in _nodes)
        {
            await UntilAsync(async () => (await node.ControlAsync(["CLUSTER", "REPLICAS", id], cancellationToken)).Contains(Text(replica.Port), StringComparison.Ordinal), cancellationToken);
        }

        return replica;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RedisProcess node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    private async Task<RedisProcess> AddAsync(int bus, int nodeTimeout, CancellationToken cancellationToken)
    {
        RedisProcess node = await RedisProcess.StartAsync(
            cancellationToken,
            "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-port", Text(bus), "--cluster-node-timeout", Text(nodeTimeout), "--repl-diskless-sync-delay", "0");
        _nodes.Add(node);
        return node;
    }

    /// <summary>Returns when every node knows all others and takes the cluster for whole.</summary>
    private async Task AgreeAsync(CancellationToken cancellationToken)
    {
        foreach (RedisProcess node in _nodes)
        {
            await UntilAsync(
                async () => await node.ControlAsync(["CLUSTER", "INFO"], cancellationToken) is var info
                    && info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains("cluster_known_nodes:" + Text(_nodes.Count), StringComparison.Ordinal),
                cancellationToken);
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
