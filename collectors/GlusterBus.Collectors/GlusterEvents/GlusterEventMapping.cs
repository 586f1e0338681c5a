using GlusterBus.Collectors.GlusterEvents.Subjects;

namespace GlusterBus.Collectors.GlusterEvents;

/// <summary>From an event to what it says about the cluster. Pure; one file per subject in the folder Subjects.</summary>
public static class GlusterEventMapping
{
    private static readonly Func<Sighting, Meaning?>[] Subjects =
    [
        BrickEvents.Map, ClientEvents.Map, SubvolumeEvents.Map, PeerEvents.Map, DaemonEvents.Map, VolumeEvents.Map, TaskEvents.Map, QuotaEvents.Map,
        BitrotEvents.Map, SnapshotEvents.Map, GeorepEvents.Map, RetiredEvents.Map,
    ];

    /// <summary>What an event says. Every event of Gluster's list says something.</summary>
    /// <exception cref="FormatException">A field holds what no entity's name can be, such as control characters.</exception>
    public static Meaning Map(Sighting sighting)
    {
        foreach (Func<Sighting, Meaning?> subject in Subjects)
        {
            if (subject(sighting) is { } meaning)
            {
                return meaning;
            }
        }

        throw new FormatException($"no subject maps {sighting.Event.Name}");
    }
}
