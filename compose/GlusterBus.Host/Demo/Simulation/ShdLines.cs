namespace GlusterBus.Host.Demo.Simulation;

/// <summary>Lines of glustershd.log as GlusterFS 10.3 writes them. <c>client</c> is the place of a brick in the volume, from 0.</summary>
internal static class ShdLines
{
    public const string NoChange = "I [MSGID: 100040] [glusterfsd-mgmt.c:108:mgmt_process_volfile] 0-glusterfs: No change in volfile, countinuing [] ";
    public const string DuplicateServer = "I [MSGID: 101221] [common-utils.c:3836:gf_set_volfile_server_common] 0-gluster: duplicate entry for volfile-server [{errno=17}, {error=File exists}] ";

    public static string Started(string volume, SimulatedNode node, ulong socket) =>
        $"I [MSGID: 100030] [glusterfsd.c:2767:main] 0-/usr/sbin/glusterfs: Started running version [{{arg=/usr/sbin/glusterfs}}, {{version=10.3}}, {{cmdlinestr=/usr/sbin/glusterfs -s localhost --volfile-id shd/{volume} -p /var/run/gluster/shd/{volume}/{volume}-shd.pid -l /var/log/glusterfs/glustershd.log -S /var/run/gluster/{socket:x16}.socket --xlator-option *replicate*.node-uuid={node.Uuid} --process-name glustershd --client-pid=-6}}] ";

    public static string ParentReady(string volume, int client) =>
        $"I [MSGID: 114020] [client.c:2336:notify] 0-{volume}-client-{client}: parent translators are ready, attempting connect on transport [] ";

    /// <summary>The volfile that a process prints at its start: one record of many lines, of which only the first has a stamp before it.</summary>
    public static string FinalGraph(SimulatedVolume volume)
    {
        IEnumerable<string> clients = volume.Bricks.SelectMany((brick, i) => new[]
        {
            $"volume {volume.Name}-client-{i}", "    type protocol/client", $"    option remote-subvolume {brick.Path}", $"    option remote-host {brick.Node}", "end-volume", "",
        });
        IEnumerable<string> numbered = clients.Select((line, i) => $"{i + 1,3}: {line}");
        const string rule = "+------------------------------------------------------------------------------+";
        return string.Join('\n', ["Final graph:", rule, .. numbered, rule]);
    }

    public static string Connected(SimulatedVolume volume, int client) =>
        $"I [MSGID: 114046] [client-handshake.c:856:client_setvolume_cbk] 0-{volume.Name}-client-{client}: Connected, attached to remote volume [{{conn-name={volume.Name}-client-{client}}}, {{remote_subvol={volume.Bricks[client].Path}}}] ";

    public static string ReadFailed(string volume, int client, string addressAndPort) =>
        $"W [socket.c:749:__socket_rwv] 0-{volume}-client-{client}: readv on {addressAndPort} failed (No data available)";

    public static string Disconnected(string volume, int client) =>
        $"I [MSGID: 114018] [client.c:2244:client_rpc_notify] 0-{volume}-client-{client}: disconnected from client, process will keep trying to connect glusterd until brick's port is available [{{conn-name={volume}-client-{client}}}] ";

    public static string NoPort(string volume, int client) =>
        $"E [MSGID: 114058] [client-handshake.c:1193:client_query_portmap_cbk] 0-{volume}-client-{client}: failed to get the port number for remote subvolume. Please run gluster volume status on server to see if brick process is running [] ";

    public static string ChildUp(string volume, int client) =>
        $"I [MSGID: 108005] [afr-common.c:6045:__afr_handle_child_up_event] 0-{volume}-replicate-0: Subvolume '{volume}-client-{client}' came back up; going online. ";

    public static string QuorumMet(string volume) => $"I [MSGID: 108002] [afr-common.c:6417:afr_notify] 0-{volume}-replicate-0: Client-quorum is met ";

    public static string Healing(string volume, string kind, Guid file) => kind == "data"
        ? $"I [MSGID: 108026] [afr-self-heal-data.c:346:afr_selfheal_data_do] 0-{volume}-replicate-0: performing data selfheal on {file} "
        : $"I [MSGID: 108026] [afr-self-heal-metadata.c:51:__afr_selfheal_metadata_do] 0-{volume}-replicate-0: performing metadata selfheal on {file} ";

    public static string Healed(string volume, string kind, Guid file, int sink) =>
        $"I [MSGID: 108026] [afr-self-heal-common.c:1743:afr_log_selfheal] 0-{volume}-replicate-0: Completed {kind} selfheal on {file}. sources=[{(sink == 0 ? 1 : 0)}] {(sink == 2 ? 1 : 2)}  sinks={sink}  ";

    public static string LookupFailed(string volume, int client, Guid file) =>
        $"W [MSGID: 114031] [client-rpc-fops_v2.c:2618:client4_0_lookup_cbk] 0-{volume}-client-{client}: remote operation failed. [{{path=<gfid:{file}>}}, {{gfid={file}}}, {{errno=2}}, {{error=No such file or directory}}] ";

    public static string SocketShutdown(string volume, int client) =>
        $"I [socket.c:833:__socket_shutdown] 0-{volume}-client-{client}: intentional socket shutdown({client + 10})";
}
