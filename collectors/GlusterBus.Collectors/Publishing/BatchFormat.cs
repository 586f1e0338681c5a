using System.Text;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.Publishing;

/// <summary>A batch as it travels in a message, and as it lies in the spool: there as a message of its own, so that it keeps its node whatever becomes of the
/// configuration meanwhile.</summary>
/// <param name="cluster">The cluster's configured name.</param>
/// <param name="node">The node whose collectors publish.</param>
internal sealed class BatchFormat(string cluster, string node)
{
    private const string Suffix = "]}";

    private readonly byte[] _empty = ObservationJson.Write(new ObservationMessage { Cluster = cluster, Node = node });

    private ReadOnlySpan<byte> Prefix => _empty.AsSpan(0, _empty.Length - Suffix.Length);

    /// <summary>The batch as it stands in a message.</summary>
    public byte[] Write(ObservationBatch batch) => ObservationJson.WriteBatch(batch, node);

    /// <summary>Makes of a written batch what is spooled.</summary>
    public byte[] Wrap(ReadOnlySpan<byte> batch) => [.. Prefix, .. batch, .. Encoding.UTF8.GetBytes(Suffix)];

    /// <summary>The opposite of <see cref="Wrap"/>. What this node itself spooled is not read again, since its checksum is enough.</summary>
    /// <exception cref="FormatException">It is no message with a batch.</exception>
    public ReadOnlyMemory<byte> Unwrap(ReadOnlyMemory<byte> spooled)
    {
        if (spooled.Span.StartsWith(Prefix))
        {
            return spooled[Prefix.Length..^Suffix.Length];
        }

        return ObservationJson.Parse(spooled.Span).Batches is [{ } batch] ? Write(batch) : throw new FormatException("a spooled message has one batch");
    }
}
