namespace GlusterBus.Collectors;

/// <summary>How long a failed collector rests. Pure.</summary>
internal static class RestartPause
{
    public static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan Most = TimeSpan.FromSeconds(60);

    /// <summary>A collector that ran this long has recovered: its failures before do not count any more.</summary>
    public static readonly TimeSpan Settled = TimeSpan.FromSeconds(30);

    /// <summary>The pause after <paramref name="failures"/> in a row: between one and two seconds after the first, twice as long after each further one, at most a minute.</summary>
    /// <param name="sample">From 0 inclusive to 1 exclusive.</param>
    public static TimeSpan After(int failures, double sample)
    {
        double full = Math.Min(Least.TotalSeconds * Math.Pow(2, failures), Most.TotalSeconds);
        return TimeSpan.FromSeconds((full / 2) + (full / 2 * sample));
    }
}
