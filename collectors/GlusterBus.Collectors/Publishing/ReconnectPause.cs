namespace GlusterBus.Collectors.Publishing;

/// <summary>How long to wait before the broker is tried again. Pure.</summary>
internal static class ReconnectPause
{
    public static readonly TimeSpan Least = TimeSpan.FromMilliseconds(200);

    public static readonly TimeSpan Most = TimeSpan.FromSeconds(10);

    /// <summary>The pause after so many failures in a row: 0.2 s after the first, twice as long after each further one, at most 10 s; less by up to a half, so that
    /// the collectors of a cluster do not come back together.</summary>
    /// <param name="failures">At least 1.</param>
    /// <param name="sample">From 0 inclusive to 1 exclusive.</param>
    public static TimeSpan After(int failures, double sample)
    {
        double full = Math.Min(Least.TotalSeconds * Math.Pow(2, failures - 1), Most.TotalSeconds);
        return TimeSpan.FromSeconds(full * (1 - (sample / 2)));
    }
}
