using GlusterBus.Contracts.Entities;

namespace GlusterBus.Collectors.GlusterEvents.Subjects;

/// <summary>The helper daemons of this node: glustershd, quotad, bitd, scrub, snapd, nfs, gfproxyd. The payload has no host, so it is the receiving node's.</summary>
internal static class DaemonEvents
{
    public static Meaning? Map(Sighting s) => s.Event.Name switch
    {
        "SVC_CONNECTED" => s.State(Daemon(s), "online"),

        // Switching quota or bitrot off ends their daemons the same way: the look tells whether it is wanted still.
        "SVC_DISCONNECTED" => Meaning.Of(s.State(Daemon(s), "offline") with { Unless = ["failed", "stopped"] }).Enriched(),
        "SVC_MANAGER_FAILED" => s.State(Daemon(s), "failed"),
        "SVC_RECONFIGURE_FAILED" => s.Occurred(Daemon(s), "reconfigure-failed", Severity.Error),
        _ => null,
    };

    private static EntityId Daemon(Sighting s) => EntityId.Daemon(s.Node, s["svc_name"], s.Volume);
}
