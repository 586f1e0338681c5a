using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Router.Decisions;
using GlusterBus.Router.State;
using GlusterBus.Runtime.Telemetry;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Router;

/// <summary>Takes observations, decides what changed, commits, and only then lets the collectors go on.</summary>
/// <remarks>One loop owns the state; batches that wait together share a commit, so a burst costs few transactions and a single batch waits for none.</remarks>
public sealed partial class ObservationRouter(IStateTable table, RouterOptions options, TimeProvider clock, ILogger<ObservationRouter> logger)
    : IObservationSink, IStateReader, IAsyncDisposable
{
    private const int MaximumObservationsPerCommit = 4000;
    private static readonly Counter<long> Decided = Telemetry.Meter.CreateCounter<long>("glusterbus_observations_total", description: "Observations decided on, by outcome.");
    private static readonly Histogram<double> CommitSeconds = Telemetry.Meter.CreateHistogram<double>("glusterbus_commit_seconds", "s", "Time of one commit to the state table.");

    private readonly Channel<Waiting> _incoming = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(256) { SingleReader = true });
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _reading = new();
    private readonly ClusterState _state = new();
    private readonly Decider _decider = new(options);
    private long _epoch;
    private Task _loop = Task.CompletedTask;

    private sealed record Waiting(ObservationBatch Batch, TaskCompletionSource<IReadOnlyList<Outcome>> Done);

    public RouterCounters Counters { get; } = new();

    /// <summary>Raised from the router's loop after the commit; handlers must be quick.</summary>
    public event Action<RoutedObservation>? Routed;

    /// <summary>Completes when the router stopped; faults when it lost its table to another owner.</summary>
    public Task Completion => _loop;

    /// <summary>Opens the table with a new epoch, loads the state and begins to take observations.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        TableContents contents = await table.OpenAsync(cancellationToken);
        _epoch = contents.Epoch;
        foreach (StateEntry entry in contents.Entries)
        {
            _state.Put(entry);
        }

        foreach ((string stream, AppliedSequence applied) in contents.Applied)
        {
            _state.Put(stream, applied);
        }

        LogStarted(_epoch, contents.Entries.Count);
        _loop = Task.Run(LoopAsync, CancellationToken.None);
    }

    public async ValueTask PublishAsync(ObservationBatch batch, CancellationToken cancellationToken) => await RouteAsync(batch, cancellationToken);

    /// <summary>Publishes a batch and tells what became of each of its observations.</summary>
    public async Task<IReadOnlyList<Outcome>> RouteAsync(ObservationBatch batch, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(batch, new TaskCompletionSource<IReadOnlyList<Outcome>>(TaskCreationOptions.RunContinuationsAsynchronously));
        await _incoming.Writer.WriteAsync(waiting, cancellationToken);
        return await waiting.Done.Task.WaitAsync(cancellationToken);
    }

    public ValueTask<IReadOnlyList<EntityState>> CurrentAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Current());

    public IReadOnlyList<EntityState> Current()
    {
        lock (_reading)
        {
            return [.. _state.Entries.Values
                .Where(entry => !entry.IsGone)
                .OrderBy(entry => entry.Entity)
                .Select(entry => new EntityState(entry.Entity, entry.State, entry.Severity, entry.Sequence, entry.Since, entry.Attributes))];
        }
    }

    /// <summary>Stops taking observations, finishes those that wait, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _incoming.Writer.TryComplete();
        await _stopping.CancelAsync();
        try
        {
            await _loop;
        }
        catch (FencedException)
        {
            // It was told to whoever waited; there is nothing left to stop.
        }

        _stopping.Dispose();
    }

    private async Task LoopAsync()
    {
        var batches = new List<Waiting>();
        try
        {
            while (await WaitForWorkAsync())
            {
                int taken = 0;
                while (taken < MaximumObservationsPerCommit && _incoming.Reader.TryRead(out Waiting? waiting))
                {
                    batches.Add(waiting);
                    taken += waiting.Batch.Observations.Count;
                }

                await CommitAsync(batches);
                batches.Clear();
            }
        }
        catch (Exception e)
        {
            LogStopped(e);
            _incoming.Writer.TryComplete(e);
            while (_incoming.Reader.TryRead(out Waiting? waiting))
            {
                batches.Add(waiting);
            }

            batches.ForEach(waiting => waiting.Done.TrySetException(e));
            throw;
        }
    }

    /// <summary>Waits for a batch or for the next held claim to fall due; false when the router is to end.</summary>
    private async Task<bool> WaitForWorkAsync()
    {
        if (_state.NextDue is not { } due)
        {
            return await _incoming.Reader.WaitToReadAsync();
        }

        TimeSpan wait = due - clock.GetUtcNow();
        if (wait <= TimeSpan.Zero)
        {
            return true;
        }

        using var timer = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        Task<bool> work = _incoming.Reader.WaitToReadAsync(timer.Token).AsTask();
        Task elapsed = Task.Delay(wait, clock, timer.Token);
        Task first = await Task.WhenAny(work, elapsed);
        await timer.CancelAsync();
        return first == work && work.IsCompletedSuccessfully ? await work : !_stopping.IsCancellationRequested || _incoming.Reader.TryPeek(out _);
    }

    private async Task CommitAsync(List<Waiting> batches)
    {
        DateTimeOffset now = clock.GetUtcNow();
        var working = new WorkingState(_state);
        var recorded = new List<RecordedTransition>();
        IReadOnlyList<Outcome> released = _decider.Release(working, _state.Due(now), now, recorded);
        IReadOnlyList<Outcome>[] outcomes = [.. batches.Select(waiting => _decider.Decide(working, waiting.Batch, now, recorded))];
        var commit = new Commit([.. working.Durable], recorded, working.Applied);
        if (!commit.IsEmpty)
        {
            await StoreAsync(commit);
        }

        lock (_reading)
        {
            working.Accept();
        }

        Tell(released);
        for (int i = 0; i < batches.Count; i++)
        {
            Tell(outcomes[i]);
            batches[i].Done.TrySetResult(outcomes[i]);
        }
    }

    /// <summary>Commits, trying again for as long as the disk is unwilling: nothing is lost meanwhile, the collectors wait.</summary>
    private async Task StoreAsync(Commit commit)
    {
        for (TimeSpan pause = TimeSpan.FromMilliseconds(100); ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, TimeSpan.TicksPerSecond * 10)))
        {
            try
            {
                long started = Stopwatch.GetTimestamp();
                await table.CommitAsync(_epoch, commit, CancellationToken.None);
                CommitSeconds.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
                return;
            }
            catch (Exception e) when (e is not FencedException && !_stopping.IsCancellationRequested)
            {
                LogCommitFailed(e, pause);
                await Task.Delay(pause, clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Tell(IReadOnlyList<Outcome> outcomes)
    {
        foreach (Outcome outcome in outcomes)
        {
            Counters.Count(outcome.Suppression);
            Decided.Add(1, new KeyValuePair<string, object?>("outcome", outcome.Suppression.Name()));
            if (outcome.Suppression == Suppression.Invalid)
            {
                LogInvalid(outcome.Observation.Entity.Value, outcome.Observation.State ?? outcome.Observation.Occurrence ?? "(attributes)", outcome.Observation.Source);
            }

            Routed?.Invoke(new RoutedObservation(outcome.Observation, outcome.Suppression.Name(), outcome.Transition));
        }
    }

    [LoggerMessage(LogLevel.Information, "Router started with epoch {Epoch} and {EntryCount} entries")]
    private partial void LogStarted(long epoch, int entryCount);

    [LoggerMessage(LogLevel.Error, "Router stopped")]
    private partial void LogStopped(Exception e);

    [LoggerMessage(LogLevel.Error, "Commit failed, tried again in {Pause}")]
    private partial void LogCommitFailed(Exception e, TimeSpan pause);

    [LoggerMessage(LogLevel.Warning, "An observation of {Entity} by {Source} was dropped: '{Claim}' is outside the vocabulary")]
    private partial void LogInvalid(string entity, string claim, string source);
}
