using System.Text.Json;
using GlusterBus.Contracts.Topology;

namespace GlusterBus.Notifiers.Broker;

/// <summary>Where a parked message goes when it is tried again.</summary>
internal static class ReturnAddress
{
    /// <summary>The routing key on the exchange that leads to the queue which the message came from.</summary>
    /// <param name="queue">The queue whose error queue it rested in.</param>
    /// <param name="message">The message.</param>
    /// <param name="partitions">Into how many queues the clusters are spread.</param>
    /// <remarks>A transition keeps its key. An observation message lost its own when a router parked it, and may have come with a wrong one: its cluster tells
    /// the right one. What names no cluster goes to the first partition; any router that can't read it parks it again.</remarks>
    public static string RoutingKey(string queue, ParkedMessage message, int partitions) => queue == BrokerNames.Observations
        ? BrokerNames.PartitionKey(Cluster(message.Content) is { } cluster ? BrokerNames.PartitionOf(cluster, partitions) : 0)
        : message.RoutingKey;

    /// <summary>Read by itself, not as an observation message: that it is none to this program may be the reason why it was parked.</summary>
    private static string? Cluster(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("cluster", out JsonElement cluster) && cluster.ValueKind == JsonValueKind.String
                ? cluster.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
