using System.Threading.Channels;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Concurrency;
using GlusterBus.Runtime.DBus;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors.Systemd;

/// <summary>Watches the services of this node through systemd: how glusterd's unit is, and that of others.</summary>
/// <remarks>A run is one connection: when the bus or systemd leaves, it ends and the tier starts it again, which tells the whole state anew.</remarks>
public sealed partial class SystemdCollector(SystemdOptions options, NodeContext node, TimeProvider clock, ILogger<SystemdCollector> logger)
    : ICollector, IPlugin, IConnectionTest
{
    private readonly Signal _lookSoon = new();
    private long _sequence;

    public static PluginSpec Spec => PluginSpec.For<SystemdOptions>(
        name: UnitMapping.Source,
        summary: "How systemd sees glusterd and other services of the node: loaded, active, how often it started them again.",
        example: """{ "units": ["nfs-ganesha.service"] }""");

    public async Task RunAsync(IObservationSink sink, CancellationToken cancellationToken)
    {
        using var run = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            using SystemdConnection systemd = await SystemdConnection.OpenAsync(options.Bus, clock, cancellationToken);
            Task looking = LookAsync(systemd, run.Token);
            Task telling = TellAsync(systemd.Reports, sink, run.Token);
            Task first = await Task.WhenAny(looking, telling);
            await run.CancelAsync();
            await Task.WhenAll(looking, telling).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await first;
        }
        catch (Exception e) when (BusTrouble.Is(e))
        {
            throw new IOException(SystemdTrouble.Text(e, options.Bus), e);
        }
    }

    public async Task<IReadOnlyList<CheckResult>> CheckAsync(CancellationToken cancellationToken)
    {
        string subject = $"systemd on the bus {options.Bus}";
        var results = new List<CheckResult>();
        try
        {
            using SystemdConnection systemd = await SystemdConnection.OpenAsync(options.Bus, clock, cancellationToken);
            foreach (string unit in options.All)
            {
                await systemd.LookAsync(unit, await systemd.WatchAsync(unit, cancellationToken), cancellationToken);
                var state = new UnitState();
                while (systemd.Reports.TryRead(out UnitReport? report))
                {
                    state = state.With(report.Values);
                }

                results.Add(state.LoadState == "loaded"
                    ? new CheckResult($"{subject}: {unit} is {state.ActiveState}")
                    : new CheckResult($"{subject}: {unit}", $"the unit is {state.LoadState}", "name the services that this node has: `systemctl list-unit-files '*gluster*'`", IsWarning: true));
            }
        }
        catch (Exception e) when (BusTrouble.Is(e))
        {
            results.Add(new CheckResult(subject, SystemdTrouble.Text(e, options.Bus), "leave the collector out where there is no systemd"));
        }

        return results;
    }

    private async Task LookAsync(SystemdConnection systemd, CancellationToken cancellationToken)
    {
        await systemd.SubscribeAsync(_lookSoon.Set, cancellationToken);
        var paths = new List<(string Unit, string Path)>();
        foreach (string unit in options.All)
        {
            paths.Add((unit, await systemd.WatchAsync(unit, cancellationToken)));
        }

        LogWatching(string.Join(", ", options.All), options.Bus);
        while (true)
        {
            foreach ((string unit, string path) in paths)
            {
                await systemd.LookAsync(unit, path, cancellationToken);
            }

            await _lookSoon.WaitAsync(options.Interval, clock, cancellationToken);
        }
    }

    private async Task TellAsync(ChannelReader<UnitReport> reports, IObservationSink sink, CancellationToken cancellationToken)
    {
        // As every source: the rebuild comes first. Reports gather meanwhile.
        await node.WhenKnown.WaitAsync(cancellationToken);
        var known = new Dictionary<string, UnitState>(StringComparer.Ordinal);
        var told = new Dictionary<string, UnitState>(StringComparer.Ordinal);
        await foreach (UnitReport report in reports.ReadAllAsync(cancellationToken))
        {
            UnitState state = known[report.Unit] = known.GetValueOrDefault(report.Unit, new UnitState()).With(report.Values);
            if (report.IsWhole && state.LoadState is not null && state != told.GetValueOrDefault(report.Unit))
            {
                told[report.Unit] = state;
                await PublishAsync(UnitMapping.Observe(report.Unit, report.Unit == options.Glusterd, state, node.Name, report.LookedAt), sink, cancellationToken);
            }
        }
    }

    private async Task PublishAsync(IReadOnlyList<Observation> observations, IObservationSink sink, CancellationToken cancellationToken)
    {
        if (observations.Count > 0)
        {
            await sink.PublishAsync(
                new ObservationBatch
                {
                    Stream = $"{node.Name}/{UnitMapping.Source}",
                    Epoch = node.Epoch,
                    Observations = [.. observations.Select(o => o with { Sequence = ++_sequence })],
                },
                cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Information, "systemd tells of {Units} on the bus {Bus}")]
    private partial void LogWatching(string units, string bus);
}
