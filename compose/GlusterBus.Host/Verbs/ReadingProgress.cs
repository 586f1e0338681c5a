using Spectre.Console;

namespace GlusterBus.Host.Verbs;

/// <summary>Shows on standard error how far a reading has come. Only on a terminal, and only where nothing else is written to it.</summary>
internal static class ReadingProgress
{
    /// <param name="title">What is done.</param>
    /// <param name="isAlone">True when nothing else goes to the terminal meanwhile.</param>
    /// <param name="work">Does it, and tells a share from 0 to 1; gets null when nobody would see it.</param>
    public static Task ShowAsync(string title, bool isAlone, Func<Action<double>?, Task> work) => isAlone && !Console.IsErrorRedirected
        ? ShowAsync(title, AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }), work)
        : work(null);

    internal static Task ShowAsync(string title, IAnsiConsole console, Func<Action<double>?, Task> work) =>
        console.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new SpinnerColumn()).StartAsync(async context =>
        {
            ProgressTask task = context.AddTask(title, maxValue: 1);
            await work(share => task.Value = share);
        });
}
