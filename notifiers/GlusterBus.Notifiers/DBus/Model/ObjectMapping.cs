using System.Globalization;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;

namespace GlusterBus.Notifiers.DBus.Model;

/// <summary>From the state of entities to objects. Pure. What no source has told is absent.</summary>
internal static class ObjectMapping
{
    public const string VolumeInterface = "org.glusterbus.Volume";

    public const string BrickInterface = "org.glusterbus.Brick";

    public const string PeerInterface = "org.glusterbus.Peer";

    public const string NodeInterface = "org.glusterbus.Node";

    public const string GlusterdInterface = "org.glusterbus.Glusterd";

    private const string OptionPrefix = "options.";

    /// <summary>The object of an entity; null for a kind that has none.</summary>
    /// <param name="state">The entity.</param>
    /// <param name="parts">For a volume: its bricks, replica sets and quorum. Not looked at for others.</param>
    public static BusObject? Of(EntityState state, IEnumerable<EntityState> parts)
    {
        (string head, string tail) = BusPath.Split(state.Entity.Name);
        return BusPath.Of(state.Entity) is not { } path ? null : state.Entity.Kind switch
        {
            "volume" => new BusObject(path, VolumeInterface, Volume(state, parts)),
            "brick" => new BusObject(path, BrickInterface, Brick(state, head, tail)),
            "peer" => new BusObject(path, PeerInterface, Peer(state, head, tail)),
            _ => new BusObject(path, NodeInterface, Node(state)),
        };
    }

    /// <summary>The object that stands for glusterd on one node.</summary>
    public static BusObject Glusterd(EntityState node) => new(
        BusPath.Glusterd, GlusterdInterface, [BusProperty.Of("Node", node.Entity.Name), .. Condition(node), .. Unit(node)]);

    /// <summary>Gluster's own number: 0 created, 1 started, 2 stopped. A volume that is degraded, read-only or down is started; null when nobody knows.</summary>
    public static int? Status(string? state) => state switch
    {
        "created" => 0,
        "started" or "degraded" or "read-only" or "down" => 1,
        "stopped" => 2,
        _ => null,
    };

    /// <summary>How a volume is on the whole: the gravest of its own severity and, while it is started, of its parts that somebody sees.</summary>
    public static Severity Health(EntityState volume, IEnumerable<EntityState> parts) =>
        Status(volume.State) != 1 ? volume.Severity : parts.Where(p => p.State is not null).Select(p => p.Severity).Append(volume.Severity).Max();

    private static IReadOnlyList<BusProperty> Volume(EntityState state, IEnumerable<EntityState> parts) =>
    [
        BusProperty.Of("Name", state.Entity.Name),
        .. Text(state, "Id", "id"),
        .. Text(state, "Type", "type"),
        .. Status(state.State) is { } status ? [BusProperty.Of("Status", status)] : Array.Empty<BusProperty>(),
        .. Condition(state),
        BusProperty.Of("Health", Health(state, parts).Name()),
        .. Number(state, "BrickCount", "brickCount"),
        .. Number(state, "ReplicaCount", "replicaCount"),
        .. Number(state, "ArbiterCount", "arbiterCount"),
        .. Number(state, "DisperseCount", "disperseCount"),
        .. Number(state, "RedundancyCount", "redundancyCount"),
        .. Text(state, "Transport", "transport"),
        BusProperty.Of("Options", state.Attributes
            .Where(a => a.Key.StartsWith(OptionPrefix, StringComparison.Ordinal))
            .Select(a => KeyValuePair.Create(a.Key[OptionPrefix.Length..], a.Value))),
    ];

    private static IReadOnlyList<BusProperty> Brick(EntityState state, string volume, string hostAndPath)
    {
        int end = hostAndPath.IndexOf(":/", StringComparison.Ordinal);
        return
        [
            .. end < 0 ? [] : new[] { BusProperty.Of("Host", hostAndPath[..end]), BusProperty.Of("Path", hostAndPath[(end + 1)..]) },
            BusProperty.Of("Volume", volume),
            .. Condition(state),
            .. Text(state, "HostUuid", "hostUuid"),
            .. Flag(state, "Arbiter", "arbiter"),
            .. Text(state, "Device", "device"),
            .. Flag(state, "SmartFailing", "smartFailing"),
        ];
    }

    private static IReadOnlyList<BusProperty> Peer(EntityState state, string observer, string peer) =>
        [BusProperty.Of("Name", peer), BusProperty.Of("Observer", observer), .. Condition(state), .. Text(state, "Uuid", "uuid")];

    private static IReadOnlyList<BusProperty> Node(EntityState state) =>
        [BusProperty.Of("Name", state.Entity.Name), .. Condition(state), .. Text(state, "Uuid", "uuid"), .. Number(state, "OpVersion", "opVersion"), .. Unit(state)];

    private static IEnumerable<BusProperty> Unit(EntityState node) =>
        [.. Text(node, "LoadState", "loadState"), .. Text(node, "ActiveState", "activeState"), .. Text(node, "SubState", "subState"), .. Number(node, "Restarts", "restarts")];

    /// <summary>What every object has.</summary>
    private static IEnumerable<BusProperty> Condition(EntityState state)
    {
        yield return BusProperty.Of("Entity", state.Entity.Value);
        yield return BusProperty.Of("Sequence", (ulong)state.Sequence);
        if (state.State is { } word)
        {
            yield return BusProperty.Of("State", word);
            yield return BusProperty.Of("Severity", state.Severity.Name());
        }
    }

    private static IEnumerable<BusProperty> Text(EntityState state, string name, string attribute) =>
        state.Attributes.TryGetValue(attribute, out string? value) ? [BusProperty.Of(name, value)] : [];

    private static IEnumerable<BusProperty> Number(EntityState state, string name, string attribute) =>
        state.Attributes.TryGetValue(attribute, out string? value) && uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? [BusProperty.Of(name, number)] : [];

    private static IEnumerable<BusProperty> Flag(EntityState state, string name, string attribute) =>
        state.Attributes.TryGetValue(attribute, out string? value) && bool.TryParse(value, out bool flag) ? [BusProperty.Of(name, flag)] : [];
}
