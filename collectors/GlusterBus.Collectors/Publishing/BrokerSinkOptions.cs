using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Collectors.Publishing;

/// <summary>What a <see cref="BrokerSink"/> is made of.</summary>
public sealed record BrokerSinkOptions
{
    /// <summary>What a collector's account needs, and all it needs: to publish to <c>glusterbus.observations</c>. Confirms, mandatory publishing and answers to
    /// heartbeats (direct reply-to) need no permission.</summary>
    public static readonly BrokerPermissions LeastPermissions = BrokerPermissions.Collector;

    /// <summary>The cluster's configured name.</summary>
    public required string Cluster { get; init; }

    /// <summary>Where the spool and the generation are kept.</summary>
    public required string DataDirectory { get; init; }

    public RabbitMqOptions RabbitMq { get; init; } = new();

    public SpoolOptions Spool { get; init; } = new();
}
