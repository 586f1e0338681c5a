using System.Collections.Frozen;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Runtime.Gluster;

/// <summary>Which classic event tells of which change of which kind of entity.</summary>
internal static class ClassicTable
{
    // kind, change, events; the first event is the one for a change that no datagram told of, unless "-" says that there is none.
    private const string Text = """
        peer attached PEER_ATTACH
        peer detached PEER_DETACH
        peer connected PEER_CONNECT
        peer disconnected PEER_DISCONNECT
        peer rejected PEER_REJECT
        peer store-failed PEER_STORE_FAILURE
        peer rpc-create-failed PEER_RPC_CREATE_FAILED
        peer not-found PEER_NOT_FOUND
        peer unknown-peer UNKNOWN_PEER
        node unknown-notify-op NOTIFY_UNKNOWN_OP
        volume created VOLUME_CREATE
        volume started VOLUME_START
        volume stopped VOLUME_STOP
        volume deleted VOLUME_DELETE
        volume option-set VOLUME_SET
        volume option-reset VOLUME_RESET
        cluster option-set VOLUME_SET
        cluster option-reset VOLUME_RESET
        volume bricks-added VOLUME_ADD_BRICK
        volume remove-brick-started VOLUME_REMOVE_BRICK_START
        volume remove-brick-stopped VOLUME_REMOVE_BRICK_STOP
        volume remove-brick-committed VOLUME_REMOVE_BRICK_COMMIT
        volume remove-brick-forced VOLUME_REMOVE_BRICK_FORCE
        volume import-failed IMPORT_VOLUME_FAILED
        volume quota-import-failed IMPORT_QUOTA_CONF_FAILED
        volume add-brick-failed VOLUME_ADD_BRICK_FAILED
        volume remove-brick-start-failed VOLUME_REMOVE_BRICK_START_FAILED
        volume remove-brick-commit-failed VOLUME_REMOVE_BRICK_COMMIT_FAILED
        volume remove-brick-stop-failed VOLUME_REMOVE_BRICK_STOP_FAILED
        volume remove-brick-force-failed VOLUME_REMOVE_BRICK_FORCE_FAILED
        volume remove-brick-failed VOLUME_REMOVE_BRICK_FAILED
        volume nfs-ganesha-export-failed NFS_GANESHA_EXPORT_FAILED
        cluster nfs-ganesha-export-failed NFS_GANESHA_EXPORT_FAILED
        config out-of-sync COMPARE_FRIEND_VOLUME_FAILED
        quorum lost QUORUM_LOST
        quorum met QUORUM_REGAINED
        brick offline BRICK_DISCONNECTED
        brick online BRICK_CONNECTED
        brick start-failed BRICK_START_FAILED
        brick stop-failed BRICK_STOP_FAILED
        brick path-unresolved BRICKPATH_RESOLVE_FAILED
        brick import-failed IMPORT_BRICK_FAILED
        brick resetting BRICK_RESET_START
        brick reset-committed BRICK_RESET_COMMIT
        brick removed - BRICK_REPLACE
        brick health-failed POSIX_HEALTH_CHECK_FAILED
        brick refused POSIX_BRICK_VERIFICATION_FAILED POSIX_BRICK_NOT_IN_VOLUME POSIX_ALREADY_PART_OF_VOLUME
        brick acl-not-supported POSIX_ACL_NOT_SUPPORTED
        brick same-gfid POSIX_SAME_GFID
        daemon online SVC_CONNECTED
        daemon offline SVC_DISCONNECTED
        daemon failed SVC_MANAGER_FAILED
        daemon reconfigure-failed SVC_RECONFIGURE_FAILED
        subvol up AFR_QUORUM_MET AFR_SUBVOL_UP EC_MIN_BRICKS_UP
        subvol no-quorum AFR_QUORUM_FAIL
        subvol down AFR_SUBVOLS_DOWN EC_MIN_BRICKS_NOT_UP
        splitbrain found AFR_SPLIT_BRAIN
        usage near-full DHT_DISK_USAGE
        usage inodes-near-full DHT_INODES_USAGE
        rebalance started VOLUME_REBALANCE_START
        rebalance stopped VOLUME_REBALANCE_STOP
        rebalance completed VOLUME_REBALANCE_COMPLETE
        rebalance failed VOLUME_REBALANCE_FAILED
        rebalance start-failed REBALANCE_START_FAILED
        rebalance status-update-failed REBALANCE_STATUS_UPDATE_FAILED
        quota enabled QUOTA_ENABLE
        quota disabled QUOTA_DISABLE
        quota ok - QUOTA_SET_USAGE_LIMIT
        quota changed - QUOTA_SET_USAGE_LIMIT
        quota removed QUOTA_REMOVE_USAGE_LIMIT
        quota objects-limit-set QUOTA_SET_OBJECTS_LIMIT
        quota objects-limit-removed QUOTA_REMOVE_OBJECTS_LIMIT
        quota alert-time-set QUOTA_ALERT_TIME
        quota soft-timeout-set QUOTA_SOFT_TIMEOUT
        quota hard-timeout-set QUOTA_HARD_TIMEOUT
        quota default-soft-limit-set QUOTA_DEFAULT_SOFT_LIMIT
        quota soft-exceeded QUOTA_CROSSED_SOFT_LIMIT
        bitrot enabled BITROT_ENABLE
        bitrot disabled BITROT_DISABLE
        bitrot scrub-ordered BITROT_SCRUB_ONDEMAND
        bitrot scrub-throttle-set BITROT_SCRUB_THROTTLE
        bitrot scrub-frequency-set BITROT_SCRUB_FREQ
        bitrot paused BITROT_SCRUB_OPTION
        bitrot active BITROT_SCRUB_OPTION
        object corrupted BITROT_BAD_FILE
        snapshot created SNAPSHOT_CREATED
        snapshot create-failed SNAPSHOT_CREATE_FAILED
        snapshot activated SNAPSHOT_ACTIVATED
        snapshot activate-failed SNAPSHOT_ACTIVATE_FAILED
        snapshot deactivated SNAPSHOT_DEACTIVATED
        snapshot deactivate-failed SNAPSHOT_DEACTIVATE_FAILED
        snapshot restored SNAPSHOT_RESTORED
        snapshot restore-failed SNAPSHOT_RESTORE_FAILED
        snapshot deleted SNAPSHOT_DELETED
        snapshot delete-failed SNAPSHOT_DELETE_FAILED
        snapshot cloned SNAPSHOT_CLONED
        snapshot clone-failed SNAPSHOT_CLONE_FAILED
        snaplimit soft-limit SNAPSHOT_SOFT_LIMIT_REACHED
        snaplimit hard-limit SNAPSHOT_HARD_LIMIT_REACHED
        cluster snapshot-config-updated SNAPSHOT_CONFIG_UPDATED
        cluster snapshot-config-update-failed SNAPSHOT_CONFIG_UPDATE_FAILED
        scheduler enabled SNAPSHOT_SCHEDULER_ENABLED
        scheduler disabled SNAPSHOT_SCHEDULER_DISABLED
        scheduler initialised SNAPSHOT_SCHEDULER_INITIALISED
        scheduler init-failed SNAPSHOT_SCHEDULER_INIT_FAILED
        scheduler enable-failed SNAPSHOT_SCHEDULER_ENABLE_FAILED
        scheduler disable-failed SNAPSHOT_SCHEDULER_DISABLE_FAILED
        scheduler schedule-added SNAPSHOT_SCHEDULER_SCHEDULE_ADDED
        scheduler schedule-add-failed SNAPSHOT_SCHEDULER_SCHEDULE_ADD_FAILED
        scheduler schedule-edited SNAPSHOT_SCHEDULER_SCHEDULE_EDITED
        scheduler schedule-edit-failed SNAPSHOT_SCHEDULER_SCHEDULE_EDIT_FAILED
        scheduler schedule-deleted SNAPSHOT_SCHEDULER_SCHEDULE_DELETED
        scheduler schedule-delete-failed SNAPSHOT_SCHEDULER_SCHEDULE_DELETE_FAILED
        georep created GEOREP_CREATE
        georep started GEOREP_START GEOREP_RESUME
        georep paused GEOREP_PAUSE
        georep stopped GEOREP_STOP
        georep deleted GEOREP_DELETE
        georep option-set GEOREP_CONFIG_SET
        georep option-reset GEOREP_CONFIG_RESET
        worker active GEOREP_ACTIVE
        worker passive GEOREP_PASSIVE
        worker faulty GEOREP_FAULTY
        worker checkpoint-completed GEOREP_CHECKPOINT_COMPLETED
        client connected CLIENT_CONNECT
        client disconnected CLIENT_DISCONNECT
        client rejected CLIENT_AUTH_REJECT
        tier attached TIER_ATTACH TIER_ATTACH_FORCE TIER_DETACH_STOP
        tier detaching TIER_DETACH_START
        tier detached TIER_DETACH_COMMIT TIER_DETACH_FORCE
        tier paused TIER_PAUSE
        tier resumed TIER_RESUME
        tier watermark-hi TIER_WATERMARK_HI
        tier watermark-dropped-to-mid TIER_WATERMARK_DROPPED_TO_MID
        tier watermark-raised-to-mid TIER_WATERMARK_RAISED_TO_MID
        tier watermark-dropped-to-low TIER_WATERMARK_DROPPED_TO_LOW
        tier start TIER_START
        tier start-force TIER_START_FORCE
        """;

    private static readonly FrozenDictionary<(string Kind, string Change), string[]> Rows = Text.Split('\n')
        .Select(line => line.Split(' ')).ToFrozenDictionary(words => (words[0], words[1]), words => words[2..]);

    /// <summary>True when the event tells of this change, rather than of another one that shares its evidence.</summary>
    public static bool Tells(string name, string kind, string change) => Rows.TryGetValue((kind, change), out string[]? names) && names.Contains(name);

    /// <summary>The event for a change that no datagram told of; null when there is none.</summary>
    public static string? NameOf(Transition t)
    {
        if (!Rows.TryGetValue((t.Entity.Kind, t.Change), out string[]? names) || names[0] == "-")
        {
            return null;
        }

        // The same two states belong to replica and to disperse sets, and one option has events of its own.
        bool isDisperse = t.Entity.Kind == "subvol" && t.Entity.Name.Contains("/disperse-", StringComparison.Ordinal);
        return (isDisperse, names[0]) switch
        {
            (true, "AFR_QUORUM_MET") => "EC_MIN_BRICKS_UP",
            (true, "AFR_SUBVOLS_DOWN") => "EC_MIN_BRICKS_NOT_UP",
            (true, _) => null,
            (_, "VOLUME_SET") when t.Changed.TryGetValue("options.features.bitrot", out AttributeChange? bitrot) => bitrot.To == "on" ? "BITROT_ENABLE" : "BITROT_DISABLE",
            _ => names[0],
        };
    }
}
