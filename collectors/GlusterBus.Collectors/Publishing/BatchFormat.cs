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

    /// <summary>Makes of a batch what is spooled.</summary>
    public byte[] Wrap(ObservationBatch batch) => ObservationJson.Write(new ObservationMessage { Cluster = cluster, Node = node, Batches = [batch] });

    /// <summary>Makes of what was spooled what travels. What this node itself spooled is not read again, since its checksum is enough.</summary>
    /// <exception cref="FormatException">It is no message with a batch.</exception>
    public OutgoingBatch Unwrap(ReadOnlyMemory<byte> spooled)
    {
        if (spooled.Span.StartsWith(Prefix))
        {
            return OutgoingBatch.Written(spooled[Prefix.Length..^Suffix.Length]);
        }

        return ObservationJson.Parse(spooled.Span).Batches is [{ } batch] ? OutgoingBatch.Of(batch) : throw new FormatException("a spooled message has one batch");
    }
}
