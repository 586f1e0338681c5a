using System.Collections.Immutable;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Notifiers.Email;

/// <summary>A bad state from its beginning to its end, or a single piece of news: what one thread of mails is about.</summary>
/// <param name="Entity"><c>cluster/entity</c>.</param>
/// <param name="Sequence">The entity's sequence with which it began.</param>
/// <param name="Since">When it began; null when nobody here saw it.</param>
internal sealed record Incident(string Entity, long Sequence, DateTimeOffset? Since);

/// <summary>Which incidents are open, followed transition by transition: values, never changed.</summary>
internal sealed class Incidents
{
    /// <summary>The most that are remembered. Beyond, and after a restart, the beginning is taken to be the transition before: true of whatever went bad in one step.</summary>
    public const int Most = 10_000;

    public static readonly Incidents None = new(ImmutableDictionary.Create<string, Incident>(StringComparer.Ordinal));

    private readonly ImmutableDictionary<string, Incident> _open;

    private Incidents(ImmutableDictionary<string, Incident> open) => _open = open;

    /// <summary>True where somebody must look: neither as it should be nor as ordered.</summary>
    public static bool IsBad(Severity severity) => severity > Severity.Info;

    /// <summary>The incident that a transition belongs to, and what is open after it.</summary>
    public (Incident Incident, Incidents After) Follow(Transition transition)
    {
        string entity = $"{transition.Cluster}/{transition.Entity}";
        var own = new Incident(entity, transition.Sequence, transition.Time);
        if (transition.Occurrence is not null)
        {
            return (own, this);
        }

        bool wasBad = transition.Previous is { } previous && IsBad(EntityKinds.Of(transition.Entity)?.SeverityOf(previous) ?? Severity.Unknown);
        Incident incident = !wasBad ? own
            : _open.TryGetValue(entity, out Incident? open) && open.Sequence < transition.Sequence ? open
            : own with { Sequence = Math.Max(1, transition.Sequence - 1), Since = null };
        bool isBad = transition.Current is not null && IsBad(transition.Severity);
        return (incident, !isBad ? Without(entity) : With(entity, incident));
    }

    private Incidents Without(string entity) => _open.ContainsKey(entity) ? new Incidents(_open.Remove(entity)) : this;

    private Incidents With(string entity, Incident incident) =>
        _open.Count < Most || _open.ContainsKey(entity) ? new Incidents(_open.SetItem(entity, incident)) : this;
}
