using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.GlusterEvents.Subjects;

/// <summary>Brick processes and the storage below them.</summary>
internal static class BrickEvents
{
    // glusterd sees the connection break whatever the reason; a reason that was told before says more. A brick that is
    // being reset or was removed is meant to be away.
    private static readonly string[] ReasonsToldBefore = ["health-failed", "start-failed", "refused", "resetting", "removed"];

    public static Meaning? Map(Sighting s) => s.Event.Name switch
    {
        "BRICK_DISCONNECTED" => s.State(Named(s), "offline") with { Unless = ReasonsToldBefore },
        "BRICK_CONNECTED" => s.State(Named(s), "online"),
        "BRICK_START_FAILED" => s.State(Named(s), "start-failed"),
        "BRICK_STOP_FAILED" => s.Occurred(Named(s), "stop-failed", Severity.Error),
        "BRICKPATH_RESOLVE_FAILED" => s.Occurred(Named(s), "path-unresolved", Severity.Error),
        "IMPORT_BRICK_FAILED" => s.Occurred(Imported(s), "import-failed", Severity.Error),
        "BRICKS_START_FAILED" => s.Occurred(EntityId.Node(s.Node), "bricks-start-failed", Severity.Error),

        "BRICK_RESET_START" => Meaning.Of(s.State(Source(s), "resetting")).Enriched(),
        "BRICK_RESET_COMMIT" => Meaning.Of(s.Occurred(Destination(s), "reset-committed"), Address(s)).Enriched(),
        "BRICK_REPLACE" => Meaning.Of(s.State(Source(s), "removed", ("replacedBy", s["destination-brick"])), Address(s)).Enriched(),

        "POSIX_HEALTH_CHECK_FAILED" => HealthFailed(s),
        "POSIX_ALREADY_PART_OF_VOLUME" => Refused(s, "it is part of another volume", ("volumeId", s.Event["volume-id"])),
        "POSIX_BRICK_NOT_IN_VOLUME" => Refused(s, "it has no volume-id; the file system is perhaps not mounted"),
        "POSIX_BRICK_VERIFICATION_FAILED" => Refused(s, "its volume-id could not be read"),
        "POSIX_ACL_NOT_SUPPORTED" => s.Occurred(Whole(s), "acl-not-supported", Severity.Warning),
        "POSIX_SAME_GFID" => s.Occurred(Whole(s), "same-gfid", Severity.Error, ("gfid", s.Event["gfid"]), ("path", s.Event["path"]), ("newPath", s.Event["newpath"])),
        _ => null,
    };

    /// <summary>The probable cause behind the error text of a failed health check; null for a text that tells nothing more.</summary>
    /// <remarks>From what operators found in gluster/glusterfs issues 1168, 1734, 2077 and 2299.</remarks>
    public static string? ProbableCause(string? error) => error switch
    {
        null => null,
        _ when error.Contains("Structure needs cleaning", StringComparison.OrdinalIgnoreCase) => "damaged XFS file system",
        _ when error.Contains("Input/output error", StringComparison.OrdinalIgnoreCase) => "disk or controller",
        _ when error.Contains("Stale file handle", StringComparison.OrdinalIgnoreCase) => "network storage below the brick",
        _ when error.Contains("Transport endpoint", StringComparison.OrdinalIgnoreCase) => "network storage below the brick",
        _ when error.Contains("No such file or directory", StringComparison.OrdinalIgnoreCase) => "the .glusterfs folder or the mount is gone",
        _ when error.Contains("Read-only file system", StringComparison.OrdinalIgnoreCase) => "the kernel remounted the file system read-only",
        _ when error.Contains("Connection timed out", StringComparison.OrdinalIgnoreCase) => "slow disk, probably load",
        _ when error.Contains("No space left on device", StringComparison.OrdinalIgnoreCase) => "the file system is full",
        _ => null,
    };

    // peer=gl2;volume=rv;brick=/srv/rv1
    private static EntityId Named(Sighting s) => EntityId.Brick(s.Volume!, $"{s["peer"]}:{s["brick"]}");

    private static EntityId Source(Sighting s) => EntityId.Brick(s.Volume!, s["source-brick"]);

    private static EntityId Destination(Sighting s) => EntityId.Brick(s.Volume!, s["destination-brick"]);

    private static Observation Address(Sighting s) => VolumeEvents.BrickAddress(s, s.Volume!, s["destination-brick"]);

    // brick=gl2:/srv/hv, the volume is not told
    private static EntityId Whole(Sighting s) => s.Topology.Brick(s["brick"]);

    private static EntityId Imported(Sighting s)
    {
        string path = s.Event["brick"] ?? s["ta-brick"];
        return path.StartsWith('/') ? s.Topology.Brick($"{s.Topology.Peer(s["peer"])}:{path}") : s.Topology.Brick(path);
    }

    private static Observation HealthFailed(Sighting s)
    {
        string? cause = ProbableCause(s.Event["error"]);
        (string, string?)[] told = [("op", s.Event["op"]), ("error", s.Event["error"]), ("path", s.Event["path"]), ("probableCause", cause)];
        return s.State(Whole(s), "health-failed", [.. told.Where(t => t.Item2 is not null)]);
    }

    private static Observation Refused(Sighting s, string reason, params (string Name, string? Value)[] more) =>
        s.State(Whole(s), "refused", [("reason", reason), .. more.Where(m => m.Value is not null)]);
}
