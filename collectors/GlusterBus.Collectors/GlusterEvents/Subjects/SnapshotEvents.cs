using GlusterBus.Contracts.Entities;

namespace GlusterBus.Collectors.GlusterEvents.Subjects;

/// <summary>Snapshots, their limits, and the snapshot scheduler (whose events no Gluster has ever sent: its script imports a module that was renamed).</summary>
internal static class SnapshotEvents
{
    private const string SchedulerPrefix = "SNAPSHOT_SCHEDULER_";

    public static Meaning? Map(Sighting s) => s.Event.Name switch
    {
        "SNAPSHOT_CREATED" => s.State(Snapshot(s), "created", [("volume", s.Volume), .. Uuid(s)]),
        "SNAPSHOT_ACTIVATED" => s.State(Snapshot(s), "activated", Uuid(s)),
        "SNAPSHOT_DEACTIVATED" => s.State(Snapshot(s), "deactivated", Uuid(s)),
        "SNAPSHOT_RESTORED" => Meaning.Of(s.State(Snapshot(s), "restored", Uuid(s))).Enriched(),
        "SNAPSHOT_DELETED" => s.State(Snapshot(s), "deleted"),
        "SNAPSHOT_CLONED" => Meaning.Of(
            s.Occurred(Snapshot(s), "cloned", Severity.Info, ("clone", s["clone_name"])),
            s.State(EntityId.Volume(s["clone_name"]), "created")).Enriched(),

        "SNAPSHOT_CREATE_FAILED" => Failed(s, "create-failed"),
        "SNAPSHOT_ACTIVATE_FAILED" => Failed(s, "activate-failed"),
        "SNAPSHOT_DEACTIVATE_FAILED" => Failed(s, "deactivate-failed"),
        "SNAPSHOT_RESTORE_FAILED" => Failed(s, "restore-failed"),
        "SNAPSHOT_DELETE_FAILED" => Failed(s, "delete-failed"),
        "SNAPSHOT_CLONE_FAILED" => Failed(s, "clone-failed"),

        "SNAPSHOT_SOFT_LIMIT_REACHED" => s.State(EntityId.Of("snaplimit", s.Volume!), "soft-limit"),
        "SNAPSHOT_HARD_LIMIT_REACHED" => s.State(EntityId.Of("snaplimit", s.Volume!), "hard-limit"),

        // The volume is not told, and only one of several changed options.
        "SNAPSHOT_CONFIG_UPDATED" => s.Occurred(EntityId.Cluster(), "snapshot-config-updated"),
        "SNAPSHOT_CONFIG_UPDATE_FAILED" => s.Occurred(EntityId.Cluster(), "snapshot-config-update-failed", Severity.Error, Error(s)),

        "SNAPSHOT_SCHEDULER_ENABLED" => s.State(EntityId.Of("scheduler", "all"), "enabled"),
        "SNAPSHOT_SCHEDULER_DISABLED" => s.State(EntityId.Of("scheduler", "all"), "disabled"),
        string name when name.StartsWith(SchedulerPrefix, StringComparison.Ordinal) => s.Occurred(
            EntityId.Of("scheduler", "all"),
            name[SchedulerPrefix.Length..].ToLowerInvariant().Replace('_', '-'),
            name.EndsWith("_FAILED", StringComparison.Ordinal) ? Severity.Error : Severity.Info),
        _ => null,
    };

    // Auto-delete tells of a failure by the uuid alone.
    private static EntityId Snapshot(Sighting s) => EntityId.Of("snapshot", s.Event["snapshot_name"] ?? s.Event["snapshot_uuid"] ?? EntityId.AnyVolume);

    private static Meaning Failed(Sighting s, string occurrence) => s.Occurred(Snapshot(s), occurrence, Severity.Error, Error(s));

    private static (string, string?)[] Uuid(Sighting s) => s.Event["snapshot_uuid"] is { Length: > 0 } uuid ? [("uuid", uuid)] : [];

    private static (string, string?)[] Error(Sighting s) => s.Event["error"] is { Length: > 0 } error ? [("error", error)] : [];
}
