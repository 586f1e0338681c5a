using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Broker;
using GlusterBus.Runtime.Telemetry;

namespace GlusterBus.Notifiers.Deliveries;

/// <summary>What the notifiers count. Labels: <c>notifier</c> from the configuration, <c>outcome</c> and <c>kind</c> from closed sets.</summary>
internal static class DeliveryMetrics
{
    private static readonly Counter<long> Deliveries = Telemetry.Meter.CreateCounter<long>(
        "glusterbus_deliveries_total", description: "Transitions that a notifier is done with, by outcome: delivered, rejected, filtered");

    private static readonly Counter<long> Failures = Telemetry.Meter.CreateCounter<long>(
        "glusterbus_delivery_failures_total", description: "Attempts that failed and are made again, by kind");

    private static readonly Histogram<double> Age = Telemetry.Meter.CreateHistogram<double>(
        "glusterbus_delivery_age_seconds", "s", "Time from the router's decision to the delivery",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300, 3600] });

    private static readonly Counter<long> Messages = Telemetry.Meter.CreateCounter<long>(
        "glusterbus_delivery_messages_total", description: "Messages sent by notifiers that put several transitions into one");

    private static readonly Counter<long> LeftOut = Telemetry.Meter.CreateCounter<long>(
        "glusterbus_delivery_left_out_transitions_total", description: "Delivered transitions that a message counted but did not tell in full");

    private static readonly ConcurrentDictionary<string, GatheringLine> Lines = new(StringComparer.Ordinal);

    private static readonly ObservableGauge<long> Held = Telemetry.Meter.CreateObservableGauge(
        "glusterbus_delivery_held_transitions",
        () => Lines.Select(line => new Measurement<long>(line.Value.Count, new KeyValuePair<string, object?>("notifier", line.Key))),
        description: "Transitions that wait for the next message of a notifier that puts several into one");

    private static readonly ConcurrentDictionary<string, IDeliveryQueue> Queues = new(StringComparer.Ordinal);

    private static readonly ObservableGauge<long> Backlog = Telemetry.Meter.CreateObservableGauge(
        "glusterbus_delivery_backlog_transitions",
        () => Queues.Select(queue => new Measurement<long>(queue.Value.Backlog, new KeyValuePair<string, object?>("notifier", queue.Key))),
        description: "Recorded transitions that a notifier is not yet done with");

    private static readonly ObservableGauge<long> Parked = Telemetry.Meter.CreateObservableGauge(
        "glusterbus_delivery_parked_transitions",
        () => Queues.Where(queue => queue.Value is BrokerDeliveryQueue)
            .Select(queue => new Measurement<long>(((BrokerDeliveryQueue)queue.Value).Parked, new KeyValuePair<string, object?>("notifier", queue.Key))),
        description: "Transitions that rest in a notifier's error queue on the broker");

    public static void Delivered(string notifier, TimeSpan age)
    {
        Count(notifier, "delivered");
        Age.Record(Math.Max(0, age.TotalSeconds), new KeyValuePair<string, object?>("notifier", notifier));
    }

    public static void Rejected(string notifier) => Count(notifier, "rejected");

    public static void Filtered(string notifier) => Count(notifier, "filtered");

    public static void Gathered(string notifier, Gathered gathered)
    {
        Messages.Add(gathered is { Taken: > 0, Rejection: null } ? 1 : 0, new KeyValuePair<string, object?>("notifier", notifier));
        LeftOut.Add(gathered.LeftOut, new KeyValuePair<string, object?>("notifier", notifier));
    }

    public static void Failed(string notifier, FailureKind kind) =>
        Failures.Add(1, new KeyValuePair<string, object?>("notifier", notifier), new KeyValuePair<string, object?>("kind", kind.Name()));

    /// <summary>Shows the backlog of a queue for as long as the notifier runs, and every counter from the beginning, so that the first event of each is seen
    /// as a rise.</summary>
    public static void Watch(string notifier, IDeliveryQueue queue, GatheringLine line)
    {
        _ = (Backlog, Parked, Held);
        Queues[notifier] = queue;
        Lines[notifier] = line;
        Gathered(notifier, new Gathered(0));
        foreach (string outcome in (string[])["delivered", "rejected", "filtered"])
        {
            Count(notifier, outcome, 0);
        }

        foreach (FailureKind kind in Enum.GetValues<FailureKind>())
        {
            Failures.Add(0, new KeyValuePair<string, object?>("notifier", notifier), new KeyValuePair<string, object?>("kind", kind.Name()));
        }
    }

    public static void Unwatch(string notifier, IDeliveryQueue queue, GatheringLine line)
    {
        Queues.TryRemove(KeyValuePair.Create(notifier, queue));
        Lines.TryRemove(KeyValuePair.Create(notifier, line));
    }

    private static void Count(string notifier, string outcome, long count = 1) =>
        Deliveries.Add(count, new KeyValuePair<string, object?>("notifier", notifier), new KeyValuePair<string, object?>("outcome", outcome));
}
