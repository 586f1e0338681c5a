using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using RabbitMQ.Client;

namespace GlusterBus.Runtime.Bus;

/// <summary>Bodies of observations: long ones travel compressed by gzip (RFC 1952), marked by the content encoding, short ones as they are.</summary>
/// <remarks>The text of observations repeats itself: a batch shrinks to a tenth or less. What the broker does with a body (receive, write, copy to each member
/// of the quorum, deliver) costs it by the byte, and more than all that the collector and the router do with it (docs/adr/0014).</remarks>
public static class CompressedBody
{
    /// <summary>The content encoding of what is compressed.</summary>
    public const string Encoding = "gzip";

    /// <summary>Shorter bodies are not compressed: they leave at once, people who look can read them, and the collector of a quiet node need not load the code.</summary>
    public const int Threshold = 16 * 1024;

    /// <summary>The most that a body may hold when it is expanded, as much as RabbitMQ takes uncompressed.</summary>
    public const int MaximumLength = 128 << 20;

    /// <summary>Header, an empty block and trailer.</summary>
    private const int ShortestLength = 20;

    /// <summary>What is made of a body once it is readable.</summary>
    public delegate T Parser<out T>(ReadOnlySpan<byte> body);

    /// <summary>Compresses a body.</summary>
    /// <param name="output">Emptied first; kept by the caller, so that its memory serves again and again.</param>
    public static ReadOnlyMemory<byte> Compress(ReadOnlySpan<byte> body, MemoryStream output)
    {
        output.SetLength(0);
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(body);
        }

        return output.GetBuffer().AsMemory(0, (int)output.Length);
    }

    /// <summary>Parses a body, which is expanded first when its content encoding says so.</summary>
    /// <exception cref="FormatException">The encoding is not known, the bytes are not what it says, or there is more in them than may be; or what the parser throws.</exception>
    public static T Read<T>(IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, Parser<T> parse)
    {
        if (properties.ContentEncoding is null or "" or "identity" or "utf-8")
        {
            return parse(body.Span);
        }

        if (properties.ContentEncoding != Encoding)
        {
            throw new FormatException($"the content encoding '{properties.ContentEncoding}' is not known here; it is {Encoding}, or none");
        }

        int length = LengthOf(body.Span);
        byte[] expanded = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            Expand(body, expanded.AsSpan(0, length));
            return parse(expanded.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(expanded);
        }
    }

    /// <summary>A gzip body ends with its length when expanded.</summary>
    private static int LengthOf(ReadOnlySpan<byte> body)
    {
        uint length = body.Length >= ShortestLength ? BinaryPrimitives.ReadUInt32LittleEndian(body[^4..]) : throw new FormatException("the body is too short to be what its content encoding says");
        return length <= MaximumLength ? (int)length : throw new FormatException($"the body holds {length} bytes when expanded; {MaximumLength} may be");
    }

    private static void Expand(ReadOnlyMemory<byte> body, Span<byte> expanded)
    {
        try
        {
            using var gzip = new GZipStream(Stream(body), CompressionMode.Decompress);
            gzip.ReadExactly(expanded);
            if (gzip.ReadByte() >= 0)
            {
                throw new FormatException("the body holds more than its end says");
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new FormatException($"the body is not what its content encoding says: {e.Message}", e);
        }
    }

    private static MemoryStream Stream(ReadOnlyMemory<byte> body) =>
        MemoryMarshal.TryGetArray(body, out ArraySegment<byte> bytes) ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count) : new MemoryStream(body.ToArray());
}
