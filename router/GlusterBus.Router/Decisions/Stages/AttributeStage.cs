using System.Collections.Immutable;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Router.Decisions.Stages;

/// <summary>Tells attributes that are news from those that describe. Fills <see cref="Case.Changed"/> with the news and
/// <see cref="Case.Entry"/> with both.</summary>
internal static class AttributeStage
{
    /// <summary>The prefix of a volume's options; a snapshot lists all of them, so that a missing one was reset.</summary>
    private const string OptionPrefix = "options.";

    /// <summary>How long after a first description the report of an option in it still counts as news.</summary>
    private static readonly TimeSpan ReportDelay = TimeSpan.FromSeconds(30);

    /// <summary>How much older than that description the report may be: a look that began after the command can be published before the datagram
    /// that came while it began. What is older still is an old story that somebody tells again.</summary>
    private static readonly TimeSpan ReportLead = TimeSpan.FromSeconds(5);

    public static Suppression Judge(Case c)
    {
        if (c.Entry.IsGone)
        {
            if (c.Observation.State is null || c.Observation.State == c.Entry.State)
            {
                return c.Observation.State is null ? Suppression.Late : Suppression.None;
            }

            // A new thing under an old name starts with nothing of its predecessor but the sequence.
            // Its attributes count as unset from now on: a late report of the predecessor's does not set them again.
            c.Entry = c.Entry with
            {
                Attributes = StateEntry.NoAttributes,
                AttributesAt = c.Entry.AttributesAt.SetItems(c.Entry.AttributesAt.Keys.Select(name => KeyValuePair.Create(name, c.When))),
                Described = false,
                Explained = false,
                Unreported = StateEntry.NoNames,
            };
        }

        if (c.Observation.Attributes.Count == 0 && c.Snapshot is null)
        {
            return Suppression.None;
        }

        bool isLate = false;
        bool isDescription = !c.Kind.AttributesAreNews || (c.Snapshot is not null && !c.Entry.Described);
        ImmutableSortedDictionary<string, string> attributes = c.Entry.Attributes;
        ImmutableSortedDictionary<string, Moment> moments = c.Entry.AttributesAt;
        foreach ((string name, string? value) in Claimed(c))
        {
            string? known = attributes.GetValueOrDefault(name);
            if (known == value)
            {
                if (IsReportOfDescribed(c, name))
                {
                    c.Changed[name] = new AttributeChange(null, value);
                }

                continue;
            }

            if (c.Kind.AttributesAreNews)
            {
                if (moments.TryGetValue(name, out Moment changed) && c.IsBefore(changed))
                {
                    isLate = true;
                    continue;
                }

                moments = moments.SetItem(name, c.When);
            }

            c.IsDurable = true;
            attributes = value is null ? attributes.Remove(name) : attributes.SetItem(name, value);
            // A snapshot that tells more of a volume's shape than the one before describes it; only an option comes and goes by order.
            bool isOption = name.StartsWith(OptionPrefix, StringComparison.Ordinal);
            bool isShape = c.Snapshot is not null && !isOption && (known is null || value is null || c.Entry.Explained);
            if (!isDescription && !isShape)
            {
                c.Changed[name] = new AttributeChange(known, value);
            }
            else if (isOption && c.Snapshot is not null && c.Kind.AttributesAreNews)
            {
                c.Entry = c.Entry with { Unreported = c.Entry.Unreported.Add(name), UnreportedAt = c.Now };
            }
        }

        if (isLate && !c.HasChanged && c.Observation is { State: null, Occurrence: null })
        {
            return Suppression.Late;
        }

        if (!ReferenceEquals(attributes, c.Entry.Attributes) || c.HasChanged)
        {
            c.Entry = c.Entry with { Attributes = attributes, AttributesAt = moments, Unreported = c.Entry.Unreported.Except(c.Changed.Keys) };
        }

        if (c.Snapshot is not null && c.Kind.AttributesAreNews && !c.IsGone)
        {
            c.IsDurable |= !c.Entry.Described || c.Entry.Explained;
            c.Entry = c.Entry with { Described = true, Explained = c.Entry.Explained && c.ByOwnClock(c.Entry.Changed) > c.Observation.ObservedAt };
        }

        return Suppression.None;
    }

    /// <summary>True when the claim only reports what a first description, newer than it, brought quietly: it takes nothing back, and nobody has told of it yet.</summary>
    /// <param name="c">A claim about an instant before the description.</param>
    /// <param name="described">When the node described the entity, by its own clock.</param>
    public static bool IsReportOfDescribed(Case c, DateTimeOffset described) =>
        c.Observation is { State: null, Attributes.Count: > 0 }
        && c.Observation.ObservedAt >= described - ReportLead
        && c.Observation.Attributes.All(attribute => c.Entry.Attributes.GetValueOrDefault(attribute.Key) == attribute.Value && IsReportOfDescribed(c, attribute.Key));

    private static bool IsReportOfDescribed(Case c, string name) =>
        c.Snapshot is null && c.Entry.Unreported.Contains(name) && c.Now - c.Entry.UnreportedAt <= ReportDelay;

    private static IEnumerable<KeyValuePair<string, string?>> Claimed(Case c)
    {
        foreach (KeyValuePair<string, string?> attribute in c.Observation.Attributes)
        {
            yield return attribute;
        }

        if (c.Snapshot is null || c.IsGone || !c.Kind.AttributesAreNews || !c.Entry.Described)
        {
            yield break;
        }

        foreach (string name in c.Entry.Attributes.Keys)
        {
            if (name.StartsWith(OptionPrefix, StringComparison.Ordinal) && !c.Observation.Attributes.ContainsKey(name))
            {
                yield return new(name, null);
            }
        }
    }
}
