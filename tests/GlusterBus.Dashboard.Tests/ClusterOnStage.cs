using System.Collections.Concurrent;
using System.Collections.Immutable;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Host.Api;
using GlusterBus.Router.Decisions;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Sqlite;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Telemetry;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Dashboard.Tests;

/// <summary>The real API and page over a real store, whose content is written here as a router writes it: any past, and any cause.</summary>
internal sealed class ClusterOnStage : IStateReader, IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentDictionary<EntityId, StateEntry> _entries = new();
    private readonly SqliteStore _store;
    private readonly PrometheusExporter _metrics = new();
    private readonly long _epoch;
    private InstanceApi _api = null!;

    private ClusterOnStage(TemporaryFolder folder, SqliteStore store, long epoch)
    {
        (_folder, _store, _epoch) = (folder, store, epoch);
    }

    /// <summary>Where the dashboard is.</summary>
    public Uri Page => new($"http://{_api.DashboardEndPoint}/");

    /// <summary>Where the token is wanted; there is one where <see cref="StartAsync"/> was given it.</summary>
    public Uri Closed => new($"http://{_api.TcpEndPoint}/");

    public ITransitionArchive Archive => _store;

    /// <param name="token">Also listens for those who bring it.</param>
    public static async Task<ClusterOnStage> StartAsync(CancellationToken cancellationToken, string? token = null)
    {
        var folder = new TemporaryFolder();
        SqliteStore store = await SqliteStore.OpenAsync(folder.File("glusterbus.db"), new SqliteStoreOptions(), TimeProvider.System, NullLogger<SqliteStore>.Instance, cancellationToken);
        var stage = new ClusterOnStage(folder, store, (await store.OpenAsync(cancellationToken)).Epoch);
        var options = new ApiOptions { Socket = folder.File("api.sock"), Dashboard = "0", Token = token, Listen = token is null ? null : "127.0.0.1:0" };
        var faces = new InstanceFaces("up", stage, store, stage._metrics, null, () => null) { Cluster = "prod" };
        stage._api = await InstanceApi.StartAsync(options, faces, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
        return stage;
    }

    /// <summary>An entity gets a state.</summary>
    /// <param name="entity">Which.</param>
    /// <param name="state">Of its kind's states.</param>
    /// <param name="at">When; now by default.</param>
    /// <param name="cause">The entity that explains it, by what was told of that last.</param>
    /// <param name="isQuiet">True to change the table without announcing it.</param>
    /// <param name="evidence">What was read.</param>
    public async Task<Transition> TellAsync(string entity, string state, DateTimeOffset? at = null, string? cause = null, bool isQuiet = false, string? evidence = null)
    {
        (StateEntry entry, RecordedTransition told) = Compose(entity, state, at ?? TimeProvider.System.GetUtcNow(), cause, isQuiet, evidence);
        await CommitAsync([(entry, told)]);
        return told.Transition;
    }

    /// <summary>Many entities get a state in one commit.</summary>
    public Task TellAllAsync(IEnumerable<(string Entity, string State)> news, DateTimeOffset at, bool isQuiet) =>
        CommitAsync([.. news.Select(n => Compose(n.Entity, n.State, at, null, isQuiet, null))]);

    /// <summary>Nodes gl1 to gl<paramref name="nodes"/> and volumes gv1 …, each with bricks on every node; all well.</summary>
    public async Task BuildAsync(int nodes, int volumes, int bricksEach, DateTimeOffset at)
    {
        string[] names = [.. Enumerable.Range(1, nodes).Select(i => $"gl{i}")];
        string[] gvs = [.. Enumerable.Range(1, volumes).Select(i => $"gv{i}")];
        await TellAllAsync(names.Select(n => ($"node/{n}", "online")), at, isQuiet: false);
        await TellAllAsync(gvs.Select(v => ($"volume/{v}", "started")), at, isQuiet: false);
        await TellAllAsync(gvs.SelectMany(v => names.SelectMany(n => Enumerable.Range(1, bricksEach).Select(b => ($"brick/{v}/{n}:/srv/{v}/b{b}", "online")))), at, isQuiet: true);
        await TellAllAsync(gvs.Select(v => ($"subvol/{v}/replicate-0", "up")).Concat(names.Select(n => ($"daemon/{n}/glustershd", "online"))), at, isQuiet: true);
    }

    public ValueTask<IReadOnlyList<EntityState>> CurrentAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<EntityState>>(
        [.. _entries.Values.Where(entry => !entry.IsGone).OrderBy(entry => entry.Entity)
            .Select(entry => new EntityState(entry.Entity, entry.State, entry.Severity, entry.Sequence, entry.Since, entry.Attributes))]);

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _store.DisposeAsync();
        _metrics.Dispose();
        _folder.Dispose();
    }

    private (StateEntry Entry, RecordedTransition Told) Compose(string entity, string state, DateTimeOffset at, string? cause, bool isQuiet, string? evidence)
    {
        EntityId id = EntityId.Parse(entity);
        _entries.TryGetValue(id, out StateEntry? before);
        long sequence = (before?.Sequence ?? 0) + (isQuiet ? 0 : 1);
        var entry = new StateEntry { Entity = id, State = state, Sequence = sequence, Since = before?.State == state ? before.Since : at, By = "gl1/logs" };
        var transition = new Transition
        {
            Cluster = "prod",
            Entity = id,
            Sequence = sequence,
            Change = state,
            Previous = before?.State,
            Current = state,
            Severity = EntityKinds.Of(id)!.SeverityOf(state),
            Reason = before is null ? TransitionReason.FoundAtStart : TransitionReason.StateChanged,
            Cause = cause is null ? null : $"prod/{cause}@{_entries[EntityId.Parse(cause)].Sequence}",
            Evidence = evidence is null ? [] : [new Evidence("log-line", evidence, "/var/log/glusterfs/glusterd.log:48213", "gl1", at)],
            Observers = ["gl1/logs", "gl1/get_state"],
            Attributes = ImmutableDictionary<string, string>.Empty,
            Time = at,
            RecordedAt = at.AddMilliseconds(3),
        };
        _entries[id] = entry;
        return (entry, new RecordedTransition(transition, !isQuiet));
    }

    private async Task CommitAsync((StateEntry Entry, RecordedTransition Told)[] news) =>
        await _store.CommitAsync(_epoch, new Commit([.. news.Select(n => n.Entry)], [.. news.Select(n => n.Told)], ImmutableDictionary<string, AppliedSequence>.Empty), CancellationToken.None);
}
