using System.Globalization;
using System.Text;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Notifiers.Kafka.Writing;

/// <summary>The layout with a topic for each volume: a property is the key, its new value the value. For programs that watch one volume and want no CloudEvents.</summary>
internal static class VolumeRecords
{
    /// <summary>The longest name that Kafka takes.</summary>
    private const int MaximumTopic = 249;

    /// <summary>Kinds whose entities are called <c>kind/volume…</c>.</summary>
    private static readonly string[] OfVolumes = ["volume", "brick", "subvol", "quorum", "config", "usage", "splitbrain", "quota", "bitrot", "object", "rebalance", "tier", "snaplimit", "client"];

    /// <summary>What a transition changes: the state of its entity as <c>state</c>, each attribute by its name; in front of both, unless it is the volume's own, the
    /// kind and what follows the volume, such as <c>brick/gl1:/b1/state</c>. Nothing for what belongs to no volume.</summary>
    public static IEnumerable<KafkaRecord> Of(Transition t, string prefix)
    {
        if (!OfVolumes.Contains(t.Entity.Kind) || t.Entity.Name.Split('/', 2) is not [var volume, .. var rest] || volume == EntityId.AnyVolume)
        {
            yield break;
        }

        string topic = Topic(prefix, volume);
        string owner = t.Entity.Kind == "volume" ? "" : string.Join('/', [t.Entity.Kind, .. rest]) + "/";
        if (t.Previous != t.Current && t.Current is not null)
        {
            yield return Record(owner + "state", t.Current);
        }

        foreach ((string name, AttributeChange change) in t.Changed)
        {
            yield return Record(owner + name, change.To);
        }

        KafkaRecord Record(string property, string? value) =>
            new(topic, Encoding.UTF8.GetBytes(property), value is null ? null : Encoding.UTF8.GetBytes(value), t.Time, value is null ? null : "text/plain; charset=utf-8", t.TraceParent);
    }

    /// <summary>The name of a volume's topic: what Kafka does not allow in one becomes <c>_XX</c>, its UTF-8 in hexadecimal, and an underscore <c>__</c>.</summary>
    internal static string Topic(string prefix, string volume)
    {
        var name = new StringBuilder(prefix);
        foreach (byte b in Encoding.UTF8.GetBytes(volume))
        {
            name.Append(b == '_' ? "__" : char.IsAsciiLetterOrDigit((char)b) || b is (byte)'.' or (byte)'-' ? ((char)b).ToString() : string.Create(CultureInfo.InvariantCulture, $"_{b:X2}"));
        }

        return name.Length <= MaximumTopic ? name.ToString() : name.ToString(0, MaximumTopic);
    }
}
