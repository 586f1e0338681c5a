using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace GlusterBus.Collectors.LogTail;

/// <summary>Who a log file is by its content: the XXH3 of its head, 64 bits, as 16 hexadecimal digits. It survives renaming,
/// copying, compressing and restoring, and changes when the file begins anew.</summary>
/// <remarks>It tells logs apart and keeps no secret. A cryptographic digest would load OpenSSL, 4 MB of a process that needs it for nothing else.</remarks>
public readonly record struct FileFingerprint(string Hex)
{
    public override string ToString() => Hex;
}

/// <summary>The head of a log file: everything up to the end of its first complete record, at most <see cref="MaximumLength"/> bytes.</summary>
/// <remarks>A file may begin with the rest of a multi-line record (copytruncate cuts anywhere). Such lines have no time and so look
/// alike from file to file; the first record has microseconds, which makes the head one of its kind.</remarks>
/// <param name="Bytes">The head itself, to see cheaply whether the file still begins with it.</param>
/// <param name="Stamp">The time of the first record; null when it can't be read.</param>
internal sealed record LogHead(FileFingerprint Fingerprint, byte[] Bytes, DateTimeOffset? Stamp)
{
    public const int MaximumLength = 4096;

    /// <summary>The head of a file that begins with <paramref name="content"/>; null while its first record is not complete.</summary>
    /// <param name="content">The first <see cref="MaximumLength"/> bytes, or all there are.</param>
    public static LogHead? Find(ReadOnlySpan<byte> content)
    {
        int start = 0;
        while (start < content.Length)
        {
            int length = content[start..].IndexOf((byte)'\n');
            if (length < 0)
            {
                break;
            }

            ReadOnlySpan<byte> line = content.Slice(start, length).TrimStart((byte)0);
            start += length + 1;
            if (LineScanner.BeginsRecord(line))
            {
                return Of(content[..start], StampOf(line));
            }
        }

        return content.Length >= MaximumLength ? Of(content[..MaximumLength], null) : null;
    }

    /// <summary>Reads the last <c>[2026-11-22 09:15:57.868155 +0000]</c> at a line's begin, or of <c>The message … between […] and […]</c>.</summary>
    internal static DateTimeOffset? StampOf(ReadOnlySpan<byte> line)
    {
        const string Format = "yyyy-MM-dd HH:mm:ss.ffffff";
        int bracket = line is [(byte)'[', ..] ? 0 : line.LastIndexOf((byte)'[');
        if (bracket < 0 || line.Length < bracket + 1 + Format.Length)
        {
            return null;
        }

        ReadOnlySpan<byte> text = line[(bracket + 1)..];
        if (!DateTime.TryParseExact(Encoding.Latin1.GetString(text[..Format.Length]), Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime stamp))
        {
            return null;
        }

        // Gluster before 9 writes no offset and means UTC; with localtime-logging it writes one, such as " +0100".
        text = text[Format.Length..];
        return text is [(byte)' ', (byte)'+' or (byte)'-', _, _, _, _, ..] && int.TryParse(text[2..6], NumberStyles.None, CultureInfo.InvariantCulture, out int offset)
            ? new DateTimeOffset(stamp, TimeSpan.Zero).AddMinutes((text[1] == '-' ? 1 : -1) * ((offset / 100 * 60) + (offset % 100)))
            : new DateTimeOffset(stamp, TimeSpan.Zero);
    }

    private static LogHead Of(ReadOnlySpan<byte> bytes, DateTimeOffset? stamp) =>
        new(new FileFingerprint(Convert.ToHexStringLower(XxHash3.Hash(bytes))), bytes.ToArray(), stamp);
}
