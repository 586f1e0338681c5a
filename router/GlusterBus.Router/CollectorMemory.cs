namespace GlusterBus.Router;

/// <summary>What a collector was last told by a router and brings along with all that it sends: so a router knows it that has only just begun, even with an
/// empty state table.</summary>
/// <param name="Node">The node that the collector runs on.</param>
/// <param name="Generation">The generation of the state table; null when it was told of none. Another one than this router's table has says that this table
/// replaces one that was lost.</param>
/// <param name="ClockBehind">How far the node's clock is behind the state table's; null when it was not told, or when the clock was set since.</param>
public sealed record CollectorMemory(string Node, string? Generation, TimeSpan? ClockBehind = null);
