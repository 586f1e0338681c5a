using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.GlusterEvents.Subjects;

/// <summary>Bitrot detection.</summary>
internal static class BitrotEvents
{
    public static Meaning? Map(Sighting s) => s.Event.Name switch
    {
        // These three arrive as "(null)": somebody did it, for which volume a look must tell (option features.bitrot).
        "BITROT_ENABLE" => OfVolume(s, v => s.State(v, "enabled"), "bitrot-enabled"),
        "BITROT_DISABLE" => OfVolume(s, v => s.State(v, "disabled"), "bitrot-disabled"),
        "BITROT_SCRUB_ONDEMAND" => OfVolume(s, v => s.Occurred(v, "scrub-ordered"), "bitrot-scrub-ordered"),

        "BITROT_SCRUB_THROTTLE" => s.Occurred(Volume(s), "scrub-throttle-set", Severity.Info, ("scrubThrottle", s["value"])),
        "BITROT_SCRUB_FREQ" => s.Occurred(Volume(s), "scrub-frequency-set", Severity.Info, ("scrubFrequency", s["value"])),
        "BITROT_SCRUB_OPTION" when s["value"] == "pause" => s.State(Volume(s), "paused"),
        "BITROT_SCRUB_OPTION" when s["value"] == "resume" => s.State(Volume(s), "active"),
        "BITROT_SCRUB_OPTION" => s.Occurred(Volume(s), "scrub-" + s["value"]),
        "BITROT_BAD_FILE" => BadFile(s),
        _ => null,
    };

    private static Meaning OfVolume(Sighting s, Func<EntityId, Observation> known, string unknown) => s.Volume is not null
        ? Meaning.Of(known(Volume(s))).Enriched()
        : Meaning.Of(s.Occurred(EntityId.Cluster(), unknown) with { Weight = Weight.Hint }).Confirmed();

    private static EntityId Volume(Sighting s) => EntityId.Of("bitrot", s.Volume!);

    // The brick is a path of this node.
    private static Observation BadFile(Sighting s)
    {
        EntityId brick = s.Topology.LocalBrick(s["brick"], s.Node);
        (string, string?)[] attributes = [("brick", brick.Value), .. s.Event["path"] is { } path ? [("path", (string?)path)] : Array.Empty<(string, string?)>()];
        return s.State(EntityId.Of("object", ClientEvents.VolumeOf(brick), s["gfid"], $"{s.Node}:{s["brick"]}"), "corrupted", attributes);
    }
}
