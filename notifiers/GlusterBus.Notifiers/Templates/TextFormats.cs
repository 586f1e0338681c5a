using System.Globalization;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Notifiers.Templates;

/// <summary>What stands behind a colon in a placeholder: how its value is written.</summary>
internal static class TextFormats
{
    public const string Number = "number";

    private const string ForTexts = "oneline, slack, url, a number of characters such as 300";
    private const string ForTimes = "unix, utc, a shift such as +7d, -90s, +5m or +1h";

    /// <summary>The format of that name.</summary>
    /// <param name="name">As written.</param>
    /// <param name="isTime">True where the value is still a time; becomes false where the format makes a text of it.</param>
    /// <exception cref="TemplateException">There is no such format for that kind of value.</exception>
    public static Func<object, object> Find(string name, ref bool isTime)
    {
        if (isTime)
        {
            isTime = name is not ("unix" or "utc");
            return name switch
            {
                "unix" => time => ((DateTimeOffset)time).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
                "utc" => time => ((DateTimeOffset)time).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture),
                _ when Shift(name) is { } shift => time => Shifted((DateTimeOffset)time, shift),
                _ => throw new TemplateException($"there is no format '{name}' for a time; known: {ForTimes}"),
            };
        }

        return name switch
        {
            "oneline" => text => ((string)text).Replace("\n", "; ", StringComparison.Ordinal),

            // The three characters that Slack reads as markup: a log line must not be able to call <!channel>.
            "slack" => text => ((string)text).Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal),
            "url" => text => Uri.EscapeDataString((string)text),
            _ when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int most) && most > 0 => text => Cut((string)text, most),
            _ => throw new TemplateException($"there is no format '{name}' for a text; known: {ForTexts}"),
        };
    }

    /// <summary>The text of a value that no format has made one yet.</summary>
    public static string Text(object value) => value is DateTimeOffset time ? TransitionJson.Time(time) : (string)value;

    /// <summary>The beginning of a text, marked where something is missing. Never half a character.</summary>
    public static string Cut(string text, int most)
    {
        if (text.Length <= most)
        {
            return text;
        }

        int keep = most - 1;
        keep -= keep > 0 && char.IsHighSurrogate(text[keep - 1]) ? 1 : 0;
        return string.Concat(text.AsSpan(0, keep), "…");
    }

    private static TimeSpan? Shift(string name)
    {
        bool isShift = name.Length is >= 3 and <= 7 && name[0] is '+' or '-';
        if (!isShift || !int.TryParse(name.AsSpan(1, name.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            return null;
        }

        count = name[0] == '-' ? -count : count;
        return name[^1] switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            'd' => TimeSpan.FromDays(count),
            _ => null,
        };
    }

    private static DateTimeOffset Shifted(DateTimeOffset time, TimeSpan by)
    {
        // Times come from logs: one at the end of the calendar must not stop a delivery for ever.
        long ticks = Math.Clamp(time.UtcTicks + by.Ticks, DateTimeOffset.MinValue.Ticks, DateTimeOffset.MaxValue.Ticks);
        return new DateTimeOffset(ticks, TimeSpan.Zero);
    }
}
