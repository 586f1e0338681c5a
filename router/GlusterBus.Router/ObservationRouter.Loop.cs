using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Decisions;
using GlusterBus.Router.State;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Router;

/// <summary>The loop that owns the state.</summary>
public sealed partial class ObservationRouter
{
    private async Task LoopAsync()
    {
        var works = new List<Work>();
        try
        {
            while (await WaitForWorkAsync())
            {
                int taken = 0;
                while (taken < MaximumObservationsPerCommit && _incoming.Reader.TryRead(out Work? work))
                {
                    works.Add(work);
                    taken += work.Weight;
                }

                await CommitAsync(works);
                works.Clear();
            }
        }
        catch (Exception e)
        {
            LogStopped(e);
            _incoming.Writer.TryComplete(e);
            while (_incoming.Reader.TryRead(out Work? work))
            {
                works.Add(work);
            }

            works.ForEach(work => work.Fail(e));
            throw;
        }
        finally
        {
            RouterGauges.Hide(this);
        }
    }

    /// <summary>When the router must do something though nobody tells it anything; null when never.</summary>
    private DateTimeOffset? NextDue => (_state.NextDue, _state.Watch.NextDue) switch
    {
        (null, var silence) => silence,
        (var held, null) => held,
        (var held, var silence) => held < silence ? held : silence,
    };

    /// <summary>Waits for work, for the next held claim to fall due or for a collector's patience to run out; false when the router is to end.</summary>
    private async Task<bool> WaitForWorkAsync()
    {
        if (NextDue is not { } due || _incoming.Reader.TryPeek(out _))
        {
            return await _incoming.Reader.WaitToReadAsync();
        }

        TimeSpan wait = due - _clock.GetUtcNow();
        if (wait <= TimeSpan.Zero)
        {
            return true;
        }

        using var timer = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        Task<bool> work = _incoming.Reader.WaitToReadAsync(timer.Token).AsTask();
        Task elapsed = Task.Delay(wait, _clock, timer.Token);
        Task first = await Task.WhenAny(work, elapsed);
        await timer.CancelAsync();
        return first == work && work.IsCompletedSuccessfully ? await work : !_stopping.IsCancellationRequested || _incoming.Reader.TryPeek(out _);
    }

    private async Task CommitAsync(List<Work> works)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        var working = new WorkingState(_state);
        var recorded = new List<RecordedTransition>();
        var outcomes = new List<IReadOnlyList<Outcome>>(works.Count + 1) { _decider.Release(working, _state.Due(now), now, recorded) };
        foreach (Work work in works)
        {
            if (work.Sender is { } sender)
            {
                Learn(working, sender, now);
            }

            outcomes.Add(work.Decide(_decider, working, now, recorded));
        }

        if (_canHear is not null && _state.Watch.NextDue <= now && !await _canHear(_stopping.Token))
        {
            _state.Watch.WasDeaf(now);
        }

        // After all that was heard: who has just given a sign of life is not silent.
        foreach (string node in _state.Watch.TakeSilent(now))
        {
            LogSilent(node);
            outcomes.Add(_decider.Silence(working, node, now, recorded));
        }

        var commit = new Commit([.. working.Durable], recorded, working.Applied) { SequenceBase = working.NewSequenceBase };
        if (!commit.IsEmpty || works.Exists(work => work.MustCommit))
        {
            await _writer.CommitAsync(commit, _state, _stopping.Token);
        }

        lock (_reading)
        {
            working.Accept();
        }

        Tell(outcomes);
        foreach (Work work in works)
        {
            work.Complete(_state, _writer.Generation);
        }
    }

    /// <summary>Takes from a collector what the owners before knew, and what a state table that was lost can't tell.</summary>
    private void Learn(WorkingState working, CollectorMemory sender, DateTimeOffset now)
    {
        if (sender.ClockBehind is { } behind)
        {
            working.Clocks.Inherit(sender.Node, behind);
        }

        if (sender.Generation is { } generation && _writer.Generation.Length > 0 && generation != _writer.Generation && working.SequenceBase == 0)
        {
            working.ReplacesLost(now);
            LogLost(generation, _writer.Generation, working.SequenceBase);
        }
    }

    /// <summary>Counts what became of the observations, and shows it to whoever listens.</summary>
    private void Tell(List<IReadOnlyList<Outcome>> decided)
    {
        Span<int> counts = stackalloc int[Suppressions.All.Count];
        Action<RoutedObservation>? routed = Routed;
        foreach (IReadOnlyList<Outcome> outcomes in decided)
        {
            // By index: an enumerator of an interface would be allocated for each batch.
            for (int i = 0; i < outcomes.Count; i++)
            {
                Outcome outcome = outcomes[i];
                counts[(int)outcome.Suppression]++;
                if (outcome.Suppression == Suppression.Invalid)
                {
                    LogInvalid(outcome.Observation.Entity.Value, outcome.Observation.State ?? outcome.Observation.Occurrence ?? "(attributes)", outcome.Observation.Source);
                }

                routed?.Invoke(new RoutedObservation(outcome.Observation, outcome.Suppression.Name(), outcome.Transition));
            }
        }

        Counters.Count(counts);
    }

    [LoggerMessage(LogLevel.Error, "Router stopped")]
    private partial void LogStopped(Exception e);

    [LoggerMessage(LogLevel.Warning, "An observation of {Entity} by {Source} was dropped: '{Claim}' is outside the vocabulary")]
    private partial void LogInvalid(string entity, string claim, string source);

    [LoggerMessage(LogLevel.Warning, "The collector of {Node} is silent")]
    private partial void LogSilent(string node);

    [LoggerMessage(LogLevel.Warning, "A collector knows the state table {Lost}, this one is {Generation}: that one was lost, and new sequences start above {SequenceBase}")]
    private partial void LogLost(string lost, string generation, long sequenceBase);
}
