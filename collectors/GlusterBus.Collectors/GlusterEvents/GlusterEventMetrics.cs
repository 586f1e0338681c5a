using System.Diagnostics.Metrics;
using GlusterBus.Runtime.Gluster;
using GlusterBus.Runtime.Telemetry;

namespace GlusterBus.Collectors.GlusterEvents;

/// <summary>The counters of the <c>gf_event</c> collector. received = published + ignored + unreadable + lost in the queue.</summary>
internal static class GlusterEventMetrics
{
    private static readonly Counter<long> Received = Telemetry.Meter.CreateCounter<long>("glusterbus_datagrams_received_total", description: "gf_event datagrams taken from the queue");
    private static readonly Counter<long> Ignored = Telemetry.Meter.CreateCounter<long>("glusterbus_datagrams_ignored_total", description: "gf_event datagrams counted and not published");
    private static readonly Counter<long> Unreadable = Telemetry.Meter.CreateCounter<long>("glusterbus_datagrams_unreadable_total", description: "gf_event datagrams that could not be read");
    private static readonly Counter<long> Untrusted = Telemetry.Meter.CreateCounter<long>("glusterbus_datagrams_untrusted_total", description: "gf_event datagrams of senders that are no peers");
    private static readonly Counter<long> Lost = Telemetry.Meter.CreateCounter<long>("glusterbus_datagrams_lost_total", description: "gf_event datagrams lost for want of room");

    /// <summary>Shows every series from the beginning, so that the first event of each is seen as a rise.</summary>
    public static void Begin()
    {
        Received.Add(0);
        Untrusted.Add(0);
        foreach (IgnoredReason reason in Enum.GetValues<IgnoredReason>())
        {
            Ignored.Add(0, Label(reason));
        }

        foreach (DatagramFault fault in Enum.GetValues<DatagramFault>())
        {
            Unreadable.Add(0, Label(new DatagramError(fault, "")));
        }

        CountLost(0, "kernel");
        CountLost(0, "queue");
    }

    public static void CountReceived(bool isTrusted)
    {
        Received.Add(1);
        if (!isTrusted)
        {
            Untrusted.Add(1);
        }
    }

    public static void CountIgnored(IgnoredReason reason) => Ignored.Add(1, Label(reason));

    public static void CountUnreadable(DatagramError error) => Unreadable.Add(1, Label(error));

    /// <param name="count">How many.</param>
    /// <param name="where"><c>kernel</c> or <c>queue</c>.</param>
    public static void CountLost(long count, string where) => Lost.Add(count, new KeyValuePair<string, object?>("where", where));

    private static KeyValuePair<string, object?> Label(IgnoredReason reason) => new("reason", reason == IgnoredReason.Client ? "client" : "helper");

    private static KeyValuePair<string, object?> Label(DatagramError error) => new("reason", error.Label);
}
