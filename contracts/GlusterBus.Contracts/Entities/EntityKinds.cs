using System.Collections.Frozen;
using static GlusterBus.Contracts.Entities.Severity;

namespace GlusterBus.Contracts.Entities;

/// <summary>All kinds of entity with their states: the domain's vocabulary (event catalogue § 2 and § 8).</summary>
public static class EntityKinds
{
    private static readonly FrozenDictionary<string, EntityKind> ByName = new EntityKind[]
    {
        Kind("cluster", "The whole cluster and its global options", ("ok", Ok), ("degraded", Warning), ("partitioned", Error), ("no-quorum", Critical), ("unknown", Unknown)) with { AttributesAreNews = true },
        Kind("node", "glusterd on one node", ("online", Ok), ("restarting", Warning), ("offline", Error), ("unreachable", Critical), ("unknown", Unknown)),
        Kind("peer", "One node as another one sees it", ("connected", Ok), ("attached", Info), ("handshaking", Info), ("disconnected", Error),
            ("rejected", Critical), ("detached", Info), ("unknown", Unknown)) with { GoneState = "detached", PassedQuietly = ["handshaking"], SettlesQuietly = ["attached", "handshaking"] },
        Kind("quorum", "Server quorum of a volume", ("not-applicable", Ok), ("met", Ok), ("lost", Critical), ("unknown", Unknown)) with { HealthyIsExpected = true, GoneState = "not-applicable" },
        Kind("volume", "A volume", ("created", Info), ("started", Ok), ("degraded", Warning), ("read-only", Error), ("down", Critical),
            ("stopped", Info), ("deleted", Info), ("unknown", Unknown)) with { GoneState = "deleted", AttributesAreNews = true },
        Kind("config", "A volume's definition compared between two nodes", ("in-sync", Ok), ("behind", Info), ("out-of-sync", Error), ("split", Critical), ("unknown", Unknown)) with { HealthyIsExpected = true, GoneState = "in-sync" },
        Kind("brick", "A brick", ("online", Ok), ("starting", Info), ("stopping", Info), ("offline", Error), ("start-failed", Error), ("health-failed", Critical),
            ("refused", Error), ("resetting", Warning), ("removed", Info), ("unknown", Unknown)) with { HealthyIsExpected = true, GoneState = "removed", PassedQuietly = ["starting", "stopping"] },
        Kind("daemon", "A helper daemon of a node: self-heal, quota, bitrot, scrub, snapshot, NFS", ("online", Ok), ("stopping", Info), ("stopped", Ok), ("offline", Error),
            ("failed", Error), ("unknown", Unknown)) with { HealthyIsExpected = true, GoneState = "stopped", PassedQuietly = ["stopping"] },
        Kind("subvol", "A replica set or disperse set as its clients see it", ("up", Ok), ("degraded", Warning), ("no-quorum", Error), ("down", Critical), ("unknown", Unknown),
            ("removed", Info)) with { HealthyIsExpected = true, GoneState = "removed", Hold = TimeSpan.FromSeconds(10) },
        Kind("usage", "Space and inodes of a distribute subvolume", ("ok", Ok), ("near-full", Warning), ("inodes-near-full", Warning), ("unknown", Unknown), ("removed", Info)) with { HealthyIsExpected = true, GoneState = "removed" },
        Kind("filesystem", "The file system under a brick", ("ok", Ok), ("near-full", Warning), ("full", Error), ("bad", Critical), ("unknown", Unknown)) with { HealthyIsExpected = true },
        Kind("splitbrain", "A file whose copies disagree", ("resolved", Ok), ("found", Critical)) with { HealthyIsExpected = true, GoneState = "resolved" },
        Kind("client", "A client of a volume", ("connected", Ok), ("disconnected", Info), ("rejected", Warning), ("unknown", Unknown)),
        Kind("quota", "A quota limit or the quota of a volume", ("enabled", Info), ("disabled", Info), ("ok", Ok), ("soft-exceeded", Warning), ("hard-exceeded", Error), ("removed", Info)) with { GoneState = "removed" },
        Kind("bitrot", "Bitrot detection of a volume", ("enabled", Info), ("disabled", Info), ("paused", Warning), ("active", Ok), ("removed", Info)) with { GoneState = "removed" },
        Kind("object", "A file that bitrot detection found damaged", ("healed", Ok), ("corrupted", Critical)) with { HealthyIsExpected = true, GoneState = "healed" },
        Kind("snapshot", "A snapshot", ("created", Info), ("activated", Info), ("deactivated", Info), ("restored", Info), ("deleted", Info)) with { GoneState = "deleted" },
        Kind("snaplimit", "The snapshot limit of a volume", ("ok", Ok), ("soft-limit", Warning), ("hard-limit", Error), ("removed", Info)) with { HealthyIsExpected = true, GoneState = "removed" },
        Kind("scheduler", "The snapshot scheduler", ("enabled", Info), ("disabled", Info), ("failed", Error)),
        Kind("georep", "A geo-replication session", ("created", Info), ("started", Ok), ("paused", Warning), ("stopped", Info), ("deleted", Info), ("unknown", Unknown)) with { GoneState = "deleted" },
        Kind("worker", "A geo-replication worker", ("initializing", Info), ("active", Ok), ("passive", Ok), ("faulty", Error), ("stopped", Info), ("unknown", Unknown)) with { GoneState = "stopped" },
        Kind("rebalance", "A rebalance or remove-brick task", ("started", Info), ("completed", Ok), ("stopped", Info), ("committed", Info), ("failed", Error), ("removed", Info)) with { GoneState = "removed" },
        Kind("tier", "Tiering, a feature Gluster removed", ("attached", Info), ("detaching", Info), ("detached", Info), ("paused", Info), ("resumed", Info)),
        Kind("collector", "A collector on a node", ("online", Ok), ("blind", Warning), ("silent", Error), ("unknown", Unknown)) with { HealthyIsExpected = true },
    }.ToFrozenDictionary(kind => kind.Name, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, EntityKind>.AlternateLookup<ReadOnlySpan<char>> BySpan = ByName.GetAlternateLookup<ReadOnlySpan<char>>();

    public static IReadOnlyCollection<EntityKind> All => ByName.Values;

    /// <summary>The kind of an entity; null when the vocabulary has none of that name.</summary>
    public static EntityKind? Of(EntityId entity) => BySpan.TryGetValue(entity.KindSpan, out EntityKind? kind) ? kind : null;

    public static EntityKind? Named(string kind) => ByName.GetValueOrDefault(kind);

    private static EntityKind Kind(string name, string summary, params (string State, Severity Severity)[] states) => new()
    {
        Name = name,
        Summary = summary,
        States = states.ToFrozenDictionary(s => s.State, s => s.Severity, StringComparer.Ordinal),
    };
}
