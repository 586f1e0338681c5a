using System.Text.RegularExpressions;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Contracts.Pipeline;

/// <summary>Which transitions somebody wants: by cluster, channel, entity pattern and severity. Empty lists do not restrict.</summary>
public sealed record TransitionFilter
{
    public static readonly TransitionFilter All = new();

    private Regex[]? _patterns;

    /// <summary>Names of clusters.</summary>
    public IReadOnlyList<string> Clusters { get; init; } = [];

    /// <summary>Entity kinds; <c>all</c> does not restrict.</summary>
    public IReadOnlyList<string> Channels { get; init; } = [];

    /// <summary>Entity patterns: <c>*</c> stands for any run of characters, slashes included, as in <c>brick/gv0/*</c>.</summary>
    public IReadOnlyList<string> Entities { get; init; } = [];

    /// <summary>Least severity wanted; a recovery from a state that grave passes too.</summary>
    public Severity? MinimumSeverity { get; init; }

    public bool IsAll => Clusters.Count == 0 && Channels.Count == 0 && Entities.Count == 0 && MinimumSeverity is null;

    public bool Matches(Transition transition) =>
        MatchesEntity(transition.Entity)
        && (Clusters.Count == 0 || Clusters.Contains(transition.Cluster))
        && MatchesSeverity(transition.Entity, transition.Severity, transition.Previous);

    /// <summary>Whether a transition of that severity, from that state, is grave enough.</summary>
    public bool MatchesSeverity(EntityId entity, Severity severity, string? previous) =>
        MinimumSeverity is not { } least
        || severity >= least
        || (previous is not null && (EntityKinds.Of(entity)?.SeverityOf(previous) ?? Severity.Unknown) >= least);

    public bool MatchesEntity(EntityId entity) =>
        (Channels.Count == 0 || Channels.Contains("all") || Channels.Contains(entity.Kind))
        && (Entities.Count == 0 || (_patterns ??= [.. Entities.Select(Compile)]).Any(pattern => pattern.IsMatch(entity.Value)));

    private static Regex Compile(string pattern) => new(
        "^" + Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal) + "$",
        RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.NonBacktracking);
}
