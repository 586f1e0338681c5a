using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Notifiers.Email;

/// <summary>What one mail tells: an item per entity, what still hurts and is gravest first. Pure.</summary>
/// <param name="Items">Told in full; at least one.</param>
/// <param name="Others">Only counted, in the same order.</param>
internal sealed record Digest(IReadOnlyList<DigestItem> Items, IReadOnlyList<DigestItem> Others)
{
    /// <summary>All transitions, told or counted.</summary>
    public int Count => Items.Concat(Others).Sum(item => item.Transitions.Count);

    /// <summary>The transitions that are only counted.</summary>
    public int LeftOut => Others.Sum(item => item.Transitions.Count);

    /// <summary>The gravest of them all.</summary>
    public Severity Gravest => Items.Concat(Others).Max(item => item.Gravest);

    /// <summary>Groups transitions by entity.</summary>
    /// <param name="transitions">At least one, in the order of the record.</param>
    /// <param name="before">The incidents that were open before them.</param>
    /// <param name="most">The most items told in full.</param>
    public static (Digest Digest, Incidents After) Of(IReadOnlyList<Transition> transitions, Incidents before, int most)
    {
        var groups = new Dictionary<string, List<(Transition Transition, Incident Incident)>>(StringComparer.Ordinal);
        Incidents incidents = before;
        foreach (Transition transition in transitions)
        {
            (Incident incident, incidents) = incidents.Follow(transition);
            if (!groups.TryGetValue(incident.Entity, out List<(Transition, Incident)>? group))
            {
                groups[incident.Entity] = group = [];
            }

            group.Add((transition, incident));
        }

        // Stable: among equals the one that was recorded first comes first.
        DigestItem[] items = [.. groups.Values
            .Select(group => new DigestItem([.. group.Select(g => g.Transition)], group[0].Incident, group[^1].Incident))
            .OrderByDescending(item => Incidents.IsBad(item.Last.Severity) ? item.Last.Severity : Severity.Ok)
            .ThenByDescending(item => item.Gravest)];
        return (new Digest(items[..Math.Min(most, items.Length)], items[Math.Min(most, items.Length)..]), incidents);
    }
}

/// <summary>What became of one entity.</summary>
/// <param name="Transitions">At least one, in order.</param>
/// <param name="First">The incident that the first belongs to.</param>
/// <param name="Incident">That of the last.</param>
internal sealed record DigestItem(IReadOnlyList<Transition> Transitions, Incident First, Incident Incident)
{
    /// <summary>The incidents whose threads it belongs to, the oldest first: that which earlier mails told of, and that which later ones will.</summary>
    public IEnumerable<Incident> Threads => First.Sequence < Transitions[0].Sequence && First.Sequence != Incident.Sequence ? [First, Incident] : [Incident];

    public Transition Last => Transitions[^1];

    public Severity Gravest => Transitions.Max(t => t.Severity);
}
