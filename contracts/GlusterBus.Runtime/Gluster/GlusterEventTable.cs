namespace GlusterBus.Runtime.Gluster;

/// <summary>All 142 events of Gluster as text: number, name, whether any code sends it, and the keys of its payload.</summary>
/// <remarks>Read from release-10, release-11 and devel, which agree. A key with <c>?</c> may be missing, <c>#</c> stands for
/// digits, <c>*</c> means that no sender exists and so no list is known.</remarks>
internal static class GlusterEventTable
{
    public const string Text = """
        0   PEER_ATTACH                              sent host
        1   PEER_DETACH                              sent host
        2   VOLUME_CREATE                            sent name bricks?
        3   VOLUME_START                             sent name force?
        4   VOLUME_STOP                              sent name force?
        5   VOLUME_DELETE                            sent name
        6   VOLUME_SET                               sent name options
        7   VOLUME_RESET                             sent name option
        8   BRICK_RESET_START                        sent volume source-brick
        9   BRICK_RESET_COMMIT                       sent volume source-brick destination-brick
        10  BRICK_REPLACE                            sent volume source-brick destination-brick
        11  GEOREP_CREATE                            sent option? value? force? push_pem? no_verify? ssh_port? reset_sync_time? primary secondary
        12  GEOREP_START                             sent option? value? force? push_pem? no_verify? ssh_port? reset_sync_time? primary secondary
        13  GEOREP_STOP                              sent option? value? force? push_pem? no_verify? ssh_port? reset_sync_time? primary secondary
        14  GEOREP_PAUSE                             sent option? value? force? push_pem? no_verify? ssh_port? reset_sync_time? primary secondary
        15  GEOREP_RESUME                            sent option? value? force? push_pem? no_verify? ssh_port? reset_sync_time? primary secondary
        16  GEOREP_DELETE                            sent option? value? force? push_pem? no_verify? ssh_port? reset_sync_time? primary secondary
        17  GEOREP_CONFIG_SET                        sent option? value? force? push_pem? no_verify? ssh_port? reset_sync_time? primary secondary
        18  GEOREP_CONFIG_RESET                      sent option? value? force? push_pem? no_verify? ssh_port? reset_sync_time? primary secondary
        19  BITROT_ENABLE                            sent name? volume?
        20  BITROT_DISABLE                           sent name? volume?
        21  BITROT_SCRUB_THROTTLE                    sent name value
        22  BITROT_SCRUB_FREQ                        sent name value
        23  BITROT_SCRUB_OPTION                      sent name value
        24  BITROT_SCRUB_ONDEMAND                    sent name? volume?
        25  QUOTA_ENABLE                             sent volume
        26  QUOTA_DISABLE                            sent volume
        27  QUOTA_SET_USAGE_LIMIT                    sent volume path limit?
        28  QUOTA_SET_OBJECTS_LIMIT                  sent volume path limit?
        29  QUOTA_REMOVE_USAGE_LIMIT                 sent volume path
        30  QUOTA_REMOVE_OBJECTS_LIMIT               sent volume path
        31  QUOTA_ALERT_TIME                         sent volume time
        32  QUOTA_SOFT_TIMEOUT                       sent volume soft-timeout
        33  QUOTA_HARD_TIMEOUT                       sent volume hard-timeout
        34  QUOTA_DEFAULT_SOFT_LIMIT                 sent volume default-soft-limit
        35  SNAPSHOT_CREATED                         sent snapshot_name volume_name snapshot_uuid?
        36  SNAPSHOT_CREATE_FAILED                   sent snapshot_name volume_name? error?
        37  SNAPSHOT_ACTIVATED                       sent snapshot_name snapshot_uuid?
        38  SNAPSHOT_ACTIVATE_FAILED                 sent snapshot_name error?
        39  SNAPSHOT_DEACTIVATED                     sent snapshot_name snapshot_uuid?
        40  SNAPSHOT_DEACTIVATE_FAILED               sent snapshot_name error?
        41  SNAPSHOT_SOFT_LIMIT_REACHED              sent volume_name volume_id?
        42  SNAPSHOT_HARD_LIMIT_REACHED              sent volume_name volume_id?
        43  SNAPSHOT_RESTORED                        sent snapshot_name snapshot_uuid? volume_name?
        44  SNAPSHOT_RESTORE_FAILED                  sent snapshot_name error?
        45  SNAPSHOT_DELETED                         sent snapshot_name snapshot_uuid?
        46  SNAPSHOT_DELETE_FAILED                   sent snapshot_name? snapshot_uuid? error?
        47  SNAPSHOT_CLONED                          sent snapshot_name clone_name clone_uuid?
        48  SNAPSHOT_CLONE_FAILED                    sent snapshot_name clone_name? error?
        49  SNAPSHOT_CONFIG_UPDATED                  sent config_type? hard_limit? soft_limit? auto-delete? snap-activate?
        50  SNAPSHOT_CONFIG_UPDATE_FAILED            sent error?
        51  SNAPSHOT_SCHEDULER_INITIALISED           -    *
        52  SNAPSHOT_SCHEDULER_INIT_FAILED           -    *
        53  SNAPSHOT_SCHEDULER_ENABLED               -    *
        54  SNAPSHOT_SCHEDULER_ENABLE_FAILED         -    *
        55  SNAPSHOT_SCHEDULER_DISABLED              -    *
        56  SNAPSHOT_SCHEDULER_DISABLE_FAILED        -    *
        57  SNAPSHOT_SCHEDULER_SCHEDULE_ADDED        -    *
        58  SNAPSHOT_SCHEDULER_SCHEDULE_ADD_FAILED   -    *
        59  SNAPSHOT_SCHEDULER_SCHEDULE_EDITED       -    *
        60  SNAPSHOT_SCHEDULER_SCHEDULE_EDIT_FAILED  -    *
        61  SNAPSHOT_SCHEDULER_SCHEDULE_DELETED      -    *
        62  SNAPSHOT_SCHEDULER_SCHEDULE_DELETE_FAILED -    *
        63  SVC_MANAGER_FAILED                       sent volume? svc_name
        64  SVC_RECONFIGURE_FAILED                   sent svc_name
        65  SVC_CONNECTED                            sent volume? svc_name
        66  SVC_DISCONNECTED                         sent volume? svc_name
        67  PEER_STORE_FAILURE                       sent peer
        68  PEER_RPC_CREATE_FAILED                   sent peer
        69  PEER_REJECT                              sent peer
        70  PEER_CONNECT                             sent peer uuid?
        71  PEER_DISCONNECT                          sent peer uuid? state?
        72  PEER_NOT_FOUND                           sent peer uuid?
        73  UNKNOWN_PEER                             sent peer
        74  BRICK_START_FAILED                       sent peer volume brick
        75  BRICK_STOP_FAILED                        sent peer volume brick
        76  BRICK_DISCONNECTED                       sent peer volume brick
        77  BRICK_CONNECTED                          sent peer volume brick
        78  BRICKPATH_RESOLVE_FAILED                 sent peer volume brick
        79  NOTIFY_UNKNOWN_OP                        sent op?
        80  QUORUM_LOST                              sent volume
        81  QUORUM_REGAINED                          sent volume
        82  REBALANCE_START_FAILED                   sent volume
        83  REBALANCE_STATUS_UPDATE_FAILED           sent volume
        84  IMPORT_QUOTA_CONF_FAILED                 sent volume
        85  IMPORT_VOLUME_FAILED                     sent volume
        86  IMPORT_BRICK_FAILED                      sent peer? brick? ta-brick?
        87  COMPARE_FRIEND_VOLUME_FAILED             sent volume
        88  NFS_GANESHA_EXPORT_FAILED                -    *
        89  EC_MIN_BRICKS_NOT_UP                     sent subvol
        90  EC_MIN_BRICKS_UP                         sent subvol
        91  GEOREP_FAULTY                            sent primary_volume primary_node primary_node_id? secondary_host secondary_volume brick_path current_secondary_host?
        92  GEOREP_CHECKPOINT_COMPLETED              sent primary_volume primary_node primary_node_id? secondary_host secondary_volume brick_path checkpoint_time? checkpoint_completion_time?
        93  GEOREP_ACTIVE                            sent primary_volume primary_node primary_node_id? secondary_host secondary_volume brick_path
        94  GEOREP_PASSIVE                           sent primary_volume primary_node primary_node_id? secondary_host secondary_volume brick_path
        95  QUOTA_CROSSED_SOFT_LIMIT                 sent usage? volume path
        96  BITROT_BAD_FILE                          sent gfid path? brick
        97  CLIENT_CONNECT                           sent client_uid client_identifier? server_identifier? brick_path subdir_mount?
        98  CLIENT_AUTH_REJECT                       sent client_uid client_identifier? server_identifier? brick_path
        99  CLIENT_DISCONNECT                        sent client_uid client_identifier? server_identifier? brick_path
        100 POSIX_SAME_GFID                          sent gfid? path? newpath? brick
        101 POSIX_ALREADY_PART_OF_VOLUME             sent volume-id? brick
        102 POSIX_BRICK_NOT_IN_VOLUME                sent brick
        103 POSIX_BRICK_VERIFICATION_FAILED          sent brick
        104 POSIX_ACL_NOT_SUPPORTED                  sent brick
        105 POSIX_HEALTH_CHECK_FAILED                sent op? path? error? brick
        106 AFR_QUORUM_MET                           sent client-pid? subvol
        107 AFR_QUORUM_FAIL                          sent client-pid? subvol
        108 AFR_SUBVOL_UP                            sent client-pid? subvol
        109 AFR_SUBVOLS_DOWN                         sent client-pid? subvol
        110 AFR_SPLIT_BRAIN                          sent client-pid? subvol type? file? gfid? count? child-#? gfid-#? type-#?
        111 TIER_ATTACH                              -    *
        112 TIER_ATTACH_FORCE                        -    *
        113 TIER_DETACH_START                        -    *
        114 TIER_DETACH_STOP                         -    *
        115 TIER_DETACH_COMMIT                       -    *
        116 TIER_DETACH_FORCE                        -    *
        117 TIER_PAUSE                               -    *
        118 TIER_RESUME                              -    *
        119 TIER_WATERMARK_HI                        -    *
        120 TIER_WATERMARK_DROPPED_TO_MID            -    *
        121 TIER_WATERMARK_RAISED_TO_MID             -    *
        122 TIER_WATERMARK_DROPPED_TO_LOW            -    *
        123 VOLUME_ADD_BRICK                         sent volume bricks?
        124 VOLUME_ADD_BRICK_FAILED                  -    *
        125 VOLUME_REMOVE_BRICK_START                sent volume bricks?
        126 VOLUME_REMOVE_BRICK_START_FAILED         -    *
        127 VOLUME_REMOVE_BRICK_COMMIT               sent volume bricks?
        128 VOLUME_REMOVE_BRICK_COMMIT_FAILED        -    *
        129 VOLUME_REMOVE_BRICK_STOP                 sent volume bricks?
        130 VOLUME_REMOVE_BRICK_STOP_FAILED          -    *
        131 VOLUME_REMOVE_BRICK_FORCE                sent volume bricks?
        132 VOLUME_REMOVE_BRICK_FORCE_FAILED         -    *
        133 VOLUME_REMOVE_BRICK_FAILED               -    *
        134 VOLUME_REBALANCE_START                   sent volume
        135 VOLUME_REBALANCE_STOP                    sent volume
        136 VOLUME_REBALANCE_FAILED                  sent volume
        137 VOLUME_REBALANCE_COMPLETE                sent volume
        138 TIER_START                               -    *
        139 TIER_START_FORCE                         -    *
        140 DHT_DISK_USAGE                           sent volume subvol usage?
        141 DHT_INODES_USAGE                         sent volume subvol usage?
        """;
}
