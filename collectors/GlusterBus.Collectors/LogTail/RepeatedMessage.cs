using System.Buffers.Text;

namespace GlusterBus.Collectors.LogTail;

/// <summary>Gluster's summary of lines it held back: <c>The message "W [MSGID: 106117] […] 0-management: …" repeated 7 times between […] and […]</c>.</summary>
/// <remarks>libglusterfs keeps the last five messages for up to 120 seconds and writes a repeat only as this summary.</remarks>
internal static class RepeatedMessage
{
    /// <summary>What such a line begins with; the held back line follows, without its time.</summary>
    public static ReadOnlySpan<byte> Start => "The message \""u8;

    /// <summary>Takes the summary apart.</summary>
    /// <param name="line">The whole line.</param>
    /// <param name="inner">The held back line from its level letter on.</param>
    /// <param name="count">How often it was held back, at least 1.</param>
    /// <param name="last">The time of the last one as it is written, without its brackets.</param>
    public static bool TryRead(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> inner, out int count, out ReadOnlySpan<byte> last)
    {
        inner = last = default;
        count = 1;
        int end = line.LastIndexOf("\" repeated "u8);
        if (end < Start.Length || !line.StartsWith(Start))
        {
            return false;
        }

        ReadOnlySpan<byte> tail = line[(end + "\" repeated ".Length)..];
        if (!Utf8Parser.TryParse(tail, out count, out int digits) || count < 1 || !tail[digits..].StartsWith(" times between ["u8))
        {
            return false;
        }

        int and = tail.LastIndexOf("] and ["u8);
        int close = tail.LastIndexOf((byte)']');
        if (and < 0 || close < and + "] and [".Length)
        {
            return false;
        }

        inner = line[Start.Length..end];
        last = tail[(and + "] and [".Length)..close];
        return true;
    }
}
