using System.Collections.Immutable;
using System.Text.Json.Serialization;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Router.Decisions;

/// <summary>One row of the state table: what is known of an entity, and what the world was told.</summary>
public sealed record StateEntry
{
    public static readonly ImmutableSortedDictionary<string, string> NoAttributes = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public static readonly ImmutableSortedDictionary<string, Moment> NoMoments = ImmutableSortedDictionary.Create<string, Moment>(StringComparer.Ordinal);

    public static readonly ImmutableSortedSet<string> NoNames = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>The state of what nobody can see.</summary>
    public const string Unseen = "unknown";

    public required EntityId Entity { get; init; }

    public string? State { get; init; }

    public ImmutableSortedDictionary<string, string> Attributes { get; init; } = NoAttributes;

    /// <summary>When each attribute that is news last changed; one that is no longer set keeps its moment, so that an old report does not set it again.</summary>
    public ImmutableSortedDictionary<string, Moment> AttributesAt { get; init; } = NoMoments;

    /// <summary>The sequence of the last announced transition; 0 before the first.</summary>
    public long Sequence { get; init; }

    /// <summary>When the present state began.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>When the last applied change happened, by its source's clock.</summary>
    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>When the state last changed, or a doubt about it last ended. A claim of another state about an earlier moment is late.</summary>
    public Moment Settled { get; init; }

    /// <summary>Who brought the last applied change, as <c>node/source</c>.</summary>
    public string By { get; init; } = "";

    /// <summary>True while the world knows of a bad state and waits for the all-clear.</summary>
    public bool AnnouncedBad { get; init; }

    /// <summary>True when a snapshot has told all attributes: from then on a new attribute is a change, not a first description.</summary>
    public bool Described { get; init; }

    /// <summary>Options that a first description brought quietly. The report of the command that set one of them may come after it: the CLI
    /// tells when it is done, and a look that glusterd answered late already shows the result.</summary>
    public ImmutableSortedSet<string> Unreported { get; init; } = NoNames;

    /// <summary>When <see cref="Unreported"/> was learnt, by the router's clock.</summary>
    public DateTimeOffset UnreportedAt { get; init; }

    /// <summary>True when an announced occurrence explains the structural differences that the next snapshot will show.</summary>
    public bool Explained { get; init; }

    /// <summary>False when only senders outside the cluster vouch for the entity.</summary>
    public bool Trusted { get; init; } = true;

    /// <summary>Who has told of the entity, by node.</summary>
    public ImmutableSortedDictionary<string, Witness> Witnesses { get; init; } = ImmutableSortedDictionary.Create<string, Witness>(StringComparer.Ordinal);

    /// <summary>A bad state that waits for its hold time.</summary>
    public HeldClaim? Held { get; init; }

    /// <summary>The trouble that went before the present or the waiting one and was not said to be over: when the worse ends, it may still be there.</summary>
    public string? Covered { get; init; }

    /// <summary>Set while nobody who looks at the entity is heard.</summary>
    public Veil? Veil { get; init; }

    /// <summary>Occurrences of late, newest last, at most <see cref="MaximumOccurrences"/>.</summary>
    public ImmutableArray<RecentOccurrence> Occurrences { get; init; } = [];

    public const int MaximumOccurrences = 32;

    [JsonIgnore]
    public EntityKind Kind => EntityKinds.Of(Entity)!;

    /// <summary>When and by whose clock the last applied change happened.</summary>
    [JsonIgnore]
    public Moment Changed => new(ChangedAt, By.Split('/', 2)[0]);

    /// <summary>The state, or the one behind the veil.</summary>
    [JsonIgnore]
    public string? KnownState => Veil?.State ?? State;

    [JsonIgnore]
    public Severity Severity => Kind.SeverityOf(State);

    /// <summary>True when a source of that node brought the last applied change.</summary>
    public bool IsByNode(string node) => By.Length > node.Length && By[node.Length] == '/' && By.StartsWith(node, StringComparison.Ordinal);

    /// <summary>True when that source of that node brought it.</summary>
    public bool IsBy(string node, string source) => By.Length == node.Length + 1 + source.Length && IsByNode(node) && By.EndsWith(source, StringComparison.Ordinal);

    [JsonIgnore]
    public bool IsGone => State is not null && State == Kind.GoneState;
}

/// <summary>A claim that waits.</summary>
/// <param name="Claim">The first report.</param>
/// <param name="Due">When it is announced unless it was taken back.</param>
public sealed record HeldClaim(Observation Claim, DateTimeOffset Due)
{
    /// <summary>The trace that the claim came with; null when none.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>An occurrence that was announced.</summary>
/// <param name="Digest">A hash of what it told.</param>
/// <param name="At">When it happened, by the clock of <paramref name="Node"/>.</param>
/// <param name="Node">Who told of it first.</param>
public readonly record struct RecentOccurrence(ulong Digest, DateTimeOffset At, string? Node)
{
    [JsonIgnore]
    public Moment Moment => new(At, Node);
}
