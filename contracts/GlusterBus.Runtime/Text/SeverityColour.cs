using GlusterBus.Contracts.Entities;

namespace GlusterBus.Runtime.Text;

/// <summary>The colours of severities on a terminal, the same wherever a transition is shown as a line.</summary>
public static class SeverityColour
{
    /// <summary>A line in the colour of its severity, as ANSI escapes that end with the line.</summary>
    public static string Paint(string line, Severity severity) => $"\e[{Code(severity)}m{line}\e[0m";

    private static string Code(Severity severity) => severity switch
    {
        Severity.Ok => "32",
        Severity.Info => "36",
        Severity.Warning => "33",
        Severity.Error => "31",
        Severity.Critical => "1;31",
        _ => "35",
    };
}
