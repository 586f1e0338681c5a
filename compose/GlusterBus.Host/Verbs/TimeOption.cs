using System.CommandLine;
using System.CommandLine.Parsing;
using GlusterBus.Host.Api;

namespace GlusterBus.Host.Verbs;

/// <summary>Options whose value is an instant, in the forms of <see cref="TimeText"/>.</summary>
internal static class TimeOption
{
    /// <param name="name">The option.</param>
    /// <param name="description">What it restricts.</param>
    /// <param name="aliases">Other names for it.</param>
    public static Option<DateTimeOffset?> Create(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = "time", CustomParser = result => Parse(name, result) };

    private static DateTimeOffset? Parse(string name, ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (TimeText.TryParse(text, TimeProvider.System.GetUtcNow(), TimeZoneInfo.Local, out DateTimeOffset time))
        {
            return time;
        }

        result.AddError($"{name}: '{text}' is no time; write {TimeText.Accepted}");
        return null;
    }
}
