using System.Diagnostics;
using System.Globalization;
using GlusterBus.Collectors.LogTail;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Benchmarks;

/// <summary>How fast the tailer reads logs from the page cache on one core with all rules on, beside <c>grep -cF</c> over the same message ids in the same run.
/// All figures are of processor time, user and system, the garbage collector's and the compiler's with it.</summary>
public static class TailBench
{
    private const long Goal = 1_000_000_000;
    private const int Rounds = 5;

    /// <param name="args">Log files or folders of logs; the repository's fixtures when there are none.</param>
    /// <returns>0 when measured, 2 when there is nothing to read.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        string[] sources = [.. (args.Length > 0 ? args : [Fixtures()]).SelectMany(Files)];
        if (sources.Length == 0)
        {
            Console.Error.WriteLine("usage: tail [file or folder of logs]…");
            return 2;
        }

        DirectoryInfo work = Directory.CreateTempSubdirectory("glusterbus-tail-");
        try
        {
            string logs = Path.Combine(work.FullName, "logs");
            string[] files = Build(sources, logs);
            string ids = Path.Combine(work.FullName, "ids");
            WriteIds(ids);
            long bytes = files.Sum(file => new FileInfo(file).Length);

            // One core for everything: the garbage collector and the compiler take from the same.
            using var process = Process.GetCurrentProcess();
            if (OperatingSystem.IsLinux())
            {
                process.ProcessorAffinity = 1;
            }

            Grep(ids, files); // Warms the page cache.
            double grep = Best(_ => Grep(ids, files).Seconds);
            double? ripgrep = Ripgrep(ids, files) is null ? null : Best(_ => Ripgrep(ids, files)!.Value);
            var sink = new CountingSink();
            double tail = double.MaxValue;
            for (int round = 0; round < Rounds; round++)
            {
                sink = new CountingSink();
                string state = Path.Combine(work.FullName, $"state{round}");
                tail = Math.Min(tail, await ScanAsync(logs, state, sink));
            }

            long matches = Grep(ids, files).Count;
            long lines = files.Sum(CountLines);
            string report = string.Create(CultureInfo.InvariantCulture, $"""
                input      {bytes / 1e9:F2} GB in {files.Length} files, {lines:N0} lines of {(double)bytes / lines:F0} bytes; {matches:N0} lines ({100.0 * matches / lines:F1} %) hold a rule's message id
                glusterbus {bytes / tail / 1e9:F2} GB/s ({tail:F3} s), {sink.Observations:N0} observations in {sink.Batches:N0} batches
                grep -cF   {bytes / grep / 1e9:F2} GB/s ({grep:F3} s)
                ripgrep    {(ripgrep is { } seconds ? $"{bytes / seconds / 1e9:F2} GB/s ({seconds:F3} s)" : "not installed")}
                grep is {tail / grep:F2} times as fast as glusterbus
                """);
            Console.WriteLine(report);
            return 0;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private static async Task<double> ScanAsync(string logs, string state, CountingSink sink)
    {
        var options = new LogsOptions { Directory = logs, StartAt = LogStart.Beginning };
        var node = new NodeContext("gl1", null!, state, epoch: 1);
        using var pump = new LogPump<RuleReader>(new RuleReader(LogRuleSet.Embedded, (e, file, offset) => Console.Error.WriteLine($"{file}@{offset}: {e.Message}")), options.MaxLineLength);
        using var tailer = new LogTailer(options, node, pump, TimeProvider.System, NullLogger.Instance);
        TimeSpan start = Environment.CpuUsage.TotalTime;
        while (await tailer.PollAsync(sink, CancellationToken.None))
        {
        }

        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }

    /// <summary>Repeats the logs, sorted by who writes them as on a node, until they are one gigabyte.</summary>
    private static string[] Build(string[] sources, string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "bricks"));
        int times = (int)Math.Ceiling(Goal / (double)Math.Max(1, sources.Sum(file => new FileInfo(file).Length)));
        var written = new List<string>();
        foreach (IGrouping<string, string> group in sources.GroupBy(NameOf))
        {
            byte[] content = [.. group.SelectMany(file => File.ReadAllBytes(file) is var bytes && bytes is [.., (byte)'\n'] or [] ? bytes : [.. bytes, (byte)'\n'])];
            string path = Path.Combine(folder, group.Key);
            using FileStream stream = File.Create(path);
            for (int i = 0; i < times; i++)
            {
                stream.Write(content);
            }

            written.Add(path);
        }

        return [.. written];
    }

    private static string NameOf(string path) =>
        LogFolder.KindOf(Path.GetFileName(Path.GetDirectoryName(path)) == "bricks" ? "bricks/x.log" : Path.GetFileName(path)) switch
        {
            LogKind.Glusterd => "glusterd.log",
            LogKind.SelfHeal => "glustershd.log",
            LogKind.Brick => "bricks/srv-b1.log",
            LogKind.Mount => "mnt-v1.log",
            _ => "bitd.log",
        };

    private static void WriteIds(string path) => File.WriteAllLines(
        path,
        LogRuleSet.Embedded.Rules.Select(rule => rule.File.MessageId is { } id ? $"[MSGID: {id}]" : $"[{rule.File.Source}:").Distinct());

    private static (double Seconds, long Count) Grep(string ids, string[] files)
    {
        (double seconds, string output) = Run("grep", ["-chF", "-f", ids, .. files]);
        return (seconds, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Sum(line => long.Parse(line, CultureInfo.InvariantCulture)));
    }

    private static double? Ripgrep(string ids, string[] files)
    {
        try
        {
            return Run("rg", ["-cF", "-j1", "-f", ids, .. files]).Seconds;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Runs a child, which inherits the one core, and returns its processor time: on a busy machine the time on the wall says little.</summary>
    private static (double Seconds, string Output) Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo("bash", ["-c", "TIMEFORMAT='%U %S'; time \"$@\"", "bash", program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C";
        using Process child = Process.Start(start)!;
        string output = child.StandardOutput.ReadToEnd();
        string times = child.StandardError.ReadToEnd();
        child.WaitForExit();
        const int NotFound = 127;
        if (child.ExitCode == NotFound)
        {
            throw new FileNotFoundException(program);
        }

        return (times.Split(' ').Sum(text => double.Parse(text, CultureInfo.InvariantCulture)), output);
    }

    private static double Best(Func<int, double> measure) => Enumerable.Range(0, Rounds).Min(measure);

    private static long CountLines(string path)
    {
        byte[] buffer = new byte[1024 * 1024];
        using FileStream stream = File.OpenRead(path);
        long lines = 0;
        while (stream.Read(buffer) is var count and > 0)
        {
            lines += buffer.AsSpan(0, count).Count((byte)'\n');
        }

        return lines;
    }

    private static IEnumerable<string> Files(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.log", SearchOption.AllDirectories).Order(StringComparer.Ordinal) : [path];

    private static string Fixtures()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string logs = Path.Combine(folder.FullName, "tests/fixtures/logs");
            if (Directory.Exists(logs))
            {
                return logs;
            }
        }

        return Directory.GetCurrentDirectory();
    }

    private sealed class CountingSink : IObservationSink
    {
        public long Observations { get; private set; }

        public long Batches { get; private set; }

        public ValueTask PublishAsync(ObservationBatch batch, CancellationToken cancellationToken)
        {
            Observations += batch.Observations.Count;
            Batches++;
            return ValueTask.CompletedTask;
        }
    }
}
