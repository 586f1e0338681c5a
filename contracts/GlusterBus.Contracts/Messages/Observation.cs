using System.Collections.Frozen;
using GlusterBus.Contracts.Entities;

namespace GlusterBus.Contracts.Messages;

/// <summary>How much an observation may do by itself.</summary>
public enum Weight
{
    /// <summary>States a fact; may cause a transition.</summary>
    Fact = 0,

    /// <summary>Points to a fact that another source must confirm; is counted, never announced.</summary>
    Hint = 1,
}

/// <summary>One fact as one source saw it, at one instant. Immutable, repeatable, perhaps a duplicate, perhaps late.</summary>
public sealed record Observation
{
    public static readonly IReadOnlyDictionary<string, string?> NoAttributes = FrozenDictionary<string, string?>.Empty;

    public required EntityId Entity { get; init; }

    /// <summary>The state the entity is in now, of its kind's closed set; null when the source tells attributes or an occurrence only.</summary>
    public string? State { get; init; }

    /// <summary>Something that happened and is over: a command, a failure. Null when <see cref="State"/> or attributes are told.</summary>
    public string? Occurrence { get; init; }

    /// <summary>How grave an occurrence is. States get theirs from their kind. The default is Info.</summary>
    public Severity OccurrenceSeverity { get; init; } = Severity.Info;

    /// <summary>Attributes now set; a null value says that it is no longer set.</summary>
    public IReadOnlyDictionary<string, string?> Attributes { get; init; } = NoAttributes;

    /// <summary>The name of an attribute-only change, such as <c>option-set</c>; the default is <c>changed</c>.</summary>
    public string? Change { get; init; }

    /// <summary>States that this claim can't end. A peer's TCP connection says nothing about its being rejected, for example.</summary>
    public IReadOnlyList<string> Unless { get; init; } = [];

    public Weight Weight { get; init; }

    /// <summary>False when the sender could not be proven to belong to the cluster: such a claim can raise but never clear.</summary>
    public bool Trusted { get; init; } = true;

    /// <summary>The collector plugin: <c>logs</c>, <c>gf_event</c>, <c>get_state</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The node that the collector runs on.</summary>
    public required string Node { get; init; }

    /// <summary>When it happened, by the best clock the source has; for a poll, when the poll began.</summary>
    public required DateTimeOffset ObservedAt { get; init; }

    /// <summary>Place in the source's stream; grows by at least one per observation within one epoch (for a log: the byte offset after the line).</summary>
    public long Sequence { get; init; }

    public Evidence? Evidence { get; init; }

    public Actor? Actor { get; init; }

    /// <summary>How often the source saw the same thing in one breath ("The message … repeated N times"). At least 1.</summary>
    public int Count { get; init; } = 1;
}

/// <summary>A run of observations of one stream, applied by the router all or none.</summary>
/// <remarks>A stream is one ordered source of one collector. A source that can be read again (a log file) keeps its epoch and
/// numbers by position, so what was applied before a crash is recognised; one that can't (datagrams) starts a new epoch.</remarks>
public sealed record ObservationBatch
{
    /// <summary>The most observations in a batch that is no snapshot.</summary>
    public const int MaximumCount = 500;

    /// <summary>The stream's name, unique in the cluster, such as <c>gl1/gf_event</c> or <c>gl1/logs/glusterd.log#9f3c…</c>.</summary>
    public required string Stream { get; init; }

    public required long Epoch { get; init; }

    public required IReadOnlyList<Observation> Observations { get; init; }

    /// <summary>Set when the batch tells of <em>everything</em> its collector sees in some part of the world.</summary>
    public Snapshot? Snapshot { get; init; }

    /// <summary>The W3C trace context that the batch belongs to; null, as by default, when nobody traces or this trace is not sampled.</summary>
    public string? TraceParent { get; init; }

    /// <summary>True when the source keeps what it told (a log file): while the broker is away such a batch waits instead of being spooled. Does not
    /// travel.</summary>
    public bool CanBeReadAgain { get; init; }
}

/// <summary>What a snapshot batch is complete for: an entity in this scope that this witness told of before and that is missing now has gone.</summary>
/// <param name="Witness">Who looked: the node's name.</param>
/// <param name="Scopes">Prefixes of entity ids, such as <c>volume/</c> or <c>peer/gl1/</c>.</param>
/// <param name="IsFirst">True for the first snapshot after the collector's start: what it reveals is <c>found-at-start</c>.</param>
/// <param name="TakenAt">When the looking began.</param>
/// <param name="Source">The collector plugin.</param>
public sealed record Snapshot(string Witness, IReadOnlyList<string> Scopes, bool IsFirst, DateTimeOffset TakenAt, string Source);
