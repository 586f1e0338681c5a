using System.Globalization;
using System.Text.RegularExpressions;

namespace GlusterBus.Host.Api;

/// <summary>Reads the times that people type. Times without a zone are local.</summary>
public static partial class TimeText
{
    /// <summary>What is taken, for errors and help.</summary>
    public const string Accepted = "a time such as 2026-11-22T09:16:00Z, \"2026-11-22 09:16\", 09:16, \"yesterday 03:00\", or how long ago: 90s, 15m, 24h, 7d";

    private static readonly string[] LocalForms =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm:ss.FFFFFFF"];

    private static readonly string[] ClockForms = ["H:mm", "H:mm:ss", "H:mm:ss.FFFFFFF"];

    /// <param name="text">What was typed.</param>
    /// <param name="now">The present.</param>
    /// <param name="zone">The zone of times that name none.</param>
    /// <param name="time">The instant.</param>
    public static bool TryParse(string text, DateTimeOffset now, TimeZoneInfo zone, out DateTimeOffset time)
    {
        text = text.Trim();
        time = now;
        if (text == "now")
        {
            return true;
        }

        if (TryDuration(text, out TimeSpan ago))
        {
            time = now - ago;
            return true;
        }

        DateTime today = TimeZoneInfo.ConvertTime(now, zone).Date;
        if (DateTime.TryParseExact(text, ClockForms, CultureInfo.InvariantCulture, DateTimeStyles.NoCurrentDateDefault, out DateTime clock))
        {
            // A clock time means its last occurrence: at 08:00, "09:16" was yesterday.
            time = In(zone, today + clock.TimeOfDay);
            time = time > now ? In(zone, today.AddDays(-1) + clock.TimeOfDay) : time;
            return true;
        }

        if (Day().Match(text) is { Success: true } day)
        {
            TimeSpan ofDay = default;
            if (day.Groups["clock"].Success && !TryClock(day.Groups["clock"].Value, out ofDay))
            {
                return false;
            }

            time = In(zone, today.AddDays(day.Groups["day"].Value == "yesterday" ? -1 : 0) + ofDay);
            return true;
        }

        if (DateTime.TryParseExact(text, LocalForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime local))
        {
            time = In(zone, local);
            return true;
        }

        return Zoned().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
    }

    /// <summary>A duration such as <c>90s</c>, <c>1h30m</c>, <c>-2h</c> or <c>2h ago</c>; always positive.</summary>
    public static bool TryDuration(string text, out TimeSpan duration)
    {
        Match match = Duration().Match(text);
        duration = TimeSpan.Zero;
        if (!match.Success)
        {
            return false;
        }

        try
        {
            CaptureCollection numbers = match.Groups["number"].Captures;
            for (int i = 0; i < numbers.Count; i++)
            {
                double number = double.Parse(numbers[i].ValueSpan, CultureInfo.InvariantCulture);
                duration += match.Groups["unit"].Captures[i].Value switch
                {
                    "s" => TimeSpan.FromSeconds(number),
                    "m" or "min" => TimeSpan.FromMinutes(number),
                    "h" => TimeSpan.FromHours(number),
                    "d" => TimeSpan.FromDays(number),
                    _ => TimeSpan.FromDays(7 * number),
                };
            }

            return duration < TimeSpan.FromDays(36500);
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private static bool TryClock(string text, out TimeSpan clock)
    {
        bool isClock = DateTime.TryParseExact(text, ClockForms, CultureInfo.InvariantCulture, DateTimeStyles.NoCurrentDateDefault, out DateTime parsed);
        clock = parsed.TimeOfDay;
        return isClock;
    }

    private static DateTimeOffset In(TimeZoneInfo zone, DateTime local) => new(local, zone.GetUtcOffset(local));

    [GeneratedRegex(@"^-?((?<number>\d+(\.\d+)?)\s*(?<unit>s|min|m|h|d|w)\s*)+(ago)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();

    [GeneratedRegex(@"^(?<day>today|yesterday)(\s+(?<clock>\S+))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Day();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)$", RegexOptions.CultureInvariant)]
    private static partial Regex Zoned();
}
