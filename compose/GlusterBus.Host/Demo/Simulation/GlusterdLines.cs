namespace GlusterBus.Host.Demo.Simulation;

/// <summary>Lines of glusterd.log as GlusterFS 10.3 writes them, the blank at the end included.</summary>
internal static class GlusterdLines
{
    private const string Glusterd = "/usr/lib/x86_64-linux-gnu/glusterfs/10.3/xlator/mgmt/glusterd.so";

    /// <summary>The hook scripts that come with Gluster and run after an operation.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Hooks = new Dictionary<string, string[]>
    {
        ["create"] = ["S10selinux-label-brick.sh"],
        ["start"] = ["S29CTDBsetup.sh", "S30samba-start.sh", "S31ganesha-start.sh"],
        ["set"] = ["S30samba-set.sh", "S32gluster_enable_shared_storage.sh"],
    };

    public const string NoNfs =
        "W [MSGID: 101095] [xlator.c:213:xlator_volopt_dynload] 0-xlator: DL open failed [{error=/usr/lib/x86_64-linux-gnu/glusterfs/10.3/xlator/nfs/server.so: cannot open shared object file: No such file or directory}] ";

    public const string NoGlobalDict = "I [MSGID: 106061] [glusterd-volume-ops.c:2378:glusterd_op_start_volume] 0-management: Global dict not present. ";
    public const string NoSecondKey = "E [MSGID: 106061] [glusterd-op-sm.c:1112:glusterd_op_stage_set_volume] 0-management: Dict get failed [{Key=key2}, {errno=2}, {error=No such file or directory}] ";
    public const string FrameTimeout = "I [rpc-clnt.c:1015:rpc_clnt_connection_init] 0-management: setting frame-timeout to 600";
    public const string PeerList = "I [MSGID: 106487] [glusterd-handler.c:1388:__glusterd_handle_cli_list_friends] 0-glusterd: Received cli list req ";
    public const string OpVersion = "I [MSGID: 106163] [glusterd-handshake.c:1501:__glusterd_mgmt_hndsk_versions_ack] 0-management: using the op-version 100000 ";
    public const string OwnUuidAsFriend = "I [MSGID: 106502] [glusterd-handler.c:2776:__glusterd_handle_friend_update] 0-management: Received my uuid as Friend ";
    public const string Started = "I [MSGID: 100030] [glusterfsd.c:2767:main] 0-/usr/sbin/glusterd: Started running version [{arg=/usr/sbin/glusterd}, {version=10.3}, {cmdlinestr=/usr/sbin/glusterd -p /var/run/glusterd.pid --log-level INFO}] ";
    public const string WorkingDirectory = "I [MSGID: 106479] [glusterd.c:1560:init] 0-management: Using /var/lib/glusterd as working directory ";
    public const string Listening = "I [socket.c:971:__socket_server_bind] 0-socket.management: process started listening on port (24007)";
    public const string RestoredOpVersion = "I [MSGID: 106513] [glusterd-store.c:2133:glusterd_restore_op_version] 0-glusterd: retrieved op-version: 100000 ";
    public const string PeerConnects = "I [MSGID: 106498] [glusterd-handler.c:3631:glusterd_friend_add_from_peerinfo] 0-management: connect returned 0 ";

    public static string RanHook(string operation, string script, string arguments) =>
        $"I [run.c:259:runner_log] (-->{Glusterd}(+0xc6c53) [0x7f8197ec6c53] -->{Glusterd}(+0x11a764) [0x7f8197f1a764] -->/lib/x86_64-linux-gnu/libglusterfs.so.0(runner_log+0x100) [0x7f819cb2bfa0] ) 0-management: Ran script: /var/lib/glusterd/hooks/1/{operation}/post/{script} {arguments} ";

    public static string FreshBrick(SimulatedBrick brick) =>
        $"I [glusterd-utils.c:6911:glusterd_brick_start] 0-management: starting a fresh brick process for brick {brick.Path}";

    /// <param name="volfile">A volume's name, <c>/volume</c> from a mount, <c>shd/volume</c>, or a brick's <c>volume.host.path</c>.</param>
    public static string MountRequest(string volfile) =>
        $"I [MSGID: 106496] [glusterd-handshake.c:954:__server_getspec] 0-management: Received mount request for volume {volfile} ";

    public static string StatusRequest(string volume) => $"{StatusRequestMessage(volume)} ";

    public static string StatusRequestMessage(string volume) =>
        $"I [MSGID: 106499] [glusterd-handler.c:4372:__glusterd_handle_status_volume] 0-management: Received status volume req for volume {volume}";

    public static string AlreadyStopped(string service) => $"I [MSGID: 106131] [glusterd-proc-mgmt.c:83:glusterd_proc_stop] 0-management: {service} already stopped ";

    public static string ServiceStopped(string service) => $"I [MSGID: 106568] [glusterd-svc-mgmt.c:265:glusterd_svc_stop] 0-management: {service} service is stopped ";

    public static string AddingShd(string volume, int pid) =>
        $"I [MSGID: 106618] [glusterd-svc-helper.c:906:glusterd_attach_svc] 0-glusterd: adding svc glustershd (volume={volume}) to existing process with pid {pid} ";

    public static string ShdAttached(string volume, int pid) =>
        $"I [MSGID: 106617] [glusterd-svc-helper.c:696:glusterd_svc_attach_cbk] 0-management: svc glustershd of volume {volume} attached successfully to pid {pid} ";

    public static string PortRemoved(string path, int port) => $"I [MSGID: 106143] [glusterd-pmap.c:357:pmap_port_remove] 0-pmap: removing brick {path} on port {port} ";

    public static string BrickDisconnected(SimulatedBrick brick) =>
        $"I [MSGID: 106005] [glusterd-handler.c:6062:__glusterd_brick_rpc_notify] 0-management: Brick {brick.HostAndPath} has disconnected from glusterd. ";

    public static string PeerDisconnected(SimulatedNode peer) =>
        $"I [MSGID: 106004] [glusterd-handler.c:6301:__glusterd_peer_rpc_notify] 0-management: Peer <{peer.Name}> (<{peer.Uuid}>), in state <Peer in Cluster>, has disconnected from glusterd. ";

    public static string LockNotHeld(string volume) =>
        $"W [glusterd-locks.c:768:glusterd_mgmt_v3_unlock] (-->/lib/x86_64-linux-gnu/libgfrpc.so.0(+0xf965) [0x7f819ca77965] -->{Glusterd}(+0x31eda) [0x7f8197e31eda] -->{Glusterd}(+0xcaed6) [0x7f8197ecaed6] ) 0-management: Lock for vol {volume} not held ";

    public static string LockNotReleased(string volume) => $"W [MSGID: 106117] [glusterd-handler.c:6322:__glusterd_peer_rpc_notify] 0-management: Lock not released for {volume} ";

    public static string RetrievedUuid(Guid uuid) => $"I [MSGID: 106544] [glusterd.c:152:glusterd_uuid_init] 0-management: retrieved UUID: {uuid} ";

    public static string ProbeFrom(Guid uuid) =>
        $"I [MSGID: 106490] [glusterd-handler.c:2546:__glusterd_handle_incoming_friend_req] 0-glusterd: Received probe from uuid: {uuid} ";

    public static string RespondedTo(string host) =>
        $"I [MSGID: 106493] [glusterd-handler.c:3819:glusterd_xfer_friend_add_resp] 0-glusterd: Responded to {host} (0), ret: 0, op_ret: 0 ";

    public static string Accepted(SimulatedNode by) =>
        $"I [MSGID: 106493] [glusterd-rpc-ops.c:467:__glusterd_friend_add_cbk] 0-glusterd: Received ACC from uuid: {by.Uuid}, host: {by.Name}, port: 0 ";

    public static string FriendUpdate(Guid uuid) =>
        $"I [MSGID: 106492] [glusterd-handler.c:2729:__glusterd_handle_friend_update] 0-glusterd: Received friend update from uuid: {uuid} ";

    public static string UpdateAccepted(Guid uuid) =>
        $"I [MSGID: 106493] [glusterd-rpc-ops.c:681:__glusterd_friend_update_cbk] 0-management: Received ACC from uuid: {uuid} ";

    public static string UnknownPeer(string addressAndPort) =>
        $"E [MSGID: 106170] [glusterd-handshake.c:1341:gd_validate_mgmt_hndsk_req] 0-management: Rejecting management handshake request from unknown peer {addressAndPort} ";
}
