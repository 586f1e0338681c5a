using System.Buffers;

namespace GlusterBus.Collectors.Systemd;

/// <summary>Names of units, as systemd has them (unit-name.c). Pure.</summary>
internal static class UnitName
{
    private const string Suffix = ".service";

    private const int MaximumLength = 255;

    private static readonly SearchValues<char> Taken = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@");

    /// <summary>True for the full name of a service.</summary>
    public static bool IsService(string unit) =>
        unit.Length > Suffix.Length && unit.Length <= MaximumLength
        && unit.EndsWith(Suffix, StringComparison.Ordinal)
        && unit[0] != '@'
        && !unit.AsSpan().ContainsAnyExcept(Taken);

    /// <summary>The name without its suffix.</summary>
    public static string Short(string unit) => unit[..^Suffix.Length];
}
