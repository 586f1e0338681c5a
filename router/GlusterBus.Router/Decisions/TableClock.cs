namespace GlusterBus.Router.Decisions;

/// <summary>How a router's clock stands to the clock of its state table. One router after another uses the same table: what one has learnt of the nodes' clocks, put by
/// the table's, the next one has by its own.</summary>
/// <param name="Ahead">How far the router's clock is ahead. Zero, as by default, where the table has no clock of its own.</param>
/// <param name="Error">By how much that may be wrong, at most.</param>
public readonly record struct TableClock(TimeSpan Ahead, TimeSpan Error);
