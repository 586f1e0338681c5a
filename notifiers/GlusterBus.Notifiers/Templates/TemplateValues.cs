using System.Collections.Frozen;
using System.Globalization;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Text;

namespace GlusterBus.Notifiers.Templates;

/// <summary>What a placeholder can stand for. Every value is a text or a <see cref="DateTimeOffset"/>.</summary>
/// <remarks>Texts come from logs and from the network: control characters never pass, and none is longer than
/// <see cref="MaximumLength"/>. Lists have one element a line.</remarks>
internal static class TemplateValues
{
    /// <summary>The most characters of one value: the kernel refuses a program's argument of more than 128 KiB, and a delivery that can't
    /// succeed would be tried for ever.</summary>
    public const int MaximumLength = 16 * 1024;

    /// <summary>What leads to one attribute, as in <c>{attributes.uuid}</c>; an attribute that is not there is empty.</summary>
    public const string AttributePrefix = "attributes.";

    private static readonly FrozenDictionary<string, Func<Transition, object>> ByName = new Dictionary<string, Func<Transition, object>>
    {
        ["id"] = t => t.Id,
        ["cluster"] = t => t.Cluster,
        ["entity"] = t => t.Entity.Value,
        ["kind"] = t => t.Entity.Kind,
        ["name"] = t => t.Entity.Name,
        ["change"] = t => t.Change,
        ["occurrence"] = t => t.Occurrence ?? "",
        ["previous"] = t => t.Previous ?? "",
        ["current"] = t => t.Current ?? "",
        ["status"] = Status,
        ["severity"] = t => t.Severity.Name(),
        ["reason"] = t => t.Reason.Name(),
        ["reasonText"] = t => t.Reason.Text(),
        ["cause"] = t => t.Cause ?? "",
        ["sequence"] = t => t.Sequence.ToString(CultureInfo.InvariantCulture),
        ["summary"] = TransitionText.Summary,
        ["line"] = TransitionText.Line,
        ["node"] = t => t.Evidence.Count > 0 ? t.Evidence[0].Node : "",
        ["evidence"] = t => Lines(t.Evidence.Select(e => $"{e.Node}: {TransitionText.Clean(e.Text).Trim()}")),
        ["observers"] = t => Lines(t.Observers),
        ["attributes"] = t => Lines(t.Attributes.Select(a => $"{a.Key}: {a.Value}")),
        ["changed"] = t => Lines(t.Changed.Select(c => $"{c.Key}: {c.Value.From ?? "(not set)"} → {c.Value.To ?? "(not set)"}")),
        ["actor"] = t => t.Actor is { } actor ? $"{actor.Node}: {actor.Command}" : "",
        ["trusted"] = t => t.Trusted ? "true" : "false",
        ["replay"] = t => t.Replay ? "true" : "false",
        ["time"] = t => t.Time,
        ["recordedAt"] = t => t.RecordedAt,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>In the order of the alphabet.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByName.Keys.Append(AttributePrefix + "NAME").Order(StringComparer.Ordinal)];

    public static bool IsTime(string name) => name is "time" or "recordedAt";

    /// <summary>How to take the value from a transition; null when there is no such placeholder.</summary>
    public static Func<Transition, object>? Find(string name)
    {
        if (name.StartsWith(AttributePrefix, StringComparison.Ordinal) && name.Length > AttributePrefix.Length)
        {
            string attribute = name[AttributePrefix.Length..];
            return t => Bound(t.Attributes.GetValueOrDefault(attribute, ""));
        }

        return ByName.TryGetValue(name, out Func<Transition, object>? of) ? t => of(t) is string text ? Bound(text) : of(t) : null;
    }

    /// <summary>What the transition makes of an alarm. The state decides: the severity is the change's own, and an offline brick whose
    /// attributes change is no less offline.</summary>
    private static string Status(Transition t) => t switch
    {
        { Occurrence: not null } or { Current: null } => "event",
        _ when EntityKinds.Of(t.Entity)?.SeverityOf(t.Current) is Severity.Ok or Severity.Info => "resolved",
        _ => "firing",
    };

    private static string Lines(IEnumerable<string> elements) => string.Join('\n', elements.Select(TransitionText.Clean));

    private static string Bound(string text) =>
        TextFormats.Cut(text.Contains('\n', StringComparison.Ordinal) ? Lines(text.Split('\n')) : TransitionText.Clean(text), MaximumLength);
}
