using GlusterBus.Router.State;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Router.Partitions;

/// <summary>What the parts of one partition share.</summary>
/// <param name="Partition">Its number.</param>
/// <param name="Partitions">How many there are.</param>
/// <param name="Store">The state tables.</param>
/// <param name="Router">The decision's settings; the cluster is filled in for each.</param>
/// <param name="ProbeInterval">How often the store is asked for a sign of life.</param>
internal sealed record PartitionContext(
    int Partition, int Partitions, IClusterStore Store, RouterOptions Router, TimeSpan ProbeInterval, TimeProvider Clock, ILoggerFactory Loggers);
