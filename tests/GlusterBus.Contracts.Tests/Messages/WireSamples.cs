using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Contracts.Tests.Messages;

/// <summary>The messages of the golden files.</summary>
internal static class WireSamples
{
    private static readonly DateTimeOffset At = new DateTimeOffset(2026, 11, 22, 9, 16, 38, TimeSpan.Zero).AddMicroseconds(618917);

    public static readonly IReadOnlyDictionary<string, ObservationMessage> Messages = new Dictionary<string, ObservationMessage>
    {
        ["observations"] = new ObservationMessage
        {
            Cluster = "prod",
            Node = "gl1",
            Generation = "5f0c2a",
            Batches =
            [
                new ObservationBatch
                {
                    Stream = "gl1/gf_event",
                    Epoch = 1795338000000000,
                    Observations =
                    [
                        new Observation
                        {
                            Entity = EntityId.Brick("rv", "gl2:/srv/rv1"),
                            State = "offline",
                            Attributes = new Dictionary<string, string?> { ["port"] = null, ["host"] = "gl2" },
                            Unless = ["health-failed", "removed"],
                            Source = "gf_event",
                            Node = "gl1",
                            ObservedAt = At,
                            Sequence = 41,
                            Evidence = new Evidence("datagram", "1795339000 76 peer=gl2;volume=rv;brick=/srv/rv1", "127.0.0.1", "gl1", At),
                        },
                        new Observation
                        {
                            Entity = EntityId.Cluster(),
                            Occurrence = "operation-refused",
                            OccurrenceSeverity = Severity.Warning,
                            Weight = Weight.Hint,
                            Trusted = false,
                            Source = "hooks",
                            Node = "gl3",
                            ObservedAt = At.AddSeconds(1),
                            Sequence = 42,
                            Count = 3,
                            Evidence = new Evidence("cli", "volume stop: rv: failed: \"é\" <½>", null, "gl2", At),
                            Actor = new Actor("gluster volume stop rv", "gl2"),
                        },
                    ],
                },
                new ObservationBatch
                {
                    Stream = "gl1/logs/glusterd.log#9f3c",
                    Epoch = 1,
                    Observations =
                    [
                        new Observation
                        {
                            Entity = EntityId.Volume("rv"),
                            Change = "option-set",
                            Attributes = new Dictionary<string, string?> { ["options.user.note"] = "x=1" },
                            Source = "logs",
                            Node = "gl1",
                            ObservedAt = At.AddSeconds(2),
                            Sequence = 48213,
                        },
                    ],
                },
            ],
        },
        ["snapshot"] = new ObservationMessage
        {
            Cluster = "prod",
            Node = "gl1",
            Batches =
            [
                new ObservationBatch
                {
                    Stream = "gl1/get_state",
                    Epoch = 1795338000000000,
                    Snapshot = new Snapshot("gl1", ["volume/", "peer/gl1/", "brick/rv/gl1:"], true, At, "get_state"),
                    Observations =
                    [
                        new Observation { Entity = EntityId.Volume("rv"), State = "started", Source = "get_state", Node = "gl1", ObservedAt = At, Sequence = 1 },
                        new Observation { Entity = EntityId.Brick("rv", "gl1:/srv/rv1"), State = "online", Source = "get_state", Node = "gl1", ObservedAt = At, Sequence = 2 },
                    ],
                },
            ],
        },
        ["heartbeat"] = new ObservationMessage { Cluster = "prod", Node = "gl1", Generation = "5f0c2a", ClockBehind = TimeSpan.FromMilliseconds(-12.5), Heartbeat = new Heartbeat(At, true) },
    };

    public static readonly HeartbeatReply Reply = new("5f0c2a", true) { ClockBehind = TimeSpan.FromMilliseconds(-12.5) };
}
