using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.TestKit;

/// <summary>Transitions to deliver.</summary>
public static class SampleTransitions
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 9, 16, 38, 618, TimeSpan.Zero);

    /// <summary>A brick of volume rv on gl2 that goes down (odd sequences) and up again.</summary>
    public static Transition Brick(long sequence = 1, string path = "/srv/rv1")
    {
        bool isUp = sequence % 2 == 0;
        return new Transition
        {
            Cluster = "lab",
            Entity = EntityId.Brick("rv", "gl2:" + path),
            Sequence = sequence,
            Change = isUp ? "online" : "offline",
            Previous = isUp ? "offline" : "online",
            Current = isUp ? "online" : "offline",
            Severity = isUp ? Severity.Ok : Severity.Error,
            Reason = isUp ? TransitionReason.Recovered : TransitionReason.StateChanged,
            Evidence =
            [
                new Evidence(
                    "log-line",
                    $"[2026-11-22 09:16:38.618917 +0000] I [MSGID: 106005] [glusterd-handler.c:6062:__glusterd_brick_rpc_notify] 0-management: Brick gl2:{path} has disconnected from glusterd. ",
                    "/var/log/glusterfs/glusterd.log:48213",
                    "gl2",
                    At),
            ],
            Observers = ["gl2/logs"],
            Time = At,
            RecordedAt = At.AddMilliseconds(20),
        };
    }

    /// <summary>The <paramref name="count"/> first transitions of <paramref name="entities"/> bricks, taking turns.</summary>
    public static IEnumerable<Transition> Bricks(int count, int entities) =>
        Enumerable.Range(0, count).Select(i => Brick(1 + (i / entities), $"/srv/b{i % entities}"));
}
