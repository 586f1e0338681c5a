using GlusterBus.Contracts.Entities;
using Spectre.Console;

namespace GlusterBus.Host.Verbs;

/// <summary>Standard output for tables and trees. Without a terminal lines are not wrapped and not filled up with blanks; with <c>NO_COLOR</c> nothing is coloured.</summary>
internal static class Terminal
{
    /// <summary>Wide enough for any row in a pipe.</summary>
    private const int Unbounded = 4000;

    public static IAnsiConsole Output
    {
        get
        {
            IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
            {
                Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
                ColorSystem = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
                Out = Console.IsOutputRedirected ? new AnsiConsoleOutput(new TrimmingWriter(Console.Out)) : null,
            });
            if (Console.IsOutputRedirected)
            {
                console.Profile.Width = Unbounded;
            }

            return console;
        }
    }

    public static Style Style(Severity severity) => severity switch
    {
        Severity.Ok => new Style(Color.Green),
        Severity.Info => new Style(Color.Aqua),
        Severity.Warning => new Style(Color.Yellow),
        Severity.Error => new Style(Color.Red),
        Severity.Critical => new Style(Color.Red, decoration: Decoration.Bold),
        _ => new Style(Color.Fuchsia),
    };
}
