using GlusterBus.Collectors.GetState;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.Node;

/// <summary>Finds the name that Gluster knows this node by.</summary>
public static class NodeName
{
    /// <summary>Asks glusterd, unless the name is configured. Never fails: without an answer the machine's name must do.</summary>
    public static async Task<string> FindAsync(string? configured, IGlusterCli cli, string machineName, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrWhiteSpace(configured))
        {
            return Choose(configured, null, machineName);
        }

        try
        {
            return Choose(null, GetStateReader.Read(await cli.GetStateAsync(cancellationToken)), machineName);
        }
        catch (GlusterReplyException)
        {
            return Choose(null, null, machineName);
        }
    }

    /// <summary>Pure: the configured name; else the host of the own bricks, preferring the machine's own name in any of its spellings,
    /// then the one that most bricks bear; else the machine's name.</summary>
    /// <remarks>glusterd does not tell its own host name: only the bricks of the node show how the others call it.</remarks>
    public static string Choose(string? configured, ClusterState? state, string machineName)
    {
        if (!string.IsNullOrWhiteSpace(configured))
        {
            return configured.Trim();
        }

        // A peer's name can't be this node's: a brick moved between hosts may still bear it.
        HashSet<string> peers = [.. (state?.Peers ?? []).Select(p => p.Name)];
        return (state?.Volumes ?? [])
            .SelectMany(v => v.Bricks)
            .Where(b => b.IsLocal && b.Host.Length > 0 && !peers.Contains(b.Host))
            .GroupBy(b => b.Host, StringComparer.Ordinal)
            .OrderByDescending(hosts => Likeness(hosts.Key, machineName))
            .ThenByDescending(hosts => hosts.Count())
            .ThenBy(hosts => hosts.Key, StringComparer.Ordinal)
            .Select(hosts => hosts.Key)
            .FirstOrDefault(machineName);
    }

    private static int Likeness(string host, string machineName) =>
        string.Equals(host, machineName, StringComparison.OrdinalIgnoreCase) ? 2
        : string.Equals(Short(host), Short(machineName), StringComparison.OrdinalIgnoreCase) ? 1
        : 0;

    private static string Short(string name) => name.Split('.')[0];
}
