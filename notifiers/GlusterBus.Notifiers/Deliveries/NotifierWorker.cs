using System.Runtime.ExceptionServices;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Concurrency;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Notifiers.Deliveries;

/// <summary>Runs one notifier on its queue: takes transitions, drops what the filter does not want, delivers the others, each entity strictly
/// in order, and acknowledges the highest position below which everything is done.</summary>
/// <remarks>Three activities at once: the intake fills a bounded window, <see cref="INotifier.Concurrency"/> carriers deliver from lanes (one from a single
/// line, where the notifier gathers), and the acknowledger writes progress. None waits for another as long as the window has room. Nothing is acknowledged that was not delivered,
/// rejected or filtered, so a crash repeats deliveries (with the same id) and never skips one.</remarks>
public sealed partial class NotifierWorker : IDisposable
{
    /// <summary>The most transitions taken from the queue and not yet done.</summary>
    public const int MaximumInFlight = 4096;

    private const int IntakeBatch = 512;
    private const int TurnsPerHold = 32;

    private readonly ConfiguredNotifier _configured;
    private readonly IDeliveryQueue _queue;
    private readonly TimeProvider _clock;
    private readonly Random _random;
    private readonly ILogger<NotifierWorker> _logger;
    private readonly DeliveryWindow _window = new(MaximumInFlight);
    private readonly LaneSet _lanes;
    private readonly GatheringLine _line = new();
    private readonly FailureStreak _streak;
    private readonly Signal _room = new();
    private readonly Signal _progress = new();
    private readonly Signal _manyDone = new();
    private long _acknowledged;
    private long _pausedUntil;

    /// <param name="configured">What to run.</param>
    /// <param name="queue">Its queue, freshly opened: a worker must see everything that is not acknowledged.</param>
    /// <param name="clock">Times waits and ages.</param>
    /// <param name="random">Spreads the waits; used by this worker alone.</param>
    /// <param name="logger">Hears of the first failure of a streak and of the recovery.</param>
    public NotifierWorker(ConfiguredNotifier configured, IDeliveryQueue queue, TimeProvider clock, Random random, ILogger<NotifierWorker> logger)
    {
        _configured = configured;
        _queue = queue;
        _clock = clock;
        _random = random;
        _logger = logger;
        _lanes = new LaneSet(DeliveryPolicy.Lanes(Concurrency), clock);
        _streak = new FailureStreak(clock);
        _pausedUntil = clock.GetTimestamp();
    }

    private int Concurrency => Math.Clamp(_configured.Notifier.Concurrency, 1, 256);

    /// <summary>Runs until cancelled, then returns once attempts in flight have ended or <see cref="DeliveryPolicy.StopGrace"/> is over.
    /// Throws when the queue fails: a worker over a queue freshly opened can take up the work.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var abort = new CancellationTokenSource();
        DeliveryMetrics.Watch(_configured.Name, _queue, _line);
        try
        {
            Task[] activities =
            [
                Task.Run(() => TakeInAsync(stop.Token), CancellationToken.None),
                Task.Run(() => AcknowledgeAsync(stop.Token), CancellationToken.None),
                .. _configured.Notifier is IGatheringNotifier gathering
                    ? [Task.Run(() => GatherAsync(gathering, stop.Token, abort.Token), CancellationToken.None)]
                    : Enumerable.Range(0, Concurrency).Select(_ => Task.Run(() => CarryAsync(stop.Token, abort.Token), CancellationToken.None)),
            ];
            await Task.WhenAny(activities);
            await stop.CancelAsync();
            await using (_clock.CreateTimer(_ => abort.Cancel(), null, DeliveryPolicy.StopGrace, Timeout.InfiniteTimeSpan))
            {
                await Task.WhenAll(activities).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (activities.FirstOrDefault(a => a.IsFaulted) is { Exception.InnerException: { } failure })
            {
                ExceptionDispatchInfo.Throw(failure);
            }

            await AcknowledgeDoneAsync();
        }
        finally
        {
            DeliveryMetrics.Unwatch(_configured.Name, _queue, _line);
        }
    }

    public void Dispose() => _lanes.Dispose();

    private async Task TakeInAsync(CancellationToken stop)
    {
        while (true)
        {
            while (_window.Free < IntakeBatch)
            {
                await _room.WaitAsync(stop);
            }

            foreach (ArchivedTransition archived in await _queue.ReceiveAsync(IntakeBatch, stop))
            {
                await SortAsync(archived);
            }
        }
    }

    private void Enqueue(Pending pending)
    {
        if (_configured.Notifier is IGatheringNotifier)
        {
            _line.Add(pending);
        }
        else
        {
            _lanes.Add(pending);
        }
    }

    private async ValueTask SortAsync(ArchivedTransition archived)
    {
        long ticket = _window.Add(archived.Position);
        try
        {
            if (_configured.Filter.IsAll || _configured.Filter.Matches(archived.Transition))
            {
                Enqueue(new Pending(archived, archived.Transition, ticket));
                return;
            }

            DeliveryMetrics.Filtered(_configured.Name);
        }
        catch (FormatException e)
        {
            // Nobody will ever be able to read it: park it rather than stand still before it.
            LogUnreadable(_configured.Name, archived.Position, e.Message);
            await _queue.RejectAsync(archived, e.Message, CancellationToken.None);
            DeliveryMetrics.Rejected(_configured.Name);
        }

        Complete(ticket);
        if (IsFull)
        {
            _line.Wake();
        }
    }

    /// <summary>Counts a failed attempt, logs the first of a streak, and returns how long the receiver asks to stay away.</summary>
    private TimeSpan NoteFailure(Exception e, bool isNew)
    {
        FailureKind kind = FailureKinds.Of(e);
        DeliveryMetrics.Failed(_configured.Name, kind);
        if (_streak.Failed(isNew))
        {
            LogFailed(_configured.Name, kind.Name(), e.Message);
        }

        TimeSpan pause = DeliveryPolicy.Pause((e as DeliveryFailedException)?.RetryAfter);
        if (pause > TimeSpan.Zero)
        {
            Interlocked.Exchange(ref _pausedUntil, _clock.GetTimestamp() + (long)(pause.TotalSeconds * _clock.TimestampFrequency));
        }

        return pause;
    }

    private void Recover()
    {
        if (_streak.Recovered() is { } end)
        {
            LogRecovered(_configured.Name, end.Duration.TotalSeconds, end.Attempts);
        }

        // The receiver is back: the other lanes need not sit out their waits.
        _lanes.WakeAll();
    }

    /// <summary>What is left of the pause that the receiver asked for; null when there is none.</summary>
    private TimeSpan? Pause()
    {
        TimeSpan left = _clock.GetElapsedTime(_clock.GetTimestamp(), Interlocked.Read(ref _pausedUntil));
        return left > TimeSpan.Zero ? left : null;
    }

    private double Chance()
    {
        lock (_random)
        {
            return _random.NextDouble();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Notifier {Notifier} failed to deliver ({Kind}), trying again with growing waits: {Problem}")]
    private partial void LogFailed(string notifier, string kind, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "Notifier {Notifier} delivers again after {Seconds:F1} s and {Attempts} failed attempts")]
    private partial void LogRecovered(string notifier, double seconds, long attempts);

    [LoggerMessage(Level = LogLevel.Error, Message = "Notifier {Notifier} parked {Transition} in its error queue: {Reason}")]
    private partial void LogRejected(string notifier, string transition, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Notifier {Notifier} parked the unreadable record at position {Position}: {Problem}")]
    private partial void LogUnreadable(string notifier, long position, string problem);
}
