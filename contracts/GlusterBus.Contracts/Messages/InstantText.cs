using System.Text;

namespace GlusterBus.Contracts.Messages;

/// <summary>Instants as all our messages have them: RFC 3339 in UTC with microseconds, as Gluster's own logs have.</summary>
/// <remarks>Digit by digit, since every observation holds one: a format string is read again for each of them.</remarks>
internal static class InstantText
{
    /// <summary>The length of <c>2026-11-22T09:16:38.618917Z</c>, in characters and in bytes.</summary>
    public const int Length = 27;

    /// <summary>Writes an instant as ASCII.</summary>
    /// <param name="text">Takes <see cref="Length"/> bytes.</param>
    public static void Write(DateTimeOffset time, Span<byte> text)
    {
        DateTime utc = time.UtcDateTime;
        Digits(text[..4], utc.Year);
        text[4] = text[7] = (byte)'-';
        Digits(text[5..7], utc.Month);
        Digits(text[8..10], utc.Day);
        text[10] = (byte)'T';
        Digits(text[11..13], utc.Hour);
        text[13] = text[16] = (byte)':';
        Digits(text[14..16], utc.Minute);
        Digits(text[17..19], utc.Second);
        text[19] = (byte)'.';
        Digits(text[20..26], (int)(utc.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond));
        text[26] = (byte)'Z';
    }

    /// <summary>An instant as text.</summary>
    public static string Of(DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[Length];
        Write(time, text);
        return Encoding.ASCII.GetString(text);
    }

    private static void Digits(Span<byte> text, int number)
    {
        for (int i = text.Length - 1; i >= 0; i--)
        {
            text[i] = (byte)('0' + (number % 10));
            number /= 10;
        }
    }
}
