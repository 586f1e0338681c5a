using GlusterBus.Contracts.Entities;

namespace GlusterBus.Collectors.GlusterEvents.Subjects;

/// <summary>Events that no Gluster since release 10 has a sender for. An older node may still send some, so they are told, with what can be read of them.</summary>
internal static class RetiredEvents
{
    public static Meaning? Map(Sighting s) => s.Event.Name switch
    {
        "TIER_ATTACH" or "TIER_ATTACH_FORCE" => s.State(Tier(s), "attached"),
        "TIER_DETACH_START" => s.State(Tier(s), "detaching"),
        "TIER_DETACH_STOP" => s.State(Tier(s), "attached"),
        "TIER_DETACH_COMMIT" or "TIER_DETACH_FORCE" => s.State(Tier(s), "detached"),
        "TIER_PAUSE" => s.State(Tier(s), "paused"),
        "TIER_RESUME" => s.State(Tier(s), "resumed"),
        string name when name.StartsWith("TIER_", StringComparison.Ordinal) => s.Occurred(Tier(s), Occurrence(name["TIER_".Length..])),
        string name when name.StartsWith("VOLUME_", StringComparison.Ordinal) && name.EndsWith("_FAILED", StringComparison.Ordinal) =>
            s.Occurred(s.Volume is { } volume ? EntityId.Volume(volume) : EntityId.Cluster(), Occurrence(name["VOLUME_".Length..]), Severity.Error),
        "NFS_GANESHA_EXPORT_FAILED" => s.Occurred(s.Volume is { } volume ? EntityId.Volume(volume) : EntityId.Cluster(), "nfs-ganesha-export-failed", Severity.Error),
        _ => null,
    };

    private static EntityId Tier(Sighting s) => EntityId.Of("tier", s.Volume ?? "all");

    private static string Occurrence(string name) => name.ToLowerInvariant().Replace('_', '-');
}
