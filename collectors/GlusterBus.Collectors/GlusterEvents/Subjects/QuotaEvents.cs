using GlusterBus.Contracts.Entities;

namespace GlusterBus.Collectors.GlusterEvents.Subjects;

/// <summary>Quota of a volume (<c>quota/rv</c>) and its limits (<c>quota/rv/folder</c>).</summary>
internal static class QuotaEvents
{
    public static Meaning? Map(Sighting s) => s.Event.Name switch
    {
        "QUOTA_ENABLE" => Meaning.Of(s.State(Volume(s), "enabled")).Enriched(),
        "QUOTA_DISABLE" => Meaning.Of(s.State(Volume(s), "disabled")).Enriched(),

        // A new limit says nothing of the use: only a look can end "exceeded".
        "QUOTA_SET_USAGE_LIMIT" => s.State(Limit(s), "ok", ("limit", s.Event["limit"])) with { Unless = ["soft-exceeded", "hard-exceeded"] },
        "QUOTA_REMOVE_USAGE_LIMIT" => s.State(Limit(s), "removed", ("limit", null)),
        "QUOTA_SET_OBJECTS_LIMIT" => s.Occurred(Limit(s), "objects-limit-set", Severity.Info, ("objectsLimit", s.Event["limit"])),
        "QUOTA_REMOVE_OBJECTS_LIMIT" => s.Occurred(Limit(s), "objects-limit-removed", Severity.Info, ("objectsLimit", null)),
        "QUOTA_ALERT_TIME" => s.Occurred(Volume(s), "alert-time-set", Severity.Info, ("alertTime", s["time"])),
        "QUOTA_SOFT_TIMEOUT" => s.Occurred(Volume(s), "soft-timeout-set", Severity.Info, ("softTimeout", s["soft-timeout"])),
        "QUOTA_HARD_TIMEOUT" => s.Occurred(Volume(s), "hard-timeout-set", Severity.Info, ("hardTimeout", s["hard-timeout"])),
        "QUOTA_DEFAULT_SOFT_LIMIT" => s.Occurred(Volume(s), "default-soft-limit-set", Severity.Info, ("defaultSoftLimit", s["default-soft-limit"])),

        // The use differs in each report of each brick: it stays in the evidence.
        "QUOTA_CROSSED_SOFT_LIMIT" => s.State(Limit(s), "soft-exceeded") with { Unless = ["hard-exceeded"] },
        _ => null,
    };

    private static EntityId Volume(Sighting s) => EntityId.Of("quota", s.Volume!);

    private static EntityId Limit(Sighting s) => EntityId.Of("quota", s.Volume!, s["path"] == "/" ? "/" : s["path"].TrimStart('/'));
}
