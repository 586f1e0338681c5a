using System.Diagnostics.Metrics;
using GlusterBus.Router.Decisions;
using GlusterBus.Runtime.Telemetry;

namespace GlusterBus.Router;

/// <summary>How much came in, how much went out, and why the rest did not. Thread-safe.</summary>
public sealed class RouterCounters
{
    private static readonly Counter<long> Decided = Telemetry.Meter.CreateCounter<long>("glusterbus_observations_total", description: "Observations decided on, by outcome.");

    private readonly long[] _byRuling = new long[Suppressions.All.Count];

    /// <summary>Shows every outcome from the beginning, so that the first of each is seen as a rise.</summary>
    public RouterCounters()
    {
        foreach (Suppression suppression in Suppressions.All)
        {
            Decided.Add(0, Label(suppression));
        }
    }

    /// <summary>Observations decided on.</summary>
    public long Seen => _byRuling.Sum();

    /// <summary>Transitions announced.</summary>
    public long Published => Interlocked.Read(ref _byRuling[0]);

    public long SuppressedBy(Suppression suppression) => Interlocked.Read(ref _byRuling[(int)suppression]);

    /// <summary>The counts of all suppressions that occurred, by name.</summary>
    public IReadOnlyDictionary<string, long> Suppressed =>
        Suppressions.All.Skip(1).Where(s => SuppressedBy(s) > 0).ToDictionary(s => s.Name(), SuppressedBy);

    /// <summary>Adds to the counts, and to the metric, once for many observations.</summary>
    /// <param name="counts">By suppression.</param>
    internal void Count(ReadOnlySpan<int> counts)
    {
        for (int ruling = 0; ruling < counts.Length; ruling++)
        {
            if (counts[ruling] > 0)
            {
                Interlocked.Add(ref _byRuling[ruling], counts[ruling]);
                Decided.Add(counts[ruling], Label((Suppression)ruling));
            }
        }
    }

    private static KeyValuePair<string, object?> Label(Suppression suppression) => new("outcome", suppression.Name());
}

/// <summary>What became of an observation, for live views.</summary>
/// <param name="Outcome"><c>published</c>, or the name of the suppression.</param>
public sealed record RoutedObservation(Contracts.Messages.Observation Observation, string Outcome, Contracts.Messages.Transition? Transition);
