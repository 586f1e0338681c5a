using GlusterBus.Contracts.Entities;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.GlusterEvents.Subjects;

/// <summary>Geo-replication: sessions (<c>georep/pv/gr3::sv</c>) by the operator's commands, workers (<c>worker/pv/gr3::sv/gr1:/srv/pv</c>) by gsyncd.</summary>
internal static class GeorepEvents
{
    public static Meaning? Map(Sighting s) => s.Event.Name switch
    {
        "GEOREP_CREATE" => Meaning.Of(s.State(Session(s), "created")).Enriched(),
        "GEOREP_START" => Meaning.Of(s.State(Session(s), "started")).Enriched(),
        "GEOREP_RESUME" => Meaning.Of(s.State(Session(s), "started")).Enriched(),
        "GEOREP_PAUSE" => Meaning.Of(s.State(Session(s), "paused")).Enriched(),
        "GEOREP_STOP" => Meaning.Of(s.State(Session(s), "stopped")).Enriched(),
        "GEOREP_DELETE" => Meaning.Of(s.State(Session(s), "deleted")).Enriched(),
        "GEOREP_CONFIG_SET" => s.Changed(Session(s), "option-set", ("options." + Option(s), OptionPairs.Show(Option(s), s["value"]))),
        "GEOREP_CONFIG_RESET" => s.Changed(Session(s), "option-reset", ("options." + Option(s), null)),

        "GEOREP_FAULTY" => s.State(Worker(s), "faulty"),
        "GEOREP_ACTIVE" => s.State(Worker(s), "active"),
        "GEOREP_PASSIVE" => s.State(Worker(s), "passive"),
        "GEOREP_CHECKPOINT_COMPLETED" => s.Occurred(
            Worker(s), "checkpoint-completed", Severity.Info, [.. Told(s, ("checkpoint_time", "checkpointTime"), ("checkpoint_completion_time", "checkpointCompletionTime"))]),
        _ => null,
    };

    /// <summary>The secondary as <c>host::volume</c>: the user and the scheme that an operator may have typed name no other session.</summary>
    public static string Secondary(string typed)
    {
        string text = typed.StartsWith("ssh://", StringComparison.Ordinal) ? typed["ssh://".Length..] : typed;
        text = text[(text.IndexOf('@', StringComparison.Ordinal) + 1)..];
        int url = text.IndexOf(":gluster://", StringComparison.Ordinal);
        return url < 0 ? text : $"{text[..url]}::{text[(text.LastIndexOf(':') + 1)..]}";
    }

    private static EntityId Session(Sighting s) => EntityId.Of("georep", s["primary"], Secondary(s["secondary"]));

    private static EntityId Worker(Sighting s) => EntityId.Of(
        "worker", s["primary_volume"], $"{s["secondary_host"]}::{s["secondary_volume"]}", $"{s.Topology.Peer(s["primary_node"])}:{s["brick_path"]}");

    private static string Option(Sighting s) => s.Event["option"] ?? EntityId.AnyVolume;

    private static IEnumerable<(string, string?)> Told(Sighting s, params (string Key, string Attribute)[] keys) =>
        keys.Where(k => s.Event[k.Key] is not null).Select(k => (k.Attribute, s.Event[k.Key]));
}
