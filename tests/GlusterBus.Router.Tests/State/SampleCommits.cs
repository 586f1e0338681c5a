using System.Globalization;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Decisions;
using GlusterBus.Router.State;

namespace GlusterBus.Router.Tests.State;

/// <summary>Commits as a router makes them.</summary>
internal static class SampleCommits
{
    public static DateTimeOffset At(int seconds) => new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero).AddSeconds(seconds);

    /// <summary>One brick in a new state, its transition, and how far the stream <c>n1/logs</c> is applied.</summary>
    public static Commit One(long sequence, string state, int at = 0, bool announced = true, string path = "/b", string? previous = null) => new(
        [Entry(path, sequence, state)],
        [new RecordedTransition(Transition(path, sequence, state, at) with { Previous = previous }, announced)],
        new Dictionary<string, AppliedSequence> { ["n1/logs"] = new(7, sequence) });

    /// <summary>Many bricks at once, as after the first look at a cluster; one of <paramref name="each"/> is announced.</summary>
    public static Commit Many(int entries, int each = 10, int streams = 10) => new(
        [.. Enumerable.Range(1, entries).Select(i => Entry($"/b{i}", 1, "online"))],
        [.. Enumerable.Range(1, entries).Where(i => i % each == 0).Select(i => new RecordedTransition(Transition($"/b{i}", 1, "online", 0), IsAnnounced: true))],
        Enumerable.Range(1, streams).ToDictionary(i => string.Create(CultureInfo.InvariantCulture, $"n{i}/logs"), i => new AppliedSequence(1, i)));

    public static StateEntry Entry(string path, long sequence, string state) =>
        new() { Entity = EntityId.Brick("gv0", "n1:" + path), State = state, Sequence = sequence, Since = At(0), By = "n1/logs" };

    private static Transition Transition(string path, long sequence, string state, int at)
    {
        EntityId brick = EntityId.Brick("gv0", "n1:" + path);
        return new Transition
        {
            Cluster = "test",
            Entity = brick,
            Sequence = sequence,
            Change = state,
            Current = state,
            Severity = EntityKinds.Of(brick)!.SeverityOf(state),
            Reason = TransitionReason.StateChanged,
            Time = At(at),
            RecordedAt = At(at),
        };
    }
}
