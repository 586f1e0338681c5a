using GlusterBus.Contracts.Entities;

namespace GlusterBus.Contracts.Messages;

/// <summary>One attribute's change; null means "not set".</summary>
public sealed record AttributeChange(string? From, string? To);

/// <summary>The change of an entity from one state to another: the unit that everybody downstream receives.</summary>
/// <remarks>Its JSON form is <see cref="TransitionJson"/>: a CloudEvent 1.0, the public API.</remarks>
public sealed record Transition
{
    /// <summary><c>cluster/entity@sequence</c>: equal on every repetition of the same transition.</summary>
    public string Id => $"{Cluster}/{Entity}@{Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture)}";

    public required string Cluster { get; init; }

    public required EntityId Entity { get; init; }

    /// <summary>Per entity, from 1, without gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>The last part of the event type: the new state, the occurrence, or a named attribute change such as <c>option-set</c>.</summary>
    public required string Change { get; init; }

    /// <summary>Set when the transition tells of something that happened and is over.</summary>
    public string? Occurrence { get; init; }

    public string? Previous { get; init; }

    public string? Current { get; init; }

    public required Severity Severity { get; init; }

    public required TransitionReason Reason { get; init; }

    /// <summary>The id of the transition that explains this one.</summary>
    public string? Cause { get; init; }

    /// <summary>The attributes that changed with it.</summary>
    public IReadOnlyDictionary<string, AttributeChange> Changed { get; init; } = new Dictionary<string, AttributeChange>();

    /// <summary>All attributes of the entity after the change.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<Evidence> Evidence { get; init; } = [];

    /// <summary>Who saw it, each as <c>node/source</c>.</summary>
    public IReadOnlyList<string> Observers { get; init; } = [];

    public Actor? Actor { get; init; }

    /// <summary>When it happened, by the source's clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>When the router decided.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>False when only senders that could not be proven to belong to the cluster told of it.</summary>
    public bool Trusted { get; init; } = true;

    /// <summary>The W3C trace context of the decision, <c>00-&lt;trace&gt;-&lt;span&gt;-&lt;flags&gt;</c>; null, as by default, when nobody traces or this trace is not
    /// sampled. No part of the identity.</summary>
    public string? TraceParent { get; init; }

    /// <summary>True on a copy sent again by <c>replay</c>, which changes no state; never in an archive.</summary>
    public bool Replay { get; init; }
}
