using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Plugins;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors.LogTail;

/// <summary>Tails the logs of glusterd, the bricks, the self-heal daemon and the mounts of one node.</summary>
/// <remarks>Each file is a stream <c>&lt;node&gt;/logs/&lt;log&gt;#&lt;fingerprint&gt;</c> of epoch 0 whose sequence is the byte offset after the line.</remarks>
public sealed partial class LogsCollector(LogsOptions options, NodeContext node, TimeProvider clock, ILogger<LogsCollector> logger) : ICollector, IConnectionTest, IPlugin
{
    public static PluginSpec Spec => PluginSpec.For<LogsOptions>(
        name: "logs",
        summary: "Log files of glusterd, bricks, self-heal daemon and mounts, read line by line across rotation and restart.",
        example: """{ "directory": "/var/log/glusterfs", "exclude": ["cli.log", "cmd_history.log", "events.log"], "startAt": "end" }""",
        onByDefault: true);

    public async Task RunAsync(IObservationSink sink, CancellationToken cancellationToken)
    {
        await Task.Yield(); // Opening many files is no work for whoever starts the collectors.
        using var pump = new LogPump<RuleReader>(new RuleReader(LogRuleSet.Embedded, LogRuleFailed), options.MaxLineLength);
        using var tailer = new LogTailer(options, node, pump, clock, logger);
        await node.WhenKnown.WaitAsync(cancellationToken);
        using var timer = new PeriodicTimer(options.PollInterval, clock);
        try
        {
            do
            {
                while (await tailer.PollAsync(sink, cancellationToken))
                {
                    tailer.SaveIfDue();
                }

                tailer.SaveIfDue();
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        finally
        {
            tailer.Save();
        }
    }

    /// <summary>Tests that the folder and each log in it can be read.</summary>
    public Task<IReadOnlyList<CheckResult>> CheckAsync(CancellationToken cancellationToken)
    {
        const string Remedy = "run GlusterBus as root, or let its user read the logs: setfacl -R -m u:glusterbus:rX,d:u:glusterbus:rX ";
        var folder = new LogFolder(options.Directory, options.Include, options.Exclude);
        var results = new List<CheckResult>();
        int readable = 0;
        try
        {
            if (FileStatus.Of(folder.Root) is null)
            {
                return Task.FromResult<IReadOnlyList<CheckResult>>(
                    [new($"log folder {folder.Root}", "does not exist", "set 'directory' of the logs collector to the folder that Gluster writes its logs to", IsWarning: true)]);
            }

            foreach (string log in folder.Scan((path, e) => results.Add(new($"log folder {path}", e.Message, Remedy + folder.Root))).Keys)
            {
                string path = folder.PathOf(log);
                try
                {
                    using LogSource? source = LogSource.Open(path);
                    readable += source is null ? 0 : 1;
                }
                catch (Exception e) when (e is UnauthorizedAccessException or IOException)
                {
                    results.Add(new($"log {path}", e.Message, Remedy + folder.Root));
                }
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            results.Add(new($"log folder {folder.Root}", e.Message, Remedy + folder.Root));
        }

        if (results.Count == 0)
        {
            results.Add(readable > 0
                ? new($"log folder {folder.Root}: {readable} logs")
                : new($"log folder {folder.Root}", "holds no log", "is this the folder that Gluster writes its logs to? See 'directory' of the logs collector", IsWarning: true));
        }

        return Task.FromResult<IReadOnlyList<CheckResult>>(results);
    }

    [LoggerMessage(LogLevel.Error, "A log rule failed on the line before byte {Offset} of {File}; the line is passed over")]
    private partial void LogRuleFailed(Exception reason, string file, long offset);
}
