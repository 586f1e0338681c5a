namespace GlusterBus.Collectors.GetState;

/// <summary>What <c>gluster get-state</c> of one node tells: a value, as read, nothing concluded.</summary>
public sealed record ClusterState
{
    /// <summary>The node's own uuid; empty until the node did its first operation (glusterd makes it late and prints zeros before).</summary>
    public string Uuid { get; init; } = "";

    public int? OpVersion { get; init; }

    /// <summary>Options of the whole cluster.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>The other nodes.</summary>
    public IReadOnlyList<PeerEntry> Peers { get; init; } = [];

    public IReadOnlyList<VolumeEntry> Volumes { get; init; } = [];

    /// <summary>Daemons of the whole node that were set up since glusterd started.</summary>
    public IReadOnlyList<ServiceEntry> Services { get; init; } = [];
}

/// <summary>Another node.</summary>
/// <param name="Number">Its place in the file, for evidence.</param>
/// <param name="Uuid">Empty until the peer told it.</param>
/// <param name="FriendState">glusterd's own words, such as <c>Peer in Cluster</c>.</param>
public sealed record PeerEntry(int Number, string Name, string Uuid, string FriendState, bool IsConnected, IReadOnlyList<string> OtherNames);

/// <summary>A daemon such as <c>bitd</c>, <c>scrub</c>, <c>quotad</c>.</summary>
public sealed record ServiceEntry(int Number, string Name, bool IsOnline);

/// <summary>A volume's definition and what this node knows of its health.</summary>
public sealed record VolumeEntry
{
    /// <summary>Its place in the file, for evidence.</summary>
    public required int Number { get; init; }

    public required string Name { get; init; }

    public string Id { get; init; } = "";

    /// <summary>Such as <c>Distributed-Replicate</c>.</summary>
    public string Type { get; init; } = "";

    public string Transport { get; init; } = "";

    /// <summary><c>Created</c>, <c>Started</c> or <c>Stopped</c>.</summary>
    public required string Status { get; init; }

    public int? BrickCount { get; init; }

    public int? SnapshotCount { get; init; }

    public int? SubvolumeCount { get; init; }

    public int? ReplicaCount { get; init; }

    public int? ArbiterCount { get; init; }

    public int? DisperseCount { get; init; }

    public int? RedundancyCount { get; init; }

    /// <summary><c>not_applicable</c>, <c>meets</c> or <c>does_not_meet</c>.</summary>
    public string? QuorumStatus { get; init; }

    /// <summary>Null where the version does not tell.</summary>
    public bool? SnapshotDaemonOnline { get; init; }

    /// <summary>Null where the version does not tell (glusterd before 7).</summary>
    public bool? SelfHealDaemonOnline { get; init; }

    public string? RebalanceId { get; init; }

    /// <summary>Such as <c>not_started</c>, <c>completed</c>.</summary>
    public string? RebalanceStatus { get; init; }

    /// <summary>Options that were set, not the defaults.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<BrickEntry> Bricks { get; init; } = [];

    /// <summary>Workers of geo-replication on this node.</summary>
    public IReadOnlyList<GeorepPair> GeorepPairs { get; init; } = [];

    public IReadOnlyList<SnapshotEntry> Snapshots { get; init; } = [];

    public bool IsStarted => Status == "Started";
}

/// <summary>A brick.</summary>
/// <param name="Number">Its place in the volume, from 1.</param>
/// <param name="Status"><c>Started</c>, <c>Stopped</c>, <c>Starting</c> or <c>Stopping</c>; null for a brick of another node.</param>
/// <param name="IsRegistered">Whether the brick process told glusterd its port; null for a brick of another node.</param>
/// <param name="SpaceFree">Bytes free in its file system.</param>
/// <param name="SpaceTotal">Bytes of its file system.</param>
public sealed record BrickEntry(int Number, string HostAndPath, string Host, bool IsArbiter, string? Status, bool? IsRegistered, int? Port, long? SpaceFree, long? SpaceTotal)
{
    public bool IsLocal => Status is not null;
}

/// <summary>A geo-replication worker.</summary>
/// <param name="Session">Primary volume's uuid, secondary url and secondary volume's uuid, joined by colons.</param>
/// <param name="Status">Such as <c>Active</c>, <c>Faulty</c>, <c>Created</c>.</param>
public sealed record GeorepPair(int Number, string Session, string PrimaryNode, string PrimaryBrick, string Secondary, string SecondaryNode, string Status, string CrawlStatus);

/// <summary>A snapshot of a volume.</summary>
public sealed record SnapshotEntry(int Number, string Name, string Id, string Time, string Description, string Status);
