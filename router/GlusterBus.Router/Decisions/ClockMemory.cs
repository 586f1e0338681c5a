using System.Globalization;
using GlusterBus.Contracts.Entities;

namespace GlusterBus.Router.Decisions;

/// <summary>Keeps what was learnt of a node's clock with the entry of its collector, so that a router that takes over can compare at once, and people can see
/// whose clock is wrong.</summary>
internal static class ClockMemory
{
    /// <summary>The attribute of <c>collector/&lt;node&gt;</c>: how many milliseconds the node's clock is behind the state table's, or the router's where the
    /// table has none (the way of a message included).</summary>
    public const string Attribute = "clockBehindMs";

    /// <summary>A difference that is no more than this is the mood of the network, and not worth a commit.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(5);

    /// <summary>Writes the difference into the entry when it is news.</summary>
    public static void Remember(WorkingState state, string node)
    {
        if (state.Clocks.Behind(node) is { } behind
            && state.Find(EntityId.Of("collector", node)) is { } entry
            && (Recall(entry) is not { } known || (known - behind).Duration() > Tolerance))
        {
            string text = behind.TotalMilliseconds.ToString("F1", CultureInfo.InvariantCulture);
            state.Put(entry with { Attributes = entry.Attributes.SetItem(Attribute, text) }, durable: true);
        }
    }

    /// <summary>What the entry remembers, by the table's clock; null when nothing.</summary>
    public static TimeSpan? Recall(StateEntry collector) =>
        collector.Attributes.TryGetValue(Attribute, out string? text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : null;
}
