using GlusterBus.Contracts.Messages;

namespace GlusterBus.Collectors.LogTail;

/// <summary>How far a scan went.</summary>
/// <param name="Consumed">Bytes up to and with the last line feed seen.</param>
/// <param name="Lines">Complete lines among them.</param>
internal readonly record struct ScanResult(int Consumed, int Lines);

/// <summary>Cuts bytes into lines and shows the records among them to the rules. The hot path of the tailer.</summary>
internal static class LineScanner
{
    /// <summary>A scan ends when it has gathered this many observations; a line adds a handful, so a batch keeps below its bound of 500
    /// and the observations of one line, which share a sequence, are never torn apart.</summary>
    public const int EnoughObservations = 400;

    /// <summary>True for the first line of a record. All others continue one; they may hold secrets (dumps of volume files) and are never evidence.</summary>
    public static bool BeginsRecord(ReadOnlySpan<byte> line) => line is [(byte)'[', ..] or [(byte)'T', (byte)'h', (byte)'e', (byte)' ', (byte)'m', ..];

    /// <param name="reader">Knows which lines matter.</param>
    /// <param name="data">Bytes that begin with a line; an incomplete last line is left alone.</param>
    /// <param name="origin">The place of the first byte in its file.</param>
    /// <param name="maximumLine">Bytes of a longer line that the rules get to see.</param>
    /// <param name="context">Where the lines come from; the offset is filled in here.</param>
    /// <param name="output">Takes the observations.</param>
    public static ScanResult Scan<TReader>(TReader reader, ReadOnlySpan<byte> data, long origin, int maximumLine, in LogLineContext context, List<Observation> output)
        where TReader : struct, ILineReader
    {
        int start = 0;
        int lines = 0;
        while (true)
        {
            ReadOnlySpan<byte> rest = data[start..];
            int length = rest.IndexOf((byte)'\n');
            if (length < 0)
            {
                return new ScanResult(start, lines);
            }

            start += length + 1;
            lines++;
            ReadOnlySpan<byte> line = rest[..length];
            if (length > maximumLine || line is [0, ..])
            {
                line = Tame(line, maximumLine);
            }

            if (BeginsRecord(line) && reader.IsWanted(line))
            {
                reader.Read(line, context with { Offset = origin + start }, output);
                if (output.Count >= EnoughObservations)
                {
                    return new ScanResult(start, lines);
                }
            }
        }
    }

    /// <summary>Bounds a line and takes off the NULs that a crash of the machine leaves before it.</summary>
    public static ReadOnlySpan<byte> Tame(ReadOnlySpan<byte> line, int maximumLine)
    {
        line = line.TrimStart((byte)0);
        return line.Length > maximumLine ? line[..maximumLine] : line;
    }
}
