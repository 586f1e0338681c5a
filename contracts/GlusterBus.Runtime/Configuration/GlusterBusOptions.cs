using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Gluster;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Runtime.Configuration;

/// <summary>The configuration of GlusterBus. An empty one suits a Gluster node.</summary>
public sealed record GlusterBusOptions
{
    /// <summary>The JSON Schema that an editor checks the file with; GlusterBus itself does not read it.</summary>
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    /// <summary>The cluster's name in every transition. GlusterFS has no cluster id, so it is given here. The default is <c>gluster</c>.</summary>
    [RegularExpression(ClusterName.Pattern)]
    public string Cluster { get; init; } = "gluster";

    /// <summary>This node's name as Gluster knows it. By default it is found out from glusterd and the host name.</summary>
    [MinLength(1)]
    public string? Node { get; init; }

    /// <summary>Where the state table, the archive and the checkpoints live. The default is <c>/var/lib/glusterbus</c>.</summary>
    [Required]
    public string DataDirectory { get; init; } = "/var/lib/glusterbus";

    /// <summary>How the <c>gluster</c> command is run.</summary>
    public GlusterCliOptions Gluster { get; init; } = new();

    /// <summary>Collectors by name. The name is also the plugin, unless <c>plugin</c> says otherwise; <c>enabled</c> switches one on or off.</summary>
    public IReadOnlyDictionary<string, JsonObject> Collectors { get; init; } = new Dictionary<string, JsonObject>();

    /// <summary>Notifiers by name. The name is also the plugin, unless <c>plugin</c> says otherwise.</summary>
    public IReadOnlyDictionary<string, JsonObject> Notifiers { get; init; } = new Dictionary<string, JsonObject>();

    /// <summary>The broker; used by <c>collect</c>, <c>route</c> and <c>notify</c>.</summary>
    public RabbitMqOptions RabbitMq { get; init; } = new();

    /// <summary>The state table of the routers; used by <c>route</c> and <c>notify</c>.</summary>
    public RedisOptions Redis { get; init; } = new();

    /// <summary>What a collector keeps on disk while the broker is away.</summary>
    public SpoolOptions Spool { get; init; } = new();

    /// <summary>Where a running instance answers.</summary>
    public ApiOptions Api { get; init; } = new();

    /// <summary>How long transitions are kept.</summary>
    public ArchiveOptions Archive { get; init; } = new();

    /// <summary>Where traces go.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>What is logged.</summary>
    public LogOptions Log { get; init; } = new();
}

/// <summary>How long transitions are kept.</summary>
public sealed record ArchiveOptions
{
    /// <summary>Transitions older than that are removed, from 1 hour to 10 years. The default is 30 days. What a notifier still has to deliver is always kept.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(30);
}

/// <summary>What is logged.</summary>
public sealed record LogOptions
{
    /// <summary>The least grave message written. The default is <c>information</c>.</summary>
    public LogLevel Level { get; init; } = LogLevel.Information;
}
