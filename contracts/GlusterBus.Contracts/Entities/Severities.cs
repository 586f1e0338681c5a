namespace GlusterBus.Contracts.Entities;

/// <summary>The names of <see cref="Severity"/> on the wire: lower case.</summary>
public static class Severities
{
    private static readonly string[] Names = ["ok", "info", "unknown", "warning", "error", "critical"];

    public static string Name(this Severity severity) => Names[(int)severity];

    /// <exception cref="FormatException">There is no severity of that name.</exception>
    public static Severity Parse(string name) =>
        TryParse(name, out Severity severity) ? severity : throw new FormatException($"'{name}' is no severity; there are {string.Join(", ", Names)}");

    public static bool TryParse(string name, out Severity severity)
    {
        int index = Array.IndexOf(Names, name);
        severity = (Severity)Math.Max(index, 0);
        return index >= 0;
    }
}
