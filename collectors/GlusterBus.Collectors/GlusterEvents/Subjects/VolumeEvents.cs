using System.Globalization;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.GlusterEvents.Subjects;

/// <summary>What operators do to volumes, and server quorum.</summary>
internal static class VolumeEvents
{
    public static Meaning? Map(Sighting s) => s.Event.Name switch
    {
        "VOLUME_CREATE" => Created(s),
        "VOLUME_START" => Meaning.Of(s.State(Volume(s), "started")).Enriched(),
        "VOLUME_STOP" => Meaning.Of(s.State(Volume(s), "stopped")).Enriched(),
        "VOLUME_DELETE" => Meaning.Of(s.State(Volume(s), "deleted")).Enriched(),
        "VOLUME_SET" => OptionsSet(s),
        "VOLUME_RESET" => OptionReset(s),
        "VOLUME_ADD_BRICK" => BricksAdded(s),

        // The CLI sends these even when the operator answers "n" to its question. That bricks are gone only a look can tell; a task that
        // starts or stops leaves nothing that a look would find, so that is told as it came.
        "VOLUME_REMOVE_BRICK_START" => Meaning.Of(RemoveBrick(s, "remove-brick-started")).Confirmed(),
        "VOLUME_REMOVE_BRICK_STOP" => Meaning.Of(RemoveBrick(s, "remove-brick-stopped")).Confirmed(),
        "VOLUME_REMOVE_BRICK_COMMIT" => Meaning.Of(RemoveBrick(s, "remove-brick-committed") with { Weight = Weight.Hint }).Confirmed(),
        "VOLUME_REMOVE_BRICK_FORCE" => Meaning.Of(RemoveBrick(s, "remove-brick-forced") with { Weight = Weight.Hint }).Confirmed(),

        "QUORUM_LOST" => s.State(EntityId.Quorum(s.Volume!), "lost"),
        "QUORUM_REGAINED" => s.State(EntityId.Quorum(s.Volume!), "met"),

        "COMPARE_FRIEND_VOLUME_FAILED" => s.State(EntityId.Of("config", s.Volume!, s.Node), "out-of-sync"),
        "IMPORT_VOLUME_FAILED" => s.Occurred(Volume(s), "import-failed", Severity.Error),
        "IMPORT_QUOTA_CONF_FAILED" => s.Occurred(Volume(s), "quota-import-failed", Severity.Error),
        _ => null,
    };

    /// <summary>What of a brick's address is an attribute; tells the router which volume a path belongs to.</summary>
    /// <exception cref="FormatException">It is no <c>host:/path</c>.</exception>
    public static Observation BrickAddress(Sighting s, string volume, string hostAndPath)
    {
        int colon = hostAndPath.IndexOf(":/", StringComparison.Ordinal);
        if (colon <= 0)
        {
            throw new FormatException("a brick is host:/path");
        }

        return s.Changed(EntityId.Brick(volume, hostAndPath), null, ("volume", volume), ("host", hostAndPath[..colon]), ("path", hostAndPath[(colon + 1)..]));
    }

    /// <summary>The bricks of a list with blanks between; a path may hold blanks itself.</summary>
    public static IReadOnlyList<string> Bricks(string list)
    {
        var bricks = new List<string>();
        foreach (string word in list.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.IndexOf(":/", StringComparison.Ordinal) > 0)
            {
                bricks.Add(word);
            }
            else if (bricks.Count > 0)
            {
                bricks[^1] += " " + word;
            }
        }

        return bricks;
    }

    private static EntityId Volume(Sighting s) => EntityId.Volume(s.Volume!);

    private static Meaning Created(Sighting s)
    {
        IReadOnlyList<string> bricks = Bricks(s["bricks"]);
        Observation volume = s.State(Volume(s), "created", ("brickCount", Text(bricks.Count)));
        return Meaning.Of([volume, .. bricks.Select(b => BrickAddress(s, s.Volume!, b))]).Enriched();
    }

    private static Meaning BricksAdded(Sighting s)
    {
        IReadOnlyList<string> bricks = Bricks(s["bricks"]);
        HashSet<string> all = [.. s.Topology.Bricks.Where(b => b.Volume == s.Volume).Select(b => b.HostAndPath)];
        bool isKnown = all.Count > 0;
        all.UnionWith(bricks);
        (string, string?)[] attributes = [("bricks", string.Join(' ', bricks)), .. isKnown ? [("brickCount", (string?)Text(all.Count))] : Array.Empty<(string, string?)>()];
        return Meaning.Of([s.Occurred(Volume(s), "bricks-added", Severity.Info, attributes), .. bricks.Select(b => BrickAddress(s, s.Volume!, b))]).Enriched();
    }

    private static Observation RemoveBrick(Sighting s, string occurrence) =>
        s.Occurred(Volume(s), occurrence, Severity.Info, ("bricks", string.Join(' ', Bricks(s["bricks"]))));

    // "volume set all …" changes the cluster and no volume.
    private static EntityId OwnerOfOptions(Sighting s) => s["name"] == "all" ? EntityId.Cluster() : Volume(s);

    private static Meaning OptionsSet(Sighting s)
    {
        (string, string?)[] attributes = [.. OptionPairs.Split(s["options"])
            .DistinctBy(p => p.Key).Select(p => ("options." + p.Key, (string?)OptionPairs.Show(p.Key, p.Value)))];
        return Meaning.Of(s.Changed(OwnerOfOptions(s), "option-set", attributes)).Enriched();
    }

    private static Meaning OptionReset(Sighting s) => s["option"] == "all"
        ? Meaning.Of(s.Occurred(OwnerOfOptions(s), "option-reset") with { Weight = Weight.Hint }).Confirmed()
        : Meaning.Of(s.Changed(OwnerOfOptions(s), "option-reset", ("options." + s["option"], null))).Enriched();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
