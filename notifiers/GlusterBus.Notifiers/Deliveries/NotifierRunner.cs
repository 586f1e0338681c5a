using GlusterBus.Contracts.Pipeline;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Notifiers.Deliveries;

/// <summary>Runs all notifiers of a process, each on its own: one that fails or hangs delays nobody else.</summary>
/// <param name="clock">Times waits and ages.</param>
/// <param name="random">Spreads the waits; each notifier gets a generator of its own from it.</param>
/// <param name="loggers">Makes the loggers of runner and workers.</param>
public sealed partial class NotifierRunner(TimeProvider clock, Random random, ILoggerFactory loggers)
{
    private static readonly TimeSpan Healthy = TimeSpan.FromMinutes(1);

    private readonly ILogger<NotifierRunner> _logger = loggers.CreateLogger<NotifierRunner>();

    /// <summary>Runs until cancelled; then returns when all notifiers have stopped.</summary>
    public async Task RunAsync(IReadOnlyList<ConfiguredNotifier> notifiers, IDeliveryQueues queues, CancellationToken cancellationToken)
    {
        Random[] randoms = [.. notifiers.Select(_ => new Random(random.Next()))];
        await Task.WhenAll(notifiers.Select((notifier, i) => Task.Run(() => KeepRunningAsync(notifier, queues, randoms[i], cancellationToken), CancellationToken.None)));
    }

    private async Task KeepRunningAsync(ConfiguredNotifier notifier, IDeliveryQueues queues, Random own, CancellationToken cancellationToken)
    {
        int failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            long began = clock.GetTimestamp();
            try
            {
                IDeliveryQueue queue = await queues.OpenAsync(notifier.Name, cancellationToken);
                using var worker = new NotifierWorker(notifier, queue, clock, own, loggers.CreateLogger<NotifierWorker>());
                LogRunning(notifier.Name, queue.Backlog);
                await worker.RunAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                failures = clock.GetElapsedTime(began) > Healthy ? 1 : failures + 1;
                if (failures == 1)
                {
                    LogBroken(e, notifier.Name);
                }

                await Task.Delay(DeliveryPolicy.Backoff(failures, own.NextDouble()), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Notifier {Notifier} runs, {Backlog} transitions to go")]
    private partial void LogRunning(string notifier, long backlog);

    [LoggerMessage(Level = LogLevel.Error, Message = "Notifier {Notifier} broke down, it is started again with growing waits")]
    private partial void LogBroken(Exception exception, string notifier);
}
