namespace GlusterBus.Contracts.Entities;

/// <summary>One kind of entity: its closed set of states, what each means, and how the router treats a change of it.</summary>
public sealed record EntityKind
{
    /// <summary>The first part of the entity id and the name of the channel.</summary>
    public required string Name { get; init; }

    /// <summary>One line for people.</summary>
    public required string Summary { get; init; }

    /// <summary>Every state of the kind with what it means to the person on duty.</summary>
    public required IReadOnlyDictionary<string, Severity> States { get; init; }

    /// <summary>The state of an entity that no longer exists; null where entities of the kind do not end.</summary>
    public string? GoneState { get; init; }

    /// <summary>True where being healthy is expected and so no news by itself: such an entity that appears healthy, or returns to
    /// health without having been announced as ill, changes the state table quietly. False for what operators order (volumes,
    /// peers …): there every change is news.</summary>
    public bool HealthyIsExpected { get; init; }

    /// <summary>True where attributes are part of what operators order (a volume's options), so that a change of them is announced.
    /// Elsewhere attributes describe and change quietly.</summary>
    public bool AttributesAreNews { get; init; }

    /// <summary>States on the way to another one: entering them changes the table quietly.</summary>
    public IReadOnlyList<string> PassedQuietly { get; init; } = [];

    /// <summary>States that settle by themselves into a healthy one; that step is part of the change announced before, and quiet.</summary>
    public IReadOnlyList<string> SettlesQuietly { get; init; } = [];

    /// <summary>How long a bad state must last before it is announced. Zero announces at once.</summary>
    public TimeSpan Hold { get; init; }

    /// <summary>What <paramref name="state"/> means; <see cref="Severity.Unknown"/> for a state outside the set.</summary>
    public Severity SeverityOf(string? state) => state is not null && States.TryGetValue(state, out Severity severity) ? severity : Severity.Unknown;
}
