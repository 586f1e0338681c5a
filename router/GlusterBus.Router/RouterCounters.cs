using GlusterBus.Router.Decisions;

namespace GlusterBus.Router;

/// <summary>How much came in, how much went out, and why the rest did not. Thread-safe.</summary>
public sealed class RouterCounters
{
    private readonly long[] _byRuling = new long[Suppressions.All.Count];

    /// <summary>Observations decided on.</summary>
    public long Seen => _byRuling.Sum();

    /// <summary>Transitions announced.</summary>
    public long Published => Interlocked.Read(ref _byRuling[0]);

    public long SuppressedBy(Suppression suppression) => Interlocked.Read(ref _byRuling[(int)suppression]);

    /// <summary>The counts of all suppressions that occurred, by name.</summary>
    public IReadOnlyDictionary<string, long> Suppressed =>
        Suppressions.All.Skip(1).Where(s => SuppressedBy(s) > 0).ToDictionary(s => s.Name(), SuppressedBy);

    internal void Count(Suppression ruling) => Interlocked.Increment(ref _byRuling[(int)ruling]);
}

/// <summary>What became of an observation, for live views.</summary>
/// <param name="Outcome"><c>published</c>, or the name of the suppression.</param>
public sealed record RoutedObservation(Contracts.Messages.Observation Observation, string Outcome, Contracts.Messages.Transition? Transition);
