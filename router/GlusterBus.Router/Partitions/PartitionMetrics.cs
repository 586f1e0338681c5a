using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Telemetry;

namespace GlusterBus.Router.Partitions;

/// <summary>What a router counts of its partitions. The label <c>partition</c> is <c>p00</c>, <c>p01</c>, …</summary>
internal static class PartitionMetrics
{
    private static readonly ConcurrentDictionary<int, bool> Owners = new();
    private static readonly ConcurrentDictionary<int, bool> Attendants = new();
    private static readonly ConcurrentDictionary<WatchedTable, string> Tables = new();
    private static readonly ConcurrentDictionary<int, double> Lags = new();
    private static readonly ConcurrentDictionary<int, uint> Ready = new();
    private static readonly ConcurrentDictionary<InboxMessage, (int Partition, DateTimeOffset SentAt, TimeProvider Clock)> UnderWay = new();

    private static readonly Counter<long> RejectedMessages = Telemetry.Meter.CreateCounter<long>(
        "glusterbus_rejected_messages_total", description: "Messages that were no observations and were parked");

    private static readonly Counter<long> TakeOvers = Telemetry.Meter.CreateCounter<long>("glusterbus_takeovers_total", description: "Partitions that this router took over");

    private static readonly Histogram<double> TakeOverSeconds = Telemetry.Meter.CreateHistogram<double>(
        "glusterbus_takeover_seconds", "s", "Time from the first delivery of a partition until its tables were loaded");

    private static readonly ObservableGauge<int> Ownership = Telemetry.Meter.CreateObservableGauge(
        "glusterbus_partition_owned",
        () => Owners.Select(owner => new Measurement<int>(owner.Value ? 1 : 0, Label(owner.Key))),
        description: "1 where this router owns the partition, 0 where it stands by");

    private static readonly ObservableGauge<int> Attended = Telemetry.Meter.CreateObservableGauge(
        "glusterbus_partitions_attended", () => Attendants.Values.Count(attends => attends), description: "Partitions that this router owns or stands by for");

    private static readonly ObservableGauge<int> Outbox = Telemetry.Meter.CreateObservableGauge(
        "glusterbus_outbox_transitions",
        () => Tables.Select(table => new Measurement<int>(table.Key.Unpublished, new KeyValuePair<string, object?>("cluster", table.Value))),
        description: "Transitions committed and not yet confirmed by the broker");

    private static readonly ObservableGauge<double> Lag = Telemetry.Meter.CreateObservableGauge(
        "glusterbus_partition_lag_seconds",
        () => Lags.Where(lag => Owners.GetValueOrDefault(lag.Key)).Select(lag => new Measurement<double>(LagOf(lag.Key, lag.Value), Label(lag.Key))),
        "s",
        "Age of the last sign of life applied, or of the oldest that waits for its commit, by its collector's clock");

    private static readonly ObservableGauge<long> Messages = Telemetry.Meter.CreateObservableGauge(
        "glusterbus_partition_ready_messages",
        () => Ready.Where(ready => Owners.GetValueOrDefault(ready.Key)).Select(ready => new Measurement<long>(ready.Value, Label(ready.Key))),
        description: "Messages that wait in the partition's queue, read once a minute");

    public static void Owned(int partition, bool isOwned)
    {
        _ = (Ownership, Lag, Messages, Outbox);
        Owners[partition] = isOwned;
    }

    /// <summary>Shows the partition, and every counter from the beginning, so that the first event of each is seen as a rise.</summary>
    public static void Attending(int partition, bool attends)
    {
        _ = Attended;
        Attendants[partition] = attends;
        Owners.TryAdd(partition, false);
        RejectedMessages.Add(0, Label(partition));
        TakeOvers.Add(0);
    }

    /// <summary>Shows the outbox of a cluster for as long as this router owns it.</summary>
    public static void Watch(string cluster, WatchedTable table) => Tables[table] = cluster;

    public static void Unwatch(WatchedTable table) => Tables.TryRemove(table, out _);

    public static void TookOver(TimeSpan time)
    {
        TakeOvers.Add(1);
        TakeOverSeconds.Record(time.TotalSeconds);
    }

    public static void Rejected(int partition) => RejectedMessages.Add(1, Label(partition));

    public static void Waiting(int partition, uint messages) => Ready[partition] = messages;

    /// <summary>A message is taken and waits for its commit, which a state table that does not answer may put off for long: the lag grows meanwhile.</summary>
    public static void Taken(int partition, InboxMessage message, TimeProvider clock)
    {
        if (message.Content is ObservationMessage { Heartbeat: { } heartbeat })
        {
            UnderWay[message] = (partition, heartbeat.SentAt, clock);
            Lags.TryAdd(partition, 0);
        }
    }

    /// <summary>A message is committed, or is given back.</summary>
    public static void Left(InboxMessage message) => UnderWay.TryRemove(message, out _);

    /// <summary>A heartbeat waits in the same queue as everything else: its age when it is applied is the lag.</summary>
    public static void Applied(int partition, ObservationMessage message, DateTimeOffset now)
    {
        if (message.Heartbeat is { } heartbeat)
        {
            Lags[partition] = Math.Max(0, (now - heartbeat.SentAt).TotalSeconds);
        }
    }

    private static double LagOf(int partition, double applied) => UnderWay.Values.Where(waiting => waiting.Partition == partition)
        .Select(waiting => (waiting.Clock.GetUtcNow() - waiting.SentAt).TotalSeconds).Append(applied).Max();

    private static KeyValuePair<string, object?> Label(int partition) => new("partition", BrokerNames.PartitionKey(partition));
}
