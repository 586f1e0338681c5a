using System.Text.Json.Serialization;
using GlusterBus.Collectors.Checkpoints;

namespace GlusterBus.Collectors.LogTail;

/// <summary>How far each log was read: the content of <c>logs.checkpoint.json</c>.</summary>
public sealed record LogCheckpoint : IVersioned
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    public IReadOnlyList<LogPosition> Logs { get; init; } = [];
}

/// <summary>How far one file was read and published.</summary>
/// <param name="Log">The log it is or was, relative to the log folder: <c>bricks/srv-rv1.log</c>.</param>
/// <param name="Fingerprint">Who it is by its content.</param>
/// <param name="Generation">How often it was shortened without a new beginning.</param>
/// <param name="Offset">Bytes read; all before it is published.</param>
/// <param name="IsClosed">True when it was rotated and nothing more is expected of it.</param>
/// <param name="Device">A hint, with <paramref name="Inode"/>.</param>
/// <param name="Inode">A hint: another file may have it by now.</param>
/// <param name="Seen">When it was last in the folder, to the day.</param>
public sealed record LogPosition(string Log, string Fingerprint, int Generation, long Offset, bool IsClosed, ulong Device, ulong Inode, DateTimeOffset Seen);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(LogCheckpoint))]
internal sealed partial class LogCheckpointJson : JsonSerializerContext;
