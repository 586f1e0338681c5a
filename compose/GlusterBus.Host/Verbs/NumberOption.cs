using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace GlusterBus.Host.Verbs;

/// <summary>Options that take a number within bounds; what is no such number is told in one line with the bounds.</summary>
internal static class NumberOption
{
    /// <summary>An option that takes a number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    /// <param name="option">Names and description; its parser is set here.</param>
    /// <param name="least">The least that is accepted.</param>
    /// <param name="most">The most that is accepted.</param>
    /// <param name="unit">What may follow the number, such as the x of 4x.</param>
    public static Option<T?> Within<T>(this Option<T?> option, T least, T most, string unit = "")
        where T : struct, INumber<T>
    {
        option.CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            string number = unit.Length > 0 && text.EndsWith(unit, StringComparison.Ordinal) ? text[..^unit.Length] : text;
            if (T.TryParse(number, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out T value) && value >= least && value <= most)
            {
                return value;
            }

            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} takes a number from {least} to {most}"));
            return null;
        };
        return option;
    }
}
