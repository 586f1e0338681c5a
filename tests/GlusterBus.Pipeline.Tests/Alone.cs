// Most of the time of these tests is that of servers that start and answer: two at once leave no core idle.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]

namespace GlusterBus.Pipeline.Tests;

/// <summary>Tests that measure times or memory, count what the process does, or run a whole cluster: one after the other when all others are through. Side by side
/// they would measure each other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
