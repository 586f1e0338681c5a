using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using System.Net;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Gluster;
using GlusterBus.Runtime.Telemetry;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors.GetState;

/// <summary>Settings of the <c>get_state</c> collector.</summary>
public sealed record GetStateOptions
{
    /// <summary>Pause between two looks at the cluster, from 5 seconds to one hour. The default is one minute.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Pause between two looks at <c>volume info</c> and <c>peer status</c>, from 5 seconds to one day; a changed layout is
    /// looked up without waiting. The default is 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "1.00:00:00")]
    public TimeSpan InfoInterval { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>Looks at the cluster through <c>gluster get-state</c>: the rebuild at start and the reconcile afterwards. Owns the node's topology.</summary>
/// <remarks>get-state is answered by the local glusterd from memory and takes no cluster lock; so are <c>volume info</c> and
/// <c>peer status</c>. A look that fails for another reason than a stopped glusterd ends the run: the tier reports it and starts again.</remarks>
public sealed partial class GetStateCollector(GetStateOptions options, NodeContext node, TimeProvider clock, ILogger<GetStateCollector> logger)
    : ICollector, IPlugin, IConnectionTest
{
    /// <summary>How often to try while glusterd is down: a connection refused costs little.</summary>
    private static readonly TimeSpan DownInterval = TimeSpan.FromSeconds(5);

    private static readonly Counter<long> Looks = Telemetry.Meter.CreateCounter<long>("glusterbus_get_state_looks_total", description: "Looks at the cluster, by outcome");

    private readonly LookTimer _timer = new(options.Interval, clock);
    private readonly PeerAddresses _addresses = new();
    private readonly Lock _topologyGate = new();
    private readonly OwnBricks _ownBricks = new(node, logger);

    // The loop alone writes what follows; after a failure the next run goes on with it.
    private readonly Confirmation _confirmation = new();
    private volatile ClusterState _state = new();
    private volatile ClusterInfo _info = ClusterInfo.None;
    private Dictionary<EntityId, IReadOnlyDictionary<string, string?>> _published = [];
    private IReadOnlyList<string>? _scopes;
    private string? _infoLayout;
    private TimeSpan _infoDue;
    private long _sequence;
    private bool _hasPublished;
    private bool _isDown;
    private bool _isInfoFailing;

    public static PluginSpec Spec => PluginSpec.For<GetStateOptions>(
        name: ClusterViewWriter.Source,
        summary: "The whole state of the cluster as the local glusterd knows it: at start, at an interval and when another source asks.",
        example: """{ "interval": "00:01:00", "infoInterval": "00:10:00" }""",
        onByDefault: true);

    /// <summary>Finds a host's addresses; replaced in tests.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve
    {
        init => _addresses.Resolve = value;
    }

    public async Task RunAsync(IObservationSink sink, CancellationToken cancellationToken)
    {
        using var run = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        node.ReconcileRequested += OnReconcileRequested;
        node.HeardWell += _confirmation.Doubt;
        foreach (string outcome in (string[])["seen", "daemon-down", "failed"])
        {
            Count(outcome, 0);
        }

        try
        {
            while (true)
            {
                try
                {
                    await LookAsync(sink, run.Token);
                }
                finally
                {
                    // Also after a failure: the other sources must not wait for ever.
                    node.MarkKnown();
                }

                await _timer.WaitAsync(run.Token);
            }
        }
        finally
        {
            node.ReconcileRequested -= OnReconcileRequested;
            node.HeardWell -= _confirmation.Doubt;
            await run.CancelAsync();
            await _addresses.Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async Task<IReadOnlyList<CheckResult>> CheckAsync(CancellationToken cancellationToken)
    {
        const string subject = ClusterViewWriter.Command;
        try
        {
            ClusterState state = GetStateReader.Read(await node.Cli.GetStateAsync(cancellationToken));
            return [new CheckResult($"{subject}: {state.Volumes.Count} volumes, {state.Peers.Count} peers")];
        }
        catch (GlusterReplyException e)
        {
            string? remedy = e.Remedy ?? (Environment.IsPrivilegedProcess ? null : "run as root: the gluster command needs it");
            return [new CheckResult(subject, e.Message, remedy, IsWarning: e.IsDaemonDown)];
        }
    }

    private async Task LookAsync(IObservationSink sink, CancellationToken cancellationToken)
    {
        Sighting? sighting = await SeeAsync(sink, cancellationToken);
        if (!_hasPublished && sighting?.Again is not null)
        {
            // The rebuild waits for a second look, so that what is ill from the start counts as found at start.
            await _timer.WaitUntilAsync(sighting.Began + GetStateMapping.Patience, cancellationToken);
            sighting = await SeeAsync(sink, cancellationToken);
        }

        if (sighting is null)
        {
            return;
        }

        await PublishAsync(sink, sighting, cancellationToken);
        if (sighting.Again is { } again)
        {
            _timer.Request(again);
        }

        await RefreshInfoAsync(sighting.State, cancellationToken);
    }

    /// <summary>One look, weighed but not published. Null when glusterd is down, which is said at once.</summary>
    private async Task<Sighting?> SeeAsync(IObservationSink sink, CancellationToken cancellationToken)
    {
        TimeSpan began = _timer.Begin();
        DateTimeOffset at = clock.GetUtcNow();
        try
        {
            ClusterState state = GetStateReader.Read(await node.Cli.GetStateAsync(cancellationToken));
            _state = state;
            Count("seen");
            if (_isDown)
            {
                _isDown = false;
                LogDaemonBack(node.Name);
            }

            if (!_hasPublished)
            {
                await RefreshInfoAsync(state, cancellationToken);
            }

            SetTopology();
            ClusterView view = GetStateMapping.Observe(state, _info.Volumes, _info.Peers, node.Name, at, node.IsAlone);
            (IReadOnlyList<Observation> observations, TimeSpan? again) = _confirmation.Weigh(view, began);
            return new Sighting(state, observations, view.Scopes, at, began, again);
        }
        catch (GlusterReplyException e) when (e.IsDaemonDown)
        {
            Count("daemon-down");
            await PublishDownAsync(sink, at, e.Message, cancellationToken);
            return null;
        }
        catch (GlusterReplyException)
        {
            Count("failed");
            throw;
        }
        finally
        {
            _timer.End();
        }
    }

    private async Task PublishAsync(IObservationSink sink, Sighting sighting, CancellationToken cancellationToken)
    {
        _scopes ??= _ownBricks.LoadScopes();
        Dictionary<EntityId, IReadOnlyDictionary<string, string?>> seen = sighting.Observations.DistinctBy(o => o.Entity).ToDictionary(o => o.Entity, o => o.Attributes);
        var batch = new ObservationBatch
        {
            Stream = $"{node.Name}/{ClusterViewWriter.Source}",
            Epoch = node.Epoch,
            Observations = [.. sighting.Observations.Select(o => GetStateMapping.WithUnset(o, _published.GetValueOrDefault(o.Entity)) with { Sequence = ++_sequence })],

            // What the look before was complete for counts too: else the last session to go would not be missed.
            Snapshot = new Snapshot(node.Name, [.. sighting.Scopes.Union(_scopes)], IsFirst: !_hasPublished, sighting.At, ClusterViewWriter.Source),
        };
        try
        {
            await sink.PublishAsync(batch, cancellationToken);
        }
        catch (SnapshotSupersededException)
        {
            // The next look is compared with the last one that was published, so that nothing that only this one told gets lost.
            LogSuperseded(node.Name);
            return;
        }

        _hasPublished = true;
        _published = seen;
        _scopes = sighting.Scopes;
        _ownBricks.SaveScopes(_scopes);
        LogPublished(node.Name, sighting.Observations.Count);
    }

    private async Task PublishDownAsync(IObservationSink sink, DateTimeOffset at, string reason, CancellationToken cancellationToken)
    {
        if (!_isDown)
        {
            _isDown = true;
            LogDaemonDown(node.Name, reason);
        }

        _confirmation.Forget();
        _timer.Request(_timer.Now + DownInterval);
        await sink.PublishAsync(
            new ObservationBatch
            {
                Stream = $"{node.Name}/{ClusterViewWriter.Source}",
                Epoch = node.Epoch,
                Observations = [GetStateMapping.NodeDown(node.Name, at, reason) with { Sequence = ++_sequence }],
            },
            cancellationToken);
    }

    /// <summary>Asks for what get-state lacks, when it is due. It enriches only, so a failure does no harm.</summary>
    private async Task RefreshInfoAsync(ClusterState state, CancellationToken cancellationToken)
    {
        string layout = ClusterInfo.Layout(state);
        if (layout == _infoLayout && _timer.Now < _infoDue)
        {
            return;
        }

        try
        {
            _info = await ClusterInfo.AskAsync(node.Cli, cancellationToken);
            _infoLayout = layout;
            _infoDue = _timer.Now + options.InfoInterval;
            _isInfoFailing = false;
        }
        catch (GlusterReplyException e)
        {
            if (!_isInfoFailing)
            {
                _isInfoFailing = true;
                LogInfoFailed(node.Name, e.Message);
            }
        }

        _addresses.Refresh([.. state.Peers.Select(p => p.Name)], clock, SetTopology, cancellationToken);
        SetTopology();
    }

    /// <summary>Called by the loop and, when addresses were found, from the background.</summary>
    private void SetTopology()
    {
        lock (_topologyGate)
        {
            node.Topology = TopologyMapping.From(_state, _info.Peers, _addresses.Known);
        }
    }

    private void OnReconcileRequested(TimeSpan delay) => _timer.Request(_timer.Now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero));

    private static void Count(string outcome, long count = 1) => Looks.Add(count, new KeyValuePair<string, object?>("outcome", outcome));

    private sealed record Sighting(
        ClusterState State, IReadOnlyList<Observation> Observations, IReadOnlyList<string> Scopes, DateTimeOffset At, TimeSpan Began, TimeSpan? Again);

    [LoggerMessage(LogLevel.Debug, "Published {Count} observations of the cluster as {Node} sees it")]
    private partial void LogPublished(string node, int count);

    [LoggerMessage(LogLevel.Debug, "A look of {Node} was not published: the broker is away")]
    private partial void LogSuperseded(string node);

    [LoggerMessage(LogLevel.Warning, "glusterd on {Node} is down: {Reason}")]
    private partial void LogDaemonDown(string node, string reason);

    [LoggerMessage(LogLevel.Information, "glusterd on {Node} answers again")]
    private partial void LogDaemonBack(string node);

    [LoggerMessage(LogLevel.Warning, "Details of volumes and peers can't be asked on {Node}, going on without: {Reason}")]
    private partial void LogInfoFailed(string node, string reason);
}
