using GlusterBus.Contracts.Entities;

namespace GlusterBus.Runtime.Text;

/// <summary>How people call an entity and what becomes of it, in words.</summary>
internal static class EntityText
{
    /// <summary>The noun of a sentence, such as <c>brick gl2:/srv/rv1 of volume rv</c>.</summary>
    public static string Name(EntityId entity)
    {
        string name = entity.Name;
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        string first = slash < 0 ? name : name[..slash];
        string rest = slash < 0 ? "" : name[(slash + 1)..];
        return entity.Kind switch
        {
            "cluster" => "the cluster",
            "brick" when rest != "" && first == EntityId.AnyVolume => $"brick {rest}",
            "brick" when rest != "" => $"brick {rest} of volume {first}",
            "peer" when rest != "" => $"peer {rest} as {first} sees it",
            "daemon" when rest != "" => $"daemon {rest.Replace("/", " of volume ", StringComparison.Ordinal)} on {first}",
            "subvol" when rest != "" => $"subvolume {rest} of volume {first}",
            "quorum" => $"server quorum of volume {name}",
            "config" => $"the definition of volume {name}",
            "georep" => $"geo-replication {name}",
            "worker" => $"geo-replication worker {name}",
            string kind => $"{kind} {name}",
        };
    }

    /// <summary>The predicate, such as <c>went offline</c>.</summary>
    /// <param name="isFirst">True when nothing is known of an earlier state.</param>
    public static string Became(string state, bool isFirst) => state switch
    {
        "online" => isFirst ? "is online" : "came online",
        "connected" => isFirst ? "is connected" : "is connected again",
        "offline" => "went offline",
        "disconnected" => "lost its connection",
        "unreachable" => "can't be reached",
        "unknown" => "can't be seen any more",
        "created" or "started" or "stopped" or "deleted" or "attached" or "detached" or "rejected" or "refused" or "removed" or "restored"
            or "enabled" or "disabled" or "paused" or "activated" or "deactivated" or "committed" => $"was {state}",
        "completed" or "failed" => state,
        "start-failed" => "could not be started",
        "health-failed" => "failed its health check",
        "met" => "is met",
        "lost" => "is lost",
        "up" or "down" or "degraded" or "read-only" or "restarting" or "starting" or "stopping" => $"is {state}",
        "ok" => "is all right",
        _ => $"is now {state.Replace('-', ' ')}",
    };
}
