using System.Diagnostics;
using System.Globalization;
using GlusterBus.Collectors.LogTail;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Benchmarks;

/// <summary>What the log rules cost on real logs: the gate per line, the reader per line that passes it.</summary>
public static class LogRulesBench
{
    /// <summary>How long each measurement repeats its work; the best round counts, so that neither warming up nor other work on the machine does.</summary>
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);

    /// <param name="args">Log files and folders of logs.</param>
    public static int Run(string[] args)
    {
        List<(LogKind Kind, byte[] Bytes, List<Range> Lines)> files = [.. args.SelectMany(Files).Select(Load)];
        if (files.Count == 0)
        {
            Console.Error.WriteLine("usage: log-rules <file or folder of logs>…");
            return 2;
        }

        LogRuleSet rules = LogRuleSet.Embedded;
        var node = new NodeContext("gl1", null!, "/nowhere", 1);
        var wanted = new List<(LogLineContext Context, ReadOnlyMemory<byte> Line)>();
        long bytes = 0, lines = 0;
        foreach ((LogKind kind, byte[] content, List<Range> ranges) in files)
        {
            bytes += content.Length;
            lines += ranges.Count;
            var context = new LogLineContext(kind, "/var/log/glusterfs/x.log", 1, node, TimeProvider.System, kind == LogKind.Brick ? "/srv/b1" : null);
            wanted.AddRange(ranges.Where(r => rules.IsWanted(content.AsSpan(r))).Select(r => (context, (ReadOnlyMemory<byte>)content.AsMemory(r))));
        }

        double gate = Best(() =>
        {
            int passed = 0;
            foreach ((_, byte[] content, List<Range> ranges) in files)
            {
                foreach (Range range in ranges)
                {
                    passed += rules.IsWanted(content.AsSpan(range)) ? 1 : 0;
                }
            }

            return passed;
        });
        var output = new List<Observation>();
        long known = 0, allocated = 0, told = 0;
        double read = Best(() =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            known = told = 0;
            foreach ((LogLineContext context, ReadOnlyMemory<byte> line) in wanted)
            {
                output.Clear();
                known += rules.Read(line.Span, context, output);
                told += output.Count;
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            return (int)known;
        });

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"lines     {lines:N0} of {(double)bytes / lines:F0} bytes"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"gate      {gate / lines:F1} ns/line; {wanted.Count:N0} lines pass ({100.0 * wanted.Count / lines:F1} %)"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"read      {read / wanted.Count:F0} ns and {allocated / wanted.Count:N0} bytes allocated per line that passed; {known:N0} known, {told:N0} tell something"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"together  {bytes / (gate + read):F2} GB/s without finding the line ends"));
        return 0;
    }

    private static double Best(Func<int> work)
    {
        double best = double.MaxValue;
        long begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < Duration)
        {
            long start = Stopwatch.GetTimestamp();
            GC.KeepAlive(work());
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        }

        return best;
    }

    private static IEnumerable<string> Files(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.log*", SearchOption.AllDirectories).Order(StringComparer.Ordinal) : [path];

    private static (LogKind Kind, byte[] Bytes, List<Range> Lines) Load(string path)
    {
        string name = Path.GetFileName(path);
        LogKind kind = name.StartsWith("glusterd.log", StringComparison.Ordinal) ? LogKind.Glusterd
            : Path.GetFileName(Path.GetDirectoryName(path)) == "bricks" ? LogKind.Brick
            : name.StartsWith("glustershd.log", StringComparison.Ordinal) ? LogKind.SelfHeal
            : name.StartsWith("mnt-", StringComparison.Ordinal) ? LogKind.Mount : LogKind.Other;
        byte[] bytes = File.ReadAllBytes(path);
        var lines = new List<Range>();
        for (int start = 0, end; (end = Array.IndexOf(bytes, (byte)'\n', start)) >= 0; start = end + 1)
        {
            lines.Add(start..end);
        }

        return (kind, bytes, lines);
    }
}
