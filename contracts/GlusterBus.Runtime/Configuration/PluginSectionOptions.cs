using System.ComponentModel.DataAnnotations;
using GlusterBus.Contracts.Entities;

namespace GlusterBus.Runtime.Configuration;

/// <summary>What the section of any plugin may have beside the plugin's own options. The last four are for notifiers.</summary>
public sealed record PluginSectionOptions
{
    /// <summary>False switches the plugin off and keeps its section. The default is true.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Which plugin it is. The default is the section's name.</summary>
    [MinLength(1)]
    public string? Plugin { get; init; }

    /// <summary>Clusters wanted, by name, where notifiers hear of several over a broker; empty, the default, wants every one.</summary>
    public IReadOnlyList<string> Clusters { get; init; } = [];

    /// <summary>Channels (entity kinds) wanted; empty, the default, and <c>all</c> want every one.</summary>
    public IReadOnlyList<string> Channels { get; init; } = [];

    /// <summary>Entity patterns wanted, such as <c>brick/gv0/*</c>; empty, the default, wants every one.</summary>
    public IReadOnlyList<string> Entities { get; init; } = [];

    /// <summary>Least severity wanted; a recovery from a state that grave comes too. By default everything.</summary>
    public Severity? MinimumSeverity { get; init; }
}
