using GlusterBus.Contracts.Messages;

namespace GlusterBus.Runtime.Gluster;

/// <summary>The payload of a classic event, from a transition that no datagram told of. What nobody told is left out.</summary>
internal static class ClassicFields
{
    private const string OptionPrefix = "options.";

    /// <summary>The state that Gluster's sender names for a peer that was a full member, which one without a datagram is taken for.</summary>
    private const string FullMember = "Peer in Cluster";

    public static IReadOnlyList<KeyValuePair<string, string>> Of(string name, Transition t) =>
        [.. Fields(name, t).Where(f => f.Value is not null).Select(f => KeyValuePair.Create(f.Key, f.Value!))];

    private static (string Key, string? Value)[] Fields(string name, Transition t) => t.Entity.Kind switch
    {
        "peer" => Peer(name, t),
        "volume" or "cluster" => Volume(name, t),
        "quorum" or "tier" => [("volume", t.Entity.Name)],
        "config" => [("volume", Head(t))],
        "rebalance" => [("volume", Head(t))],
        "brick" => Brick(name, t),
        "daemon" => Daemon(t),
        "subvol" => [("subvol", t.Entity.Name.Replace('/', '-'))],
        "splitbrain" => [("subvol", Attribute(t, "subvol")), ("type", Attribute(t, "type")), ("file", Tail(t))],
        "usage" => [("volume", Head(t)), ("subvol", Tail(t))],
        "quota" => Quota(name, t),
        "bitrot" => [("name", t.Entity.Name), ("value", BitrotValue(name, t))],
        "object" => [("gfid", Tail(t).Split('/')[0]), ("path", Attribute(t, "path")), ("brick", PathOf(Tail(t)[(Tail(t).IndexOf('/', StringComparison.Ordinal) + 1)..]))],
        "snapshot" => [("snapshot_name", t.Entity.Name), ("volume_name", Attribute(t, "volume")), ("snapshot_uuid", Attribute(t, "uuid")), ("error", Attribute(t, "error"))],
        "snaplimit" => [("volume_name", t.Entity.Name)],
        "georep" => [.. Option(t), ("primary", Head(t)), ("secondary", Tail(t))],
        "worker" => Worker(t),
        "client" => [("client_uid", Tail(t))],
        _ => [],
    };

    private static (string, string?)[] Peer(string name, Transition t)
    {
        string peer = Tail(t);
        string? uuid = Attribute(t, "uuid");
        return name switch
        {
            "PEER_ATTACH" or "PEER_DETACH" => [("host", peer)],
            "PEER_CONNECT" => [("host", peer), ("uuid", uuid)],
            "PEER_DISCONNECT" => [("peer", peer), ("uuid", uuid), ("state", FullMember)],
            "PEER_NOT_FOUND" => [("peer", peer), ("uuid", uuid)],
            _ => [("peer", peer)],
        };
    }

    private static (string, string?)[] Volume(string name, Transition t) => name switch
    {
        "VOLUME_START" or "VOLUME_STOP" => [("name", t.Entity.Name), ("force", "0")],
        "VOLUME_SET" => [("name", t.Entity.Name), ("options", OptionPairs.Join(Options(t).Where(o => o.To is not null).Select(o => KeyValuePair.Create(o.Name, o.To!))))],
        "VOLUME_RESET" => [("name", t.Entity.Name), ("option", Options(t).Select(o => o.Name).ToArray() is [{ } only] ? only : "all")],
        "VOLUME_CREATE" => [("name", t.Entity.Name), ("bricks", Attribute(t, "bricks"))],
        "VOLUME_DELETE" or "BITROT_ENABLE" or "BITROT_DISABLE" => [("name", t.Entity.Name)],
        "SNAPSHOT_CONFIG_UPDATED" => [],
        "SNAPSHOT_CONFIG_UPDATE_FAILED" => [("error", Attribute(t, "error"))],
        _ => [("volume", t.Entity.Name), ("bricks", name.Contains("BRICK", StringComparison.Ordinal) ? Attribute(t, "bricks") : null)],
    };

    private static (string, string?)[] Brick(string name, Transition t)
    {
        string brick = Tail(t);
        return name switch
        {
            "BRICK_RESET_START" => [("Volume", Head(t)), ("source-brick", brick)],
            "BRICK_RESET_COMMIT" => [("Volume", Head(t)), ("source-brick", brick), ("destination-brick", brick)],
            "POSIX_HEALTH_CHECK_FAILED" => [("op", Attribute(t, "op")), ("path", Attribute(t, "path")), ("error", Attribute(t, "error")), ("brick", brick)],
            "POSIX_SAME_GFID" => [("gfid", Attribute(t, "gfid")), ("path", Attribute(t, "path")), ("newpath", Attribute(t, "newPath")), ("brick", brick)],
            _ when name.StartsWith("POSIX_", StringComparison.Ordinal) => [("brick", brick)],
            _ => [("peer", HostOf(brick)), ("volume", Head(t)), ("brick", PathOf(brick))],
        };
    }

    // daemon/<node>/<name>[/<volume>]
    private static (string, string?)[] Daemon(Transition t)
    {
        string[] parts = Tail(t).Split('/', 2);
        return [("volume", parts.Length > 1 ? parts[1] : null), ("svc_name", parts[0])];
    }

    // quota/<volume>[/<path without its first slash>]
    private static (string, string?)[] Quota(string name, Transition t) => name switch
    {
        "QUOTA_ENABLE" or "QUOTA_DISABLE" => [("volume", Head(t))],
        "QUOTA_ALERT_TIME" => [("volume", Head(t)), ("time", Attribute(t, "alertTime"))],
        "QUOTA_SOFT_TIMEOUT" => [("volume", Head(t)), ("soft-timeout", Attribute(t, "softTimeout"))],
        "QUOTA_HARD_TIMEOUT" => [("volume", Head(t)), ("hard-timeout", Attribute(t, "hardTimeout"))],
        "QUOTA_DEFAULT_SOFT_LIMIT" => [("volume", Head(t)), ("default-soft-limit", Attribute(t, "defaultSoftLimit"))],
        "QUOTA_SET_OBJECTS_LIMIT" => [("volume", Head(t)), ("path", QuotaPath(t)), ("limit", Attribute(t, "objectsLimit"))],
        _ => [("volume", Head(t)), ("path", QuotaPath(t))],
    };

    private static string QuotaPath(Transition t) => Tail(t) is "/" ? "/" : "/" + Tail(t);

    private static string? BitrotValue(string name, Transition t) => (name, t.Change) switch
    {
        ("BITROT_SCRUB_THROTTLE", _) => Attribute(t, "scrubThrottle"),
        ("BITROT_SCRUB_FREQ", _) => Attribute(t, "scrubFrequency"),
        ("BITROT_SCRUB_OPTION", "paused") => "pause",
        ("BITROT_SCRUB_OPTION", "active") => "resume",
        _ => null,
    };

    // worker/<primary>/<host>::<volume>/<node>:<path>
    private static (string, string?)[] Worker(Transition t)
    {
        string[] parts = Tail(t).Split('/', 2);
        string[] secondary = parts[0].Split("::", 2);
        string brick = parts.Length > 1 ? parts[1] : "";
        return
        [
            ("primary_volume", Head(t)), ("primary_node", HostOf(brick)), ("secondary_host", secondary[0]), ("secondary_volume", secondary.Length > 1 ? secondary[1] : null),
            ("brick_path", PathOf(brick)),
            ("checkpoint_time", Attribute(t, "checkpointTime")), ("checkpoint_completion_time", Attribute(t, "checkpointCompletionTime")),
        ];
    }

    private static (string, string?)[] Option(Transition t) =>
        Options(t).FirstOrDefault() is { Name: { } name, To: var to } ? [("option", name), ("value", to)] : [];

    private static IEnumerable<(string Name, string? To)> Options(Transition t) => t.Changed
        .Where(c => c.Key.StartsWith(OptionPrefix, StringComparison.Ordinal)).Select(c => (c.Key[OptionPrefix.Length..], c.Value.To));

    private static string? Attribute(Transition t, string name) => t.Attributes.GetValueOrDefault(name);

    private static string Head(Transition t) => t.Entity.Name.Split('/', 2)[0];

    private static string Tail(Transition t) => t.Entity.Name.Split('/', 2) is [_, { Length: > 0 } tail] ? tail : "/";

    private static string HostOf(string brick) => brick[..Math.Max(0, brick.IndexOf(":/", StringComparison.Ordinal))];

    private static string PathOf(string brick) => brick[(brick.IndexOf(":/", StringComparison.Ordinal) + 1)..];
}
