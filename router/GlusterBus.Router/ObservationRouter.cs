using System.Diagnostics;
using System.Runtime.ExceptionServices;
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
/// <remarks>One loop owns the state; batches that wait together share a commit, so a burst costs few transactions and a single batch waits for none.
/// Calls made one after another are applied in that order, also when nobody waits for the one before.</remarks>
public sealed partial class ObservationRouter : IObservationSink, IStateReader, IAsyncDisposable
{
    private const int MaximumObservationsPerCommit = 4000;

    private readonly Channel<Work> _incoming = Channel.CreateBounded<Work>(new BoundedChannelOptions(256) { SingleReader = true });
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _reading = new();
    private readonly ClusterState _state = new();
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Decider _decider;
    private readonly TableWriter _writer;
    private readonly Func<CancellationToken, Task<bool>>? _canHear;
    private Task _loop = Task.CompletedTask;

    /// <param name="table">Where the state is kept; this router becomes its owner.</param>
    /// <param name="options">The cluster's name and bounds.</param>
    /// <param name="clock">The router's clock: silence and hold times run by it.</param>
    /// <param name="canHear">Finds out whether what collectors send can arrive at all, so that a router whose line is dead does not take them for silent; null
    /// where there is no line.</param>
    public ObservationRouter(IStateTable table, RouterOptions options, TimeProvider clock, ILogger<ObservationRouter> logger, Func<CancellationToken, Task<bool>>? canHear = null)
    {
        _canHear = canHear;
        _clock = clock;
        _logger = logger;
        _decider = new Decider(options);
        _writer = new TableWriter(table, clock, logger);
    }

    public RouterCounters Counters { get; } = new();

    /// <summary>Raised from the router's loop after the commit; handlers must be quick.</summary>
    public event Action<RoutedObservation>? Routed;

    /// <summary>Completes when the router stopped; faults with <see cref="FencedException"/> or <see cref="StateTableUnreachableException"/> when it lost
    /// its table.</summary>
    public Task Completion => _loop;

    /// <summary>Opens the table with a new epoch, loads the state and begins to take observations.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _writer.OpenAsync(_state, cancellationToken);
        DateTimeOffset now = _clock.GetUtcNow();
        foreach (StateEntry collector in _state.Collectors.Where(collector => collector.State is not "silent"))
        {
            _state.Watch.Expect(collector.Entity.Name, now);
            if (ClockMemory.Recall(collector) is { } offset)
            {
                _state.Clocks.Inherit(collector.Entity.Name, offset);
            }
        }

        RouterGauges.Show(this);
        _loop = Task.Run(LoopAsync, CancellationToken.None);
    }

    public async ValueTask PublishAsync(ObservationBatch batch, CancellationToken cancellationToken) => await RouteAsync(batch, cancellationToken);

    /// <summary>Publishes a batch and tells what became of each of its observations.</summary>
    /// <param name="sender">What the collector knows that sent it; null when it came another way.</param>
    /// <exception cref="FencedException">Another router has taken over.</exception>
    /// <exception cref="StateTableUnreachableException">The state table did not answer; whether the batch was applied is not known.</exception>
    public Task<IReadOnlyList<Outcome>> RouteAsync(ObservationBatch batch, CancellationToken cancellationToken, CollectorMemory? sender = null) =>
        batch.TraceParent is null ? DoAsync(new BatchWork(batch, sender), cancellationToken) : RouteTracedAsync(batch, sender, cancellationToken);

    /// <summary>Takes note of a collector's sign of life.</summary>
    /// <param name="sender">The collector, and what it knows.</param>
    /// <returns>What the collector is to know and do.</returns>
    /// <exception cref="FormatException">No node can have that name.</exception>
    /// <exception cref="FencedException">Another router has taken over.</exception>
    /// <exception cref="StateTableUnreachableException">The state table did not answer.</exception>
    public Task<HeartbeatReply> HearAsync(CollectorMemory sender, Heartbeat heartbeat, CancellationToken cancellationToken) =>
        DoAsync(new HeartbeatWork(sender with { Node = Decider.CheckNode(sender.Node) }, heartbeat), cancellationToken);

    /// <summary>Commits even if there is nothing to commit: who owns the table learns that it was taken over, and a table that lost its content gets it back.</summary>
    /// <exception cref="FencedException">Another router has taken over.</exception>
    /// <exception cref="StateTableUnreachableException">The state table did not answer.</exception>
    internal Task VerifyAsync(CancellationToken cancellationToken) => DoAsync(new VerifyWork(), cancellationToken);

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

    /// <summary>How many entities and clocks are known, and how many collectors are in each state.</summary>
    internal (int Entities, int Clocks, IReadOnlyDictionary<string, int> Collectors) Population()
    {
        lock (_reading)
        {
            return (_state.Entries.Count, _state.Collectors.Count(collector => ClockMemory.Recall(collector) is not null), _state.Collectors.CountBy(collector => collector.State ?? StateEntry.Unseen).ToDictionary());
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
        catch (Exception e) when (e is FencedException or StateTableUnreachableException)
        {
            // It was told to whoever waited; there is nothing left to stop.
        }

        _stopping.Dispose();
    }

    /// <summary>The span of a decision lasts until it is committed.</summary>
    private async Task<IReadOnlyList<Outcome>> RouteTracedAsync(ObservationBatch batch, CollectorMemory? sender, CancellationToken cancellationToken)
    {
        using Activity? activity = TraceContext.Continue("decide", ActivityKind.Consumer, batch.TraceParent);
        try
        {
            var work = new BatchWork(batch with { TraceParent = TraceContext.Next(activity, batch.TraceParent) }, sender);
            IReadOnlyList<Outcome> outcomes = await DoAsync(work, cancellationToken);
            activity?.SetTag("glusterbus.stream", batch.Stream).SetTag("glusterbus.observations", outcomes.Count)
                .SetTag("glusterbus.transitions", outcomes.Count(outcome => outcome.Transition is not null));
            return outcomes;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
    }

    private async Task<T> DoAsync<T>(Work<T> work, CancellationToken cancellationToken)
    {
        try
        {
            await _incoming.Writer.WriteAsync(work, cancellationToken);
        }
        catch (ChannelClosedException e) when (e.InnerException is { } why)
        {
            // The router has ended, and this is why.
            ExceptionDispatchInfo.Throw(why);
        }

        return await work.Done.WaitAsync(cancellationToken);
    }
}
