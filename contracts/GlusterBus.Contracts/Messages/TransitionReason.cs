using System.Collections.Frozen;

namespace GlusterBus.Contracts.Messages;

/// <summary>Why a transition was announced. The value on the wire is the kebab-case name; the text is for people.</summary>
public enum TransitionReason
{
    StateChanged,
    AttributesChanged,
    Occurred,
    Recovered,
    FoundAtStart,
    Reconciled,
    Gone,
    HoldElapsed,
    FlappingStarted,
    FlappingStopped,
}

/// <summary>The names and texts of <see cref="TransitionReason"/>.</summary>
public static class TransitionReasons
{
    private static readonly FrozenDictionary<TransitionReason, (string Name, string Text)> All = new Dictionary<TransitionReason, (string, string)>
    {
        [TransitionReason.StateChanged] = ("state-changed", "a source reported a new state"),
        [TransitionReason.AttributesChanged] = ("attributes-changed", "a source reported new attributes"),
        [TransitionReason.Occurred] = ("occurred", "something happened that leaves no state"),
        [TransitionReason.Recovered] = ("recovered", "a bad state that had been announced is over"),
        [TransitionReason.FoundAtStart] = ("found-at-start", "it changed while nobody was watching; the rebuild at start found it"),
        [TransitionReason.Reconciled] = ("reconciled", "no event told of it; the periodic comparison with the cluster found it"),
        [TransitionReason.Gone] = ("gone", "it is missing from a complete snapshot"),
        [TransitionReason.HoldElapsed] = ("hold-elapsed", "the bad state lasted longer than the hold time"),
        [TransitionReason.FlappingStarted] = ("flapping-started", "it changes faster than is useful to report"),
        [TransitionReason.FlappingStopped] = ("flapping-stopped", "it is stable again"),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, TransitionReason> ByName = All.ToFrozenDictionary(p => p.Value.Name, p => p.Key, StringComparer.Ordinal);

    public static string Name(this TransitionReason reason) => All[reason].Name;

    public static string Text(this TransitionReason reason) => All[reason].Text;

    /// <exception cref="FormatException">There is no reason of that name.</exception>
    public static TransitionReason Parse(string name) => ByName.TryGetValue(name, out TransitionReason reason) ? reason : throw new FormatException($"unknown transition reason '{name}'");
}
