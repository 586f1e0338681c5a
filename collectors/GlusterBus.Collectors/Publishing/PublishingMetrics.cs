using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Telemetry;

namespace GlusterBus.Collectors.Publishing;

/// <summary>What the publishing side of a collector counts.</summary>
internal static class PublishingMetrics
{
    private static readonly Counter<long> PublishedObservations = Telemetry.Meter.CreateCounter<long>(
        "glusterbus_published_observations_total", description: "Observations that the broker has confirmed");

    private static readonly Counter<long> DroppedObservations = Telemetry.Meter.CreateCounter<long>(
        "glusterbus_spool_dropped_total", description: "Observations that were dropped because the spool was full");

    private static readonly Counter<long> Superseded = Telemetry.Meter.CreateCounter<long>(
        "glusterbus_snapshots_superseded_total", description: "Looks at the cluster that were not sent because the broker was away; a fresh one followed");

    private static readonly Counter<long> Failures = Telemetry.Meter.CreateCounter<long>(
        "glusterbus_broker_failures_total", description: "Connections and publications that failed, by kind");

    private static readonly Histogram<double> Seconds = Telemetry.Meter.CreateHistogram<double>(
        "glusterbus_publish_seconds", "s", "Time from sending a message to the broker's confirmation",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });

    private static readonly ConcurrentDictionary<BrokerSink, byte> Sinks = new();

    private static readonly ObservableGauge<long> SpoolBytes = Telemetry.Meter.CreateObservableGauge(
        "glusterbus_spool_bytes", () => Sinks.Keys.Sum(sink => sink.SpooledBytes), description: "Disk space that the spool takes");

    private static readonly ObservableGauge<long> SpoolLimit = Telemetry.Meter.CreateObservableGauge(
        "glusterbus_spool_limit_bytes", () => Sinks.Keys.Sum(sink => sink.SpoolLimit), description: "Disk space that the spool may take");

    private static readonly ObservableGauge<long> SpoolRecords = Telemetry.Meter.CreateObservableGauge(
        "glusterbus_spool_records", () => Sinks.Keys.Sum(sink => sink.SpooledBatches), description: "Batches that wait in the spool");

    private static readonly ObservableGauge<int> Connected = Telemetry.Meter.CreateObservableGauge(
        "glusterbus_broker_connected", () => Sinks.Keys.Count(sink => sink.IsConnected), description: "1 while the broker takes what is published, else 0");

    public static void Published(int observations, TimeSpan took)
    {
        PublishedObservations.Add(observations);
        Seconds.Record(took.TotalSeconds);
    }

    public static void Dropped(long observations) => DroppedObservations.Add(observations);

    public static void SnapshotSuperseded() => Superseded.Add(1);

    public static void Failed(BrokerTroubleKind kind) => Failures.Add(1, Label(kind));

    /// <summary>Shows a sink's state for as long as it lives, and every counter from the beginning, so that the first event of each is seen as a rise.</summary>
    public static void Watch(BrokerSink sink)
    {
        (_, _, _, _) = (SpoolBytes, SpoolLimit, SpoolRecords, Connected);
        Sinks[sink] = 0;
        PublishedObservations.Add(0);
        DroppedObservations.Add(0);
        Superseded.Add(0);
        foreach (BrokerTroubleKind kind in Enum.GetValues<BrokerTroubleKind>())
        {
            Failures.Add(0, Label(kind));
        }
    }

    public static void Unwatch(BrokerSink sink) => Sinks.TryRemove(sink, out _);

    private static KeyValuePair<string, object?> Label(BrokerTroubleKind kind) => new("kind", kind switch
    {
        BrokerTroubleKind.Unreachable => "unreachable",
        BrokerTroubleKind.Encryption => "encryption",
        BrokerTroubleKind.Account => "account",
        BrokerTroubleKind.VirtualHost => "virtual-host",
        BrokerTroubleKind.Permission => "permission",
        BrokerTroubleKind.Missing => "missing",
        BrokerTroubleKind.Unroutable => "unroutable",
        BrokerTroubleKind.NotKept => "not-kept",
        BrokerTroubleKind.Unanswered => "unanswered",
        BrokerTroubleKind.Configuration => "configuration",
        _ => "other",
    });
}
