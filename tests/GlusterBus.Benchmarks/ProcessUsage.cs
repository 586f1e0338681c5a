using System.Globalization;
using System.Text;

namespace GlusterBus.Benchmarks;

/// <summary>What some processes have, summed, as the kernel counts it.</summary>
/// <param name="Processes">How many.</param>
/// <param name="Resident">Bytes in memory, files that others map too included.</param>
/// <param name="Anonymous">Bytes in memory that are no file's.</param>
/// <param name="Proportional">Bytes in memory, each page divided by the number of processes that have it.</param>
/// <param name="Own">Seconds of processor time.</param>
/// <param name="WithChildren">The same with that of the commands that they ran and waited for.</param>
internal sealed record ProcessUsage(int Processes, long Resident, long Anonymous, long Proportional, double Own, double WithChildren)
{
    private const double TicksPerSecond = 100;

    /// <param name="root">A process.</param>
    /// <param name="isOne">Which of it and of those below it count, by their command lines.</param>
    public static ProcessUsage Of(int root, Func<string[], bool> isOne) => Tree(root).Where(id => Command(id) is [_, ..] command && isOne(command)).Select(OfOne)
        .Aggregate(new ProcessUsage(0, 0, 0, 0, 0, 0), (a, b) => new ProcessUsage(
            a.Processes + 1, a.Resident + b.Resident, a.Anonymous + b.Anonymous, a.Proportional + b.Proportional, a.Own + b.Own, a.WithChildren + b.WithChildren));

    private static ProcessUsage OfOne(int id)
    {
        string stat = File.ReadAllText($"/proc/{id}/stat");
        double[] ticks = [.. stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[11..15].Select(field => double.Parse(field, CultureInfo.InvariantCulture))];
        return new ProcessUsage(
            1, Kilobytes($"/proc/{id}/status", "VmRSS:"), Kilobytes($"/proc/{id}/status", "RssAnon:"), Kilobytes($"/proc/{id}/smaps_rollup", "Pss:"),
            (ticks[0] + ticks[1]) / TicksPerSecond, ticks.Sum() / TicksPerSecond);
    }

    private static long Kilobytes(string file, string name) =>
        long.Parse(File.ReadLines(file).First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;

    private static string[] Command(int id) => Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{id}/cmdline")).Split('\0', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<int> Tree(int id) => Directory.EnumerateDirectories($"/proc/{id}/task")
        .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .SelectMany(child => Tree(int.Parse(child, CultureInfo.InvariantCulture))).Prepend(id);
}
