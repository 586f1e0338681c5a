using System.Text.Json.Serialization;
using GlusterBus.Collectors.Checkpoints;

namespace GlusterBus.Collectors.Publishing;

/// <summary>What is kept on disk of a router's answers.</summary>
internal sealed record RouterWord : IVersioned
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>The generation of the state table.</summary>
    public required string Generation { get; init; }

    /// <summary>How the node's clock stands; null before a router knew.</summary>
    public ClockReading? Clock { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RouterWord))]
internal sealed partial class RouterWordJson : JsonSerializerContext;
