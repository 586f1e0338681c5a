using System.Globalization;

namespace GlusterBus.Pipeline.Tests.Distributed;

/// <summary>What glusterd writes into its log when a volume loses or regains its server quorum.</summary>
internal static class QuorumLine
{
    /// <summary>The line, as of now.</summary>
    public static string Of(string volume, bool isLost)
    {
        string now = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
        return isLost
            ? $"[{now} +0000] C [MSGID: 106002] [glusterd-server-quorum.c:357:glusterd_do_volume_quorum_action] 0-management: Server quorum lost for volume {volume}. Stopping local bricks. \n"
            : $"[{now} +0000] C [MSGID: 106003] [glusterd-server-quorum.c:350:glusterd_do_volume_quorum_action] 0-management: Server quorum regained for volume {volume}. Starting local bricks. \n";
    }
}
