using System.Buffers.Binary;
using System.Numerics;

namespace GlusterBus.Collectors.Publishing.Spooling;

/// <summary>One batch in the spool.</summary>
/// <param name="Index">Its place in the spool, counted over all time.</param>
/// <param name="Observations">How many observations it holds.</param>
/// <param name="Payload">The batch as JSON. Valid until the spool is next written to or read from.</param>
/// <param name="End">The offset after it in its file.</param>
internal readonly record struct SpoolRecord(long Index, int Observations, ReadOnlyMemory<byte> Payload, int End)
{
    /// <summary>Length of the payload, number of observations, checksum; four bytes each, the lowest first.</summary>
    public const int HeaderLength = 12;

    /// <summary>Writes header and payload.</summary>
    /// <param name="destination">Exactly as long as both.</param>
    public static void Write(Span<byte> destination, long index, ReadOnlySpan<byte> payload, int observations)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, payload.Length);
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], observations);
        payload.CopyTo(destination[HeaderLength..]);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], Checksum(index, destination[..8], payload));
    }

    /// <summary>Reads the record at an offset; null when there is no whole and sound one.</summary>
    public static SpoolRecord? Read(ReadOnlyMemory<byte> content, int offset, long index)
    {
        ReadOnlySpan<byte> rest = content.Span[offset..];
        if (rest.Length < HeaderLength)
        {
            return null;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(rest);
        int observations = BinaryPrimitives.ReadInt32LittleEndian(rest[4..]);
        if (length < 0 || length > rest.Length - HeaderLength || observations < 0)
        {
            return null;
        }

        ReadOnlySpan<byte> payload = rest.Slice(HeaderLength, length);
        return Checksum(index, rest[..8], payload) == BinaryPrimitives.ReadUInt32LittleEndian(rest[8..])
            ? new SpoolRecord(index, observations, content.Slice(offset + HeaderLength, length), offset + HeaderLength + length)
            : null;
    }

    /// <summary>CRC-32C. The index takes part, so that what an earlier, torn write left behind is never taken for a record of this place.</summary>
    private static uint Checksum(long index, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        uint crc = BitOperations.Crc32C(~0u, (ulong)index);
        crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(header));
        while (payload.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(payload));
            payload = payload[sizeof(ulong)..];
        }

        foreach (byte b in payload)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }
}
