using System.Diagnostics.Metrics;
using GlusterBus.Collectors.GetState;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Telemetry;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors;

/// <summary>Runs the collectors of one node, each on its own: one that fails is started again with growing pauses, and the failure is
/// itself an observation (<c>collector/&lt;node&gt;/&lt;plugin&gt;</c> online or blind).</summary>
/// <param name="clock">Time of pauses and observations.</param>
/// <param name="random">Spreads the pauses, so that collectors that failed together do not come back together.</param>
public sealed partial class CollectorRunner(TimeProvider clock, Random random, ILogger<CollectorRunner> logger)
{
    private static readonly Counter<long> Failures = Telemetry.Meter.CreateCounter<long>("glusterbus_collector_failures_total", description: "Runs of a collector that ended with an error");

    private readonly Lock _randomGate = new();

    /// <summary>Runs until cancelled; then returns when all have ended. Throws nothing for a collector that fails.</summary>
    public async Task RunAsync(NodeContext node, IReadOnlyList<(string Name, ICollector Collector)> collectors, IObservationSink sink, CancellationToken cancellationToken)
    {
        var heard = new HearingSink(node, new TracedSink(sink));
        if (!collectors.Any(c => c.Name == GetStateCollector.Spec.Name || c.Collector is GetStateCollector))
        {
            node.MarkKnown();
        }

        await Task.WhenAll(collectors.Select(c => SuperviseAsync(node, c.Name, c.Collector, heard, cancellationToken)));
    }

    private async Task SuperviseAsync(NodeContext node, string name, ICollector collector, IObservationSink sink, CancellationToken cancellationToken)
    {
        var health = new CollectorHealth(node, name, sink, clock);
        Task announced = AnnounceAsync(Task.CompletedTask, health.OnlineAsync, name, cancellationToken);
        int streak = 0;
        Failures.Add(0, new KeyValuePair<string, object?>("collector", name));
        while (!cancellationToken.IsCancellationRequested)
        {
            long began = clock.GetTimestamp();
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task settling = streak > 1 ? SettleAsync(attempt.Token) : Task.CompletedTask;
            string? error = await AttemptAsync(node, name, collector, sink, cancellationToken);
            await attempt.CancelAsync();
            await settling;
            if (error is null)
            {
                break;
            }

            Failures.Add(1, new KeyValuePair<string, object?>("collector", name));
            streak = clock.GetElapsedTime(began) >= RestartPause.Settled ? 1 : streak + 1;
            if (streak == 1)
            {
                LogRestarting(name, node.Name, error);
            }
            else if (streak == 2)
            {
                LogBlind(name, node.Name, error);
                announced = AnnounceAsync(announced, ct => health.BlindAsync(error, ct), name, cancellationToken);
            }

            await DelayAsync(RestartPause.After(streak, Sample()), cancellationToken);
        }

        await announced;

        // Ends the blindness while the collector still runs; the loop touches nothing of this meanwhile.
        async Task SettleAsync(CancellationToken failed)
        {
            await DelayAsync(RestartPause.Settled, failed);
            if (!failed.IsCancellationRequested)
            {
                streak = 0;
                LogRecovered(name, node.Name);
                announced = AnnounceAsync(announced, health.OnlineAsync, name, cancellationToken);
            }
        }
    }

    /// <summary>One run of a collector. Null when it was cancelled, else why it ended.</summary>
    private async Task<string?> AttemptAsync(NodeContext node, string name, ICollector collector, IObservationSink sink, CancellationToken cancellationToken)
    {
        try
        {
            // Task.Run, so that a collector that blocks before its first await holds up no other one.
            await Task.Run(() => collector.RunAsync(sink, cancellationToken), cancellationToken);
            return cancellationToken.IsCancellationRequested ? null : "it ended by itself";
        }
        catch (Exception e)
        {
            // While stopping, whatever breaks is the stopping.
            if (cancellationToken.IsCancellationRequested)
            {
                return null;
            }

            LogFailure(e, name, node.Name);
            return ErrorText.Of(e);
        }
    }

    /// <summary>Tells of a collector's health apart from its work, in order: a sink that is slow or broken holds up no restart.</summary>
    private async Task AnnounceAsync(Task before, Func<CancellationToken, Task> announce, string name, CancellationToken cancellationToken)
    {
        await before;
        try
        {
            await announce(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            LogUnannounced(e, name);
        }
    }

    private async Task DelayAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private double Sample()
    {
        lock (_randomGate)
        {
            return random.NextDouble();
        }
    }

    [LoggerMessage(LogLevel.Warning, "Collector {Name} of {Node} failed and is started again: {Error}")]
    private partial void LogRestarting(string name, string node, string error);

    [LoggerMessage(LogLevel.Warning, "Collector {Name} of {Node} keeps failing, it is blind: {Error}")]
    private partial void LogBlind(string name, string node, string error);

    [LoggerMessage(LogLevel.Information, "Collector {Name} of {Node} works again")]
    private partial void LogRecovered(string name, string node);

    [LoggerMessage(LogLevel.Debug, "Collector {Name} of {Node} failed")]
    private partial void LogFailure(Exception exception, string name, string node);

    [LoggerMessage(LogLevel.Warning, "The health of collector {Name} could not be published")]
    private partial void LogUnannounced(Exception exception, string name);
}
