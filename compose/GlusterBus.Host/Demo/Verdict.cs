using GlusterBus.Contracts.Messages;

namespace GlusterBus.Host.Demo;

/// <summary>The story's expectations compared with what arrived.</summary>
/// <param name="Missing">Expected and never arrived.</param>
/// <param name="Extra">Arrived and never expected, or once too often.</param>
/// <param name="Arrived">How many transitions arrived as expected.</param>
internal sealed record Verdict(IReadOnlyList<Expectation> Missing, IReadOnlyList<Expectation> Extra, int Arrived)
{
    public bool IsGood => Missing.Count == 0 && Extra.Count == 0;

    /// <summary>Compares two multisets: order does not matter, number does.</summary>
    public static Verdict Of(IEnumerable<Expectation> expected, IEnumerable<Transition> announced)
    {
        List<Expectation> missing = [.. expected];
        var extra = new List<Expectation>();
        int arrived = 0;
        foreach (Transition transition in announced)
        {
            var seen = new Expectation(transition.Entity.Value, transition.Change);
            if (missing.Remove(seen))
            {
                arrived++;
            }
            else
            {
                extra.Add(seen);
            }
        }

        return new Verdict(missing, extra, arrived);
    }
}
