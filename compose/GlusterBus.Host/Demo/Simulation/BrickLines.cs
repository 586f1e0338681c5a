namespace GlusterBus.Host.Demo.Simulation;

/// <summary>Lines of a brick's log as GlusterFS 10.3 writes them.</summary>
internal static class BrickLines
{
    public const string VolfileServers = "I [glusterfsd-mgmt.c:2203:mgmt_getspec_cbk] 0-glusterfs: Received list of available volfile servers: ";
    public const string VolfileChanged = "I [glusterfsd-mgmt.c:77:mgmt_cbk_spec] 0-mgmt: Volume file changed";
    public const string NoChange = "I [glusterfsd-mgmt.c:2236:mgmt_getspec_cbk] 0-glusterfs: No change in volfile,continuing";
    public const string RequestHandler = "I [rpcsvc.c:850:rpcsvc_handle_rpc_call] 0-rpc-service: spawned a request handler thread for queue 0";
    public const string OutstandingLimit = "I [rpcsvc.c:2697:rpcsvc_set_outstanding_rpc_limit] 0-rpc-service: Configured rpc.outstanding-rpc-limit with value 64";

    public static string Started(string volume, SimulatedBrick brick, SimulatedNode node, ulong socket) =>
        $"I [MSGID: 100030] [glusterfsd.c:2767:main] 0-/usr/sbin/glusterfsd: Started running version [{{arg=/usr/sbin/glusterfsd}}, {{version=10.3}}, {{cmdlinestr=/usr/sbin/glusterfsd -s {brick.Node} --volfile-id {volume}.{brick.Node}.{brick.Dashed} -p /var/run/gluster/vols/{volume}/{brick.Node}-{brick.Dashed}.pid -S /var/run/gluster/{socket:x16}.socket --brick-name {brick.Path} -l /var/log/glusterfs/bricks/{brick.Dashed}.log --xlator-option *-posix.glusterd-uuid={node.Uuid} --process-name brick --brick-port {brick.Port} --xlator-option {volume}-server.listen-port={brick.Port}}}] ";

    public static string Pid(int pid) => $"I [glusterfsd.c:2447:daemonize] 0-glusterfs: Pid of current running process is {pid}";

    public static string Thread(int index) => $"I [MSGID: 101190] [event-epoll.c:667:event_dispatch_epoll_worker] 0-epoll: Started thread with index [{{index={index}}}] ";

    public static string FewFiles(string volume) =>
        $"W [MSGID: 115048] [server.c:1318:server_init] 0-{volume}-server: WARNING: Failed to set 'ulimit -n 1M' [{{errno=Operation not permitted}}, {{errno=1}}, {{error=Operation not permitted}}] ";

    public static string Trash(string volume) => $"I [trash.c:2480:init] 0-{volume}-trash: no option specified for 'eliminate', using NULL";

    public static string Allowed(SimulatedBrick brick, string address) => $"I [addr.c:52:compare_addr_and_update] 0-{brick.Path}: allowed = \"*\", received addr = \"{address}\"";

    public static string User(Guid user) => $"I [login.c:109:gf_auth] 0-auth/login: allowed user names: {user}";

    public static string ClientAccepted(string volume, SimulatedBrick brick, string clientUid) =>
        $"I [MSGID: 115029] [server-handshake.c:565:server_setvolume] 0-{volume}-server: accepted client from {clientUid} (version: 10.3) with subvol {brick.Path} ";

    public static string ReadFailed(string volume, string addressAndPort) => $"W [socket.c:749:__socket_rwv] 0-tcp.{volume}-server: readv on {addressAndPort} failed (No data available)";

    public static string ClientGone(string volume, string clientUid) =>
        $"I [MSGID: 115036] [server.c:500:server_rpc_notify] 0-{volume}-server: disconnecting connection [{{client-uid={clientUid}}}] ";

    public static string ClientShutDown(string volume, string clientUid) =>
        $"I [MSGID: 101055] [client_t.c:396:gf_client_unref] 0-{volume}-server: Shutting down connection {clientUid} ";
}
