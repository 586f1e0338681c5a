namespace GlusterBus.Host.Demo.View;

/// <summary>The counters of the demo at one instant.</summary>
/// <param name="Lines">Log lines written by the simulated cluster.</param>
/// <param name="Datagrams">Datagrams sent by it.</param>
/// <param name="Seen">Observations that the router decided on.</param>
/// <param name="Published">Transitions announced.</param>
/// <param name="Suppressed">Observations that led to no transition, by reason, most frequent first.</param>
/// <param name="Elapsed">Time since the story began.</param>
internal sealed record Tally(long Lines, long Datagrams, long Seen, long Published, IReadOnlyList<KeyValuePair<string, long>> Suppressed, TimeSpan Elapsed)
{
    public static readonly Tally Zero = new(0, 0, 0, 0, [], TimeSpan.Zero);

    public long SuppressedTotal => Suppressed.Sum(s => s.Value);
}
