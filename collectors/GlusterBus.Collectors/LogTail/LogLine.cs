namespace GlusterBus.Collectors.LogTail;

/// <summary>The parts of one Gluster log line, as views into its bytes.</summary>
/// <remarks><c>[time] L [MSGID: n] [file.c:12:function] (-->call stack ) 0-domain: text</c>; the message id and the call stack are optional,
/// and newer libglusterfs messages write <c>[MSGID:n]</c> without the blank.</remarks>
internal readonly ref struct LogLine
{
    /// <summary>The longest domain taken, in bytes; what is longer is no log line.</summary>
    private const int MaximumDomain = 1024;

    /// <summary>When it was written; for a summary of repeats the time of the last one. Null where the stamp can't be read.</summary>
    public DateTimeOffset? Time { get; private init; }

    /// <summary>Zero for a line without a message id.</summary>
    public int MessageId { get; private init; }

    /// <summary>The source file's name, such as <c>glusterd-utils.c</c>.</summary>
    public ReadOnlySpan<byte> Source { get; private init; }

    public ReadOnlySpan<byte> Function { get; private init; }

    /// <summary>Graph number and translator, such as <c>0-management</c> or <c>13-rv-posix</c>.</summary>
    public ReadOnlySpan<byte> Domain { get; private init; }

    /// <summary>What follows the domain, without blanks at its end.</summary>
    public ReadOnlySpan<byte> Text { get; private init; }

    /// <summary>How often it happened: more than 1 only for a summary of repeats.</summary>
    public int Count { get; private init; }

    /// <summary>Takes a line (without its line feed) apart. False for anything that is not such a line.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, out LogLine result)
    {
        result = default;
        int count = 1;
        ReadOnlySpan<byte> stamp;
        ReadOnlySpan<byte> rest;
        if (line.Length > 0 && line[0] == '[')
        {
            int close = line.IndexOf("] "u8);
            if (close < 0)
            {
                return false;
            }

            stamp = line[1..close];
            rest = line[(close + 2)..];
        }
        else if (!RepeatedMessage.TryRead(line, out rest, out count, out stamp))
        {
            return false;
        }

        if (rest.Length < 4 || rest[1] != ' ' || rest[2] != '[')
        {
            return false;
        }

        rest = rest[2..];
        int id = 0;
        if (rest.StartsWith("[MSGID:"u8) && !TryReadId(ref rest, out id))
        {
            return false;
        }

        int end = rest.IndexOf((byte)']');
        if (end < 0 || rest[0] != '[')
        {
            return false;
        }

        ReadOnlySpan<byte> place = rest[1..end];
        rest = rest[(end + 1)..].TrimStart((byte)' ');
        if (rest.StartsWith("(-->"u8))
        {
            int stackEnd = rest.IndexOf(" ) "u8);
            if (stackEnd < 0)
            {
                return false;
            }

            rest = rest[(stackEnd + 3)..];
        }

        int colon = rest[..Math.Min(rest.Length, MaximumDomain)].IndexOf(": "u8);
        if (colon < 0)
        {
            return false;
        }

        int fileEnd = place.IndexOf((byte)':');
        result = new LogLine
        {
            Time = LogTime.TryRead(stamp, out DateTimeOffset time) ? time : null,
            MessageId = id,
            Source = fileEnd < 0 ? place : place[..fileEnd],
            Function = place[(place.LastIndexOf((byte)':') + 1)..],
            Domain = rest[..colon],
            Text = rest[(colon + 2)..].TrimEnd((byte)' '),
            Count = count,
        };
        return true;
    }

    private static bool TryReadId(ref ReadOnlySpan<byte> rest, out int id)
    {
        id = 0;
        int at = "[MSGID:".Length;
        at += at < rest.Length && rest[at] == ' ' ? 1 : 0;
        int first = at;
        for (; at < rest.Length && at - first < 8 && char.IsAsciiDigit((char)rest[at]); at++)
        {
            id = (id * 10) + (rest[at] - '0');
        }

        if (at == first || at + 2 > rest.Length || rest[at] != ']' || rest[at + 1] != ' ')
        {
            return false;
        }

        rest = rest[(at + 2)..];
        return !rest.IsEmpty;
    }
}
