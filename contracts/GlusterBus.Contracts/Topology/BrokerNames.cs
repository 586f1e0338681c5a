using System.Globalization;
using GlusterBus.Contracts.Entities;

namespace GlusterBus.Contracts.Topology;

/// <summary>Every name on the broker. The only place where one is spelled.</summary>
public static class BrokerNames
{
    /// <summary>What all names begin with, so that permissions can name them by one pattern.</summary>
    public const string Prefix = "glusterbus.";

    /// <summary>The topic exchange that collectors publish to; the routing key is <see cref="PartitionKey"/>.</summary>
    public const string Observations = Prefix + "observations";

    /// <summary>Where messages rest that are no observations; the header <see cref="ReasonHeader"/> says why.</summary>
    public const string RejectedObservations = Observations + ErrorSuffix;

    /// <summary>The exchange bound to the channel of every kind.</summary>
    public const string AllChannel = Prefix + "all";

    /// <summary>The topic exchange that <c>replay --into exchange</c> publishes to, with the routing keys of the channels. Bound to nothing of ours: the past is no news.</summary>
    public const string Replay = Prefix + "replay";

    /// <summary>What the name of an error queue ends with.</summary>
    public const string ErrorSuffix = ".error";

    /// <summary>What the name of the queue ends with in which a notifier's bindings are remembered.</summary>
    public const string BindingsSuffix = ".bindings";

    /// <summary>The header of a parked message that tells why it was parked.</summary>
    public const string ReasonHeader = "glusterbus-reason";

    /// <summary>The header of a parked message that tells when (RFC 3339).</summary>
    public const string ParkedAtHeader = "glusterbus-parked-at";

    /// <summary>The header of a parked message that tells how often it had been handed out.</summary>
    public const string DeliveriesHeader = "glusterbus-deliveries";

    /// <summary>The message type of an ownership token, which only routers publish (docs/adr/0009).</summary>
    public const string TokenType = "glusterbus.token";

    /// <summary>The topic exchange of one entity kind.</summary>
    public static string Channel(string kind) => Prefix + kind;

    /// <summary>Every channel exchange but <see cref="AllChannel"/>.</summary>
    public static IEnumerable<string> Channels => EntityKinds.All.Select(kind => Channel(kind.Name)).Order(StringComparer.Ordinal);

    /// <summary><c>p00</c>, <c>p01</c>, …</summary>
    public static string PartitionKey(int partition) => string.Create(CultureInfo.InvariantCulture, $"p{partition:00}");

    /// <summary>The quorum queue of one partition.</summary>
    public static string PartitionQueue(int partition) => $"{Observations}.{PartitionKey(partition)}";

    /// <summary>The queue of one configured notifier. An exchange of the same name leads to it alone.</summary>
    public static string NotifierQueue(string notifier) => $"{Prefix}notify.{notifier}";

    /// <summary>The error queue that belongs to a queue. That of a notifier is reached through an exchange of the same name.</summary>
    public static string ErrorQueue(string queue) => queue + ErrorSuffix;

    /// <summary>The queue in which a notifier's bindings are remembered, so that those it wants no more can be found: the broker does not list them over AMQP.</summary>
    public static string BindingsQueue(string notifier) => NotifierQueue(notifier) + BindingsSuffix;

    /// <summary>A name beside a queue's for what a check declares and deletes; never the same twice.</summary>
    public static string CheckName(string queue) => $"{queue}.check.{Guid.NewGuid():n}";

    /// <summary>The partition of a cluster: the same on every machine and in every version (FNV-1a over UTF-8).</summary>
    public static int PartitionOf(string cluster, int partitions)
    {
        uint hash = 2166136261;
        foreach (byte b in System.Text.Encoding.UTF8.GetBytes(cluster))
        {
            hash = (hash ^ b) * 16777619;
        }

        return (int)(hash % (uint)partitions);
    }
}
