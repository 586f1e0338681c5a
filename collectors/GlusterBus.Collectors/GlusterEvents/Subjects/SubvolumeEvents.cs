using GlusterBus.Contracts.Entities;

namespace GlusterBus.Collectors.GlusterEvents.Subjects;

/// <summary>Replica and disperse sets, files whose copies disagree, and space, all as a client of the volume sees them.</summary>
internal static class SubvolumeEvents
{
    private static readonly string[] Translators = ["-replicate-", "-disperse-"];

    public static Meaning? Map(Sighting s) => s.Event.Name switch
    {
        "AFR_SUBVOLS_DOWN" => s.State(Subvolume(s), "down"),
        "AFR_QUORUM_FAIL" => s.State(Subvolume(s), "no-quorum"),

        // The first brick is back, which is not yet the quorum.
        "AFR_SUBVOL_UP" => s.State(Subvolume(s), "up") with { Unless = ["no-quorum"] },
        "AFR_QUORUM_MET" => s.State(Subvolume(s), "up"),
        "EC_MIN_BRICKS_NOT_UP" => s.State(Subvolume(s), "down"),
        "EC_MIN_BRICKS_UP" => s.State(Subvolume(s), "up"),
        "AFR_SPLIT_BRAIN" => SplitBrain(s),

        // The percentage changes with each report and would make each a change: it stays in the evidence.
        "DHT_DISK_USAGE" => s.State(EntityId.Of("usage", s.Volume!, s["subvol"]), "near-full"),
        "DHT_INODES_USAGE" => s.State(EntityId.Of("usage", s.Volume!, s["subvol"]), "inodes-near-full"),
        _ => null,
    };

    /// <summary>True for an event that tells what some client sees: it comes from client hosts too, which are no peers.</summary>
    public static bool IsFromClients(string name) => name.StartsWith("AFR_", StringComparison.Ordinal) || name.StartsWith("EC_", StringComparison.Ordinal)
        || name.StartsWith("DHT_", StringComparison.Ordinal);

    private static EntityId Subvolume(Sighting s)
    {
        (string volume, string part) = Split(s["subvol"]);
        return EntityId.Subvolume(volume, part);
    }

    // rv-replicate-0: the volume's name may hold "-replicate-" itself, so the last one counts.
    private static (string Volume, string Part) Split(string subvolume)
    {
        int at = Translators.Max(t => subvolume.LastIndexOf(t, StringComparison.Ordinal));
        return at > 0 ? (subvolume[..at], subvolume[(at + 1)..]) : (EntityId.AnyVolume, subvolume);
    }

    private static Meaning SplitBrain(Sighting s)
    {
        // Five shapes: a gfid, a path, or <gfid:…>/name with a stray > at the end.
        string file = (s.Event["file"] ?? s.Event["gfid"] ?? "").Trim();
        if (file.EndsWith('>') && file.StartsWith('<') && file.IndexOf('>', StringComparison.Ordinal) < file.Length - 1)
        {
            file = file[..^1];
        }

        (string, string?)[] attributes = [("subvol", s["subvol"]), .. s.Event["type"] is { } type ? [("type", (string?)type)] : Array.Empty<(string, string?)>()];
        return s.State(EntityId.Of("splitbrain", Split(s["subvol"]).Volume, file.Length == 0 ? EntityId.AnyVolume : file), "found", attributes);
    }
}
