using System.Text.Json.Serialization;
using GlusterBus.Collectors.Checkpoints;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Entities;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors.GetState;

/// <summary>What a node's look is complete for where every node has a collector: its own bricks, and those it had at its last look.</summary>
/// <remarks>The scopes are kept on disk: a volume that is deleted while the collector does not run leaves no other trace of the bricks it had here.</remarks>
internal sealed class OwnBricks(NodeContext node, ILogger logger)
{
    private const string Prefix = "brick/";

    private readonly CheckpointFile<ScopeCheckpoint> _file = new(
        Path.Combine(node.StateDirectory, "get_state.scopes.json"), ScopeCheckpoint.CurrentVersion, ScopeCheckpointJson.Default.ScopeCheckpoint, logger);

    /// <summary>Prefixes of the ids of all bricks that this node may have in the volumes seen, <c>brick/&lt;volume&gt;/&lt;host&gt;:/</c>, and of those whose
    /// volume their reporter did not know. Pure.</summary>
    public static IEnumerable<string> Scopes(ClusterState state, string node)
    {
        // A name that also stands for another node would claim that node's bricks: it happens when a brick's host name was moved.
        HashSet<string> others =
        [
            .. state.Peers.SelectMany(peer => peer.OtherNames.Append(peer.Name)),
            .. state.Volumes.SelectMany(volume => volume.Bricks).Where(brick => !brick.IsLocal).Select(brick => brick.Host),
        ];
        string[] hosts = [.. state.Volumes
            .SelectMany(volume => volume.Bricks)
            .Where(brick => brick.IsLocal)
            .Select(brick => brick.Host)
            .Append(node)
            .Where(host => host.Length > 0 && !others.Contains(host))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)];
        return state.Volumes
            .Select(volume => volume.Name)
            .Order(StringComparer.Ordinal)
            .Append(EntityId.AnyVolume)
            .SelectMany(volume => hosts.Select(host => $"{Prefix}{volume}/{host}:/"));
    }

    /// <summary>What the last look before this process's start was complete for, as far as it is about bricks.</summary>
    public IReadOnlyList<string> LoadScopes() => node.IsAlone ? [] : _file.Load()?.Scopes ?? [];

    public void SaveScopes(IReadOnlyList<string> scopes)
    {
        if (!node.IsAlone)
        {
            _file.Save(new ScopeCheckpoint { Scopes = [.. scopes.Where(scope => scope.StartsWith(Prefix, StringComparison.Ordinal))] });
        }
    }
}

/// <summary>What is kept of a look.</summary>
internal sealed record ScopeCheckpoint : IVersioned
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    public required IReadOnlyList<string> Scopes { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ScopeCheckpoint))]
internal sealed partial class ScopeCheckpointJson : JsonSerializerContext;
