using System.Globalization;

namespace GlusterBus.Pipeline.Tests.Receivers;

/// <summary>A glusterd.log in which the server quorum of volume gv0 is lost and regained.</summary>
internal sealed class QuorumStory(string folder)
{
    /// <summary>What the collector needs to read it and nothing else.</summary>
    public string Collectors => $$"""
        "collectors": { "logs": { "directory": "{{folder}}", "startAt": "beginning" }, "gf_event": { "enabled": false }, "get_state": { "enabled": false } },
        """;

    public Task LoseAsync() => WriteAsync("106002] [glusterd-server-quorum.c:357:glusterd_do_volume_quorum_action] 0-management: Server quorum lost for volume gv0. Stopping local bricks.");

    public Task RegainAsync() => WriteAsync("106003] [glusterd-server-quorum.c:350:glusterd_do_volume_quorum_action] 0-management: Server quorum regained for volume gv0. Starting local bricks.");

    private Task WriteAsync(string message)
    {
        string now = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
        return File.AppendAllTextAsync(Path.Combine(folder, "glusterd.log"), $"[{now} +0000] C [MSGID: {message} \n");
    }
}
