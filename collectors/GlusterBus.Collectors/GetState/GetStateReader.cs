using System.Globalization;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.GetState;

/// <summary>Reads the text of <c>gluster get-state</c>. Pure.</summary>
/// <remarks>The file is written by <c>glusterd_get_state</c> (glusterd-handler.c): sections in brackets, <c>key: value</c> lines, things
/// numbered from 1. Values are written as they are, so they may hold colons and line breaks. Unknown keys and sections are passed over.</remarks>
public static class GetStateReader
{
    private const string NoUuid = "00000000-0000-0000-0000-000000000000";

    /// <exception cref="GlusterReplyException">The text is no complete state; the message says where it fails, with the line number.</exception>
    public static ClusterState Read(string text)
    {
        GetStateLines lines = GetStateLines.Split(text);
        return new ClusterState
        {
            Uuid = KnownUuid(lines.Global.Required("MYUUID")),
            OpVersion = lines.Global.Number("op-version"),
            Options = lines.Options.All,
            Peers = [.. lines.Peers.Select(peer => ReadPeer(peer.Key, peer.Value))],
            Volumes = [.. lines.Volumes.Select(volume => ReadVolume(volume.Key, volume.Value))],
            Services = [.. lines.Services.Select(service => new ServiceEntry(service.Key, service.Value.Required("name"), service.Value.Flag("online_status", "Online") == true))],
        };
    }

    private static string KnownUuid(string uuid) => uuid == NoUuid ? "" : uuid;

    private static PeerEntry ReadPeer(int number, GetStateFields peer) => new(
        number,
        peer.Required("primary_hostname"),
        KnownUuid(peer["uuid"] ?? ""),
        peer["state"] ?? "",
        peer.Flag("connected", "Connected") == true,
        (peer["othernames"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static VolumeEntry ReadVolume(int number, GetStateFields volume) => new()
    {
        Number = number,
        Name = volume.Required("name"),
        Id = volume["id"] ?? "",
        Type = volume["type"] ?? "",
        Transport = volume["transport_type"] ?? "",
        Status = volume.Required("status"),
        BrickCount = volume.Number("brickcount"),
        SnapshotCount = volume.Number("snap_count"),
        SubvolumeCount = volume.Number("subvol_count"),
        ReplicaCount = volume.Number("replica_count"),
        ArbiterCount = volume.Number("arbiter_count"),
        DisperseCount = volume.Number("disperse_count"),
        RedundancyCount = volume.Number("redundancy_count"),
        QuorumStatus = volume["quorum_status"],
        SnapshotDaemonOnline = volume.Flag("snapd_svc.online_status", "Online"),
        SelfHealDaemonOnline = volume.Flag("shd_svc.online_status", "Online"),
        RebalanceId = volume["rebalance.id"],
        RebalanceStatus = volume["rebalance.status"],
        Options = volume.Under("options."),
        Bricks = [.. volume.Numbered("Brick").Select(brick => ReadBrick(brick.Key, brick.Value))],
        GeorepPairs = [.. volume.Numbered("pair").Select(pair => ReadPair(pair.Key, pair.Value))],
        Snapshots = [.. volume.Numbered("snapshot").Select(snapshot => ReadSnapshot(snapshot.Key, snapshot.Value))],
    };

    private static BrickEntry ReadBrick(int number, GetStateFields brick)
    {
        string hostAndPath = brick.Required("path");
        string host = brick["hostname"] ?? hostAndPath[..Math.Max(0, hostAndPath.IndexOf(":/", StringComparison.Ordinal))];
        return new BrickEntry(
            number,
            hostAndPath,
            host,
            brick.Flag("is_arbiter", "1") == true,
            brick["status"],
            brick.Flag("port_registered", "1"),
            brick.Number("port"),
            Bytes(brick["spacefree"]),
            Bytes(brick["spacetotal"]));
    }

    /// <summary>Up to release 9 the two ends are called master and slave.</summary>
    private static GeorepPair ReadPair(int number, GetStateFields pair) => new(
        number,
        pair["session_secondary"] ?? pair.Required("session_slave"),
        pair["primary_node"] ?? pair["master_node"] ?? "",
        pair["primary_brick"] ?? pair["master_brick"] ?? "",
        pair["secondary"] ?? pair["slave"] ?? "",
        pair["secondary_node"] ?? pair["slave_node"] ?? "",
        pair["status"] ?? "",
        pair["crawl_status"] ?? "");

    private static SnapshotEntry ReadSnapshot(int number, GetStateFields snapshot) => new(
        number,
        snapshot.Required("name"),
        snapshot["id"] ?? "",
        snapshot["time"] ?? "",
        snapshot["description"] ?? "",
        snapshot["status"] ?? "");

    private static long? Bytes(string? text) =>
        long.TryParse((text ?? "").AsSpan().TrimEnd("Bytes"), NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? bytes : null;
}
