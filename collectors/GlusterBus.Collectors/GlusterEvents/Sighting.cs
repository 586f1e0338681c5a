using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Collectors.GlusterEvents;

/// <summary>One event with all that is known about its arrival: the mapping's whole input.</summary>
/// <param name="Event">The event.</param>
/// <param name="Topology">The cluster's shape at that moment.</param>
/// <param name="Node">The node that received it. A datagram does not name its sender.</param>
/// <param name="ReceivedAt">When it was received.</param>
/// <param name="Evidence">The datagram's text, secrets hidden.</param>
/// <param name="IsTrusted">Whether the sender is known to belong to the cluster.</param>
public sealed record Sighting(GlusterEvent Event, Topology Topology, string Node, DateTimeOffset ReceivedAt, Evidence Evidence, bool IsTrusted)
{
    /// <summary>A field that the parser has found to be there.</summary>
    internal string this[string key] => Event[key] ?? "";

    /// <summary>The volume of an event by whatever key it has it; null when it names none.</summary>
    internal string? Volume => (Event["volume"] ?? Event["name"] ?? Event["volume_name"]) is { Length: > 0 } text ? Topology.Volume(text) : null;

    /// <summary>A peer as this node sees it. The uuid is the surer key: the name may be an address that the operator typed.</summary>
    internal EntityId Peer
    {
        get
        {
            string name = Event["uuid"] is { } uuid && Topology.PeerNames.TryGetValue(uuid, out string? known) ? known : Topology.Peer(this["peer"]);
            return EntityId.Peer(Node, name);
        }
    }

    internal Observation State(EntityId entity, string state, params (string Name, string? Value)[] attributes) =>
        About(entity, attributes) with { State = state };

    internal Observation Occurred(EntityId entity, string occurrence, Severity severity = Severity.Info, params (string Name, string? Value)[] attributes) =>
        About(entity, attributes) with { Occurrence = occurrence, OccurrenceSeverity = severity };

    internal Observation Changed(EntityId entity, string? change, params (string Name, string? Value)[] attributes) =>
        About(entity, attributes) with { Change = change };

    private Observation About(EntityId entity, (string Name, string? Value)[] attributes) => new()
    {
        Entity = entity,
        Attributes = attributes.Length == 0 ? Observation.NoAttributes : attributes.ToDictionary(a => a.Name, a => a.Value, StringComparer.Ordinal),
        Source = GlusterEventsCollector.Name,
        Node = Node,
        ObservedAt = ReceivedAt,
        Evidence = Evidence,
        Trusted = IsTrusted,
    };
}
