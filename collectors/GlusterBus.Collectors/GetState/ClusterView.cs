using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.GetState;

/// <summary>What one look at the cluster shows.</summary>
/// <param name="Observations">Every entity seen, in a fixed order: node, volumes, bricks, quorums, peers, daemons, geo-replication, snapshots.</param>
/// <param name="Scopes">What the look is complete for.</param>
/// <param name="Alarms">Entities shown ill, with how long that must be seen before it is believed.</param>
public sealed record ClusterView(
    IReadOnlyList<Observation> Observations,
    IReadOnlyList<string> Scopes,
    IReadOnlyDictionary<EntityId, TimeSpan> Alarms);
