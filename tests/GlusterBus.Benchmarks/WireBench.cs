using System.Diagnostics;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Benchmarks;

/// <summary>The JSON between collectors and routers: messages of 500 observations with their evidence, on one core.</summary>
internal static class WireBench
{
    private const int Rounds = 20;
    private const int Messages = 200;

    public static int Run()
    {
        ObservationMessage message = Message();
        byte[] written = ObservationJson.Write(message);
        Console.WriteLine($"{message.Count} observations, {written.Length / message.Count} bytes each");
        Console.WriteLine($"{"",-12}{"ns/observation",16}{"bytes/observation",20}");
        Measure("read", message.Count, () => ObservationJson.Parse(written));
        Measure("write", message.Count, () => ObservationJson.Write(message));
        return 0;
    }

    /// <summary>The best round: the first ones are the compiler's, and others use the machine, too.</summary>
    private static void Measure(string name, int count, Func<object> work)
    {
        double perObservation = 1.0 / (Messages * count);
        double best = double.MaxValue;
        double allocated = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            long started = Stopwatch.GetTimestamp();
            for (int i = 0; i < Messages; i++)
            {
                work();
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalNanoseconds * perObservation);
            allocated = (GC.GetAllocatedBytesForCurrentThread() - before) * perObservation;
        }

        Console.WriteLine($"{name,-12}{best,16:F0}{allocated,20:F0}");
    }

    private static ObservationMessage Message()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return new ObservationMessage
        {
            Cluster = "prod",
            Node = "gl1",
            Batches = [new ObservationBatch
            {
                Stream = "gl1/logs/glusterd.log#9f3c",
                Epoch = 1,
                Observations = [.. Enumerable.Range(0, ObservationBatch.MaximumCount).Select(i => new Observation
                {
                    Entity = EntityId.Brick("gv0", $"gl2:/data/brick{i % 100}"),
                    State = i % 3 == 0 ? "offline" : "online",
                    Attributes = i % 4 == 0 ? new Dictionary<string, string?> { ["port"] = "49152" } : Observation.NoAttributes,
                    Source = "logs",
                    Node = "gl1",
                    ObservedAt = now.AddMicroseconds(i),
                    Sequence = i * 180,
                    Evidence = new Evidence(
                        "log-line",
                        $"[2026-11-22 09:16:38.{i:000000} +0000] I [MSGID: 106005] [glusterd-handler.c:6062:__glusterd_brick_rpc_notify] 0-management: Brick gl2:/data/brick{i % 100} has disconnected",
                        $"/var/log/glusterfs/glusterd.log:{i * 180}",
                        "gl1",
                        now.AddMicroseconds(i)),
                })],
            }],
        };
    }
}
