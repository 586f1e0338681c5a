using GlusterBus.Collectors.Node;

namespace GlusterBus.Collectors.LogTail;

/// <summary>Where a line was read.</summary>
/// <param name="Kind">What writes the file.</param>
/// <param name="File">The file's path, for evidence.</param>
/// <param name="Offset">The byte offset after the line; becomes the observation's sequence.</param>
/// <param name="Node">The node that the file belongs to.</param>
/// <param name="Clock">Stands in where a line has no time of its own.</param>
/// <param name="BrickPath">The brick's path as far as a brick log's file name tells it; null for other files.</param>
public readonly record struct LogLineContext(LogKind Kind, string File, long Offset, NodeContext Node, TimeProvider Clock, string? BrickPath);
