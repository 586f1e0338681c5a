using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
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
    public Task RunAsync(IReadOnlyList<ConfiguredNotifier> notifiers, IDeliveryQueues queues, CancellationToken cancellationToken) =>
        RunAsync(notifiers, queues, null, cancellationToken);

    /// <summary>Runs until cancelled; then returns when all notifiers have stopped.</summary>
    /// <param name="notifiers">What to run.</param>
    /// <param name="queues">Their queues.</param>
    /// <param name="state">What those that are <see cref="IStateFollower"/> follow; null when nobody can tell the state.</param>
    /// <param name="cancellationToken">Stops them.</param>
    public async Task RunAsync(IReadOnlyList<ConfiguredNotifier> notifiers, IDeliveryQueues queues, FollowedState? state, CancellationToken cancellationToken)
    {
        Random[] randoms = [.. notifiers.Select(_ => new Random(random.Next()))];
        Random[] others = [.. notifiers.Select(_ => new Random(random.Next()))];

        // Whoever follows the state does so before the first delivery.
        Task[] following = [.. notifiers.Select((n, i) => n.Notifier is IStateFollower follower && state is not null
            ? KeepFollowingAsync(n.Name, follower, state, others[i], cancellationToken)
            : Task.CompletedTask)];
        await Task.WhenAll([
            .. following,
            .. notifiers.Select((notifier, i) => Task.Run(() => KeepRunningAsync(notifier, queues, randoms[i], cancellationToken), CancellationToken.None))]);
    }

    private async Task KeepFollowingAsync(string name, IStateFollower follower, FollowedState state, Random own, CancellationToken cancellationToken)
    {
        int failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            long began = clock.GetTimestamp();
            try
            {
                await follower.FollowAsync(state, cancellationToken);
                failures = NextFailure(failures, began);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                failures = NextFailure(failures, began);
                if (failures == 1)
                {
                    LogFollowerBroken(e, name);
                }
            }

            await Task.Delay(DeliveryPolicy.Backoff(failures, own.NextDouble()), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>How many failures in a row there are with one more: what worked for a while before begins a new row.</summary>
    private int NextFailure(int failures, long began) => clock.GetElapsedTime(began) > Healthy ? 1 : failures + 1;

    private async Task KeepRunningAsync(ConfiguredNotifier notifier, IDeliveryQueues queues, Random own, CancellationToken cancellationToken)
    {
        int failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            long began = clock.GetTimestamp();
            try
            {
                await RunOnceAsync(notifier, queues, own, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                failures = NextFailure(failures, began);
                if (failures == 1 && e is DeliveryQueueLostException)
                {
                    LogLost(notifier.Name, e.Message);
                }
                else if (failures == 1)
                {
                    LogBroken(e, notifier.Name);
                }

                await Task.Delay(DeliveryPolicy.Backoff(failures, own.NextDouble()), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RunOnceAsync(ConfiguredNotifier notifier, IDeliveryQueues queues, Random own, CancellationToken cancellationToken)
    {
        IDeliveryQueue queue = await queues.OpenAsync(notifier.Name, cancellationToken);
        try
        {
            using var worker = new NotifierWorker(notifier, queue, clock, own, loggers.CreateLogger<NotifierWorker>());
            LogRunning(notifier.Name, queue.Backlog);
            await worker.RunAsync(cancellationToken);
        }
        finally
        {
            // A queue that is held by a connection must not wait for the end of the process: somebody may stand by for it.
            await ((queue as IAsyncDisposable)?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Notifier {Notifier} runs, {Backlog} transitions to go")]
    private partial void LogRunning(string notifier, long backlog);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Notifier {Notifier} lost its queue, which is opened again with growing waits: {Problem}")]
    private partial void LogLost(string notifier, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "Notifier {Notifier} broke down, it is started again with growing waits")]
    private partial void LogBroken(Exception exception, string notifier);

    [LoggerMessage(Level = LogLevel.Error, Message = "Notifier {Notifier} ceased to show the state, it is asked again with growing waits")]
    private partial void LogFollowerBroken(Exception exception, string notifier);
}
