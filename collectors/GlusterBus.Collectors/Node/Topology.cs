using GlusterBus.Contracts.Entities;

namespace GlusterBus.Collectors.Node;

/// <summary>A brick as the cluster's definition has it.</summary>
/// <param name="HostAndPath"><c>host:/path</c> as the operator typed it.</param>
/// <param name="IsLocal">True when it lives on the node that answered.</param>
public sealed record BrickAddress(string Volume, string HostAndPath, bool IsLocal)
{
    public string Path => HostAndPath[(HostAndPath.IndexOf(":/", StringComparison.Ordinal) + 1)..];

    public string Host => HostAndPath[..Math.Max(0, HostAndPath.IndexOf(":/", StringComparison.Ordinal))];

    public EntityId Entity => EntityId.Brick(Volume, HostAndPath);
}

/// <summary>What the node knows of the cluster's shape: names for the uuids, volumes for the paths. A value; the get_state collector replaces it.</summary>
public sealed record Topology
{
    public static readonly Topology Unknown = new();

    /// <summary>The node's own uuid; empty until glusterd said it.</summary>
    public string OwnUuid { get; init; } = "";

    /// <summary>Host name by peer uuid, the own node left out.</summary>
    public IReadOnlyDictionary<string, string> PeerNames { get; init; } = new Dictionary<string, string>();

    /// <summary>Primary host name by any other name of a peer (other names, addresses).</summary>
    public IReadOnlyDictionary<string, string> PeerAliases { get; init; } = new Dictionary<string, string>();

    /// <summary>Volume name by volume uuid.</summary>
    public IReadOnlyDictionary<string, string> VolumeNames { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<BrickAddress> Bricks { get; init; } = [];

    /// <summary>The name of a volume that a source gave by name or by uuid.</summary>
    public string Volume(string nameOrUuid) => VolumeNames.GetValueOrDefault(nameOrUuid, nameOrUuid);

    /// <summary>The primary host name of a peer given by uuid, name, address or <c>address:port</c>; what is unknown comes back without its port.</summary>
    public string Peer(string text)
    {
        if (PeerNames.TryGetValue(text, out string? name) || PeerAliases.TryGetValue(text, out name))
        {
            return name;
        }

        int colon = text.LastIndexOf(':');
        bool hasPort = colon > 0 && text.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0 && (text.IndexOf(':', StringComparison.Ordinal) == colon || text[colon - 1] == ']');
        string host = hasPort ? text[..colon] : text;
        return PeerAliases.GetValueOrDefault(host, host);
    }

    /// <summary>The brick entity for a host and path; with <see cref="EntityId.AnyVolume"/> when no known brick fits.</summary>
    public EntityId Brick(string hostAndPath) =>
        Bricks.FirstOrDefault(b => b.HostAndPath == hostAndPath)?.Entity ?? EntityId.Brick(EntityId.AnyVolume, hostAndPath);

    /// <summary>The brick of this node at a path.</summary>
    public EntityId LocalBrick(string path, string node) =>
        Bricks.FirstOrDefault(b => b.IsLocal && b.Path == path)?.Entity ?? Brick($"{node}:{path}");
}
