namespace GlusterBus.Collectors.LogTail;

/// <summary>Reads Gluster's time stamps: <c>2026-11-22 09:16:38.618917 +0000</c>, before release-9 without the offset.</summary>
internal static class LogTime
{
    private const int SecondsLength = 19;

    /// <summary>Reads a stamp to the microsecond. Without an offset it is UTC: <c>cluster.localtime-logging</c> can't be told from such a line.</summary>
    /// <remarks>The fraction counts microseconds however many digits it has: gsyncd writes it without leading zeros.</remarks>
    public static bool TryRead(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length < SecondsLength || text[4] != '-' || text[7] != '-' || text[10] != ' ' || text[13] != ':' || text[16] != ':')
        {
            return false;
        }

        int year = (Two(text, 0) * 100) + Two(text, 2);
        int month = Two(text, 5);
        int day = Two(text, 8);
        int hour = Two(text, 11);
        int minute = Two(text, 14);
        int second = Two(text, 17);
        bool isDate = year is >= 1 and <= 9998 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month);
        if (!isDate || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[SecondsLength..];
        long microseconds = 0;
        if (rest.Length > 1 && rest[0] == '.')
        {
            int digits = 1;
            while (digits < rest.Length && digits <= 6 && char.IsAsciiDigit((char)rest[digits]))
            {
                microseconds = (microseconds * 10) + (rest[digits++] - '0');
            }

            rest = rest[digits..];
        }

        int offset = 0;
        if (rest.Length == 6 && rest[0] == ' ' && rest[1] is (byte)'+' or (byte)'-')
        {
            int hours = Two(rest, 2);
            int minutes = Two(rest, 4);
            if (hours is < 0 or > 14 || minutes is < 0 or > 59)
            {
                return false;
            }

            offset = (rest[1] == '-' ? -1 : 1) * ((hours * 60) + minutes);
        }
        else if (rest.Length != 0)
        {
            return false;
        }

        // A leap second is the first instant of the next minute.
        long ticks = new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Utc).Ticks
            + (second * TimeSpan.TicksPerSecond) + (microseconds * TimeSpan.TicksPerMicrosecond) - (offset * TimeSpan.TicksPerMinute);
        if (ticks < 0)
        {
            return false;
        }

        time = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    // Anything but two digits gives a negative number, which no bound above lets through.
    private static int Two(ReadOnlySpan<byte> text, int at)
    {
        int tens = text[at] - '0';
        int ones = text[at + 1] - '0';
        return (uint)tens > 9 || (uint)ones > 9 ? -10_000 : (tens * 10) + ones;
    }
}
