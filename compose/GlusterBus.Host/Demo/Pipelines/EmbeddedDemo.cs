using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using GlusterBus.Host.Composition;
using GlusterBus.Router;
using GlusterBus.Router.State.Sqlite;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Host.Demo.Pipelines;

/// <summary>The real router on a SQLite file and the real delivery path, in this process.</summary>
internal sealed class EmbeddedDemo : IDemoPipeline
{
    private readonly SqliteStore _store;
    private readonly EmbeddedPipeline _pipeline;

    private EmbeddedDemo(SqliteStore store, EmbeddedPipeline pipeline)
    {
        (_store, _pipeline) = (store, pipeline);
    }

    public bool IsEmbedded => true;

    public Task Completion => _pipeline.Router.Completion;

    /// <param name="root">The folder for the database.</param>
    public static async Task<IDemoPipeline> StartAsync(DemoOptions options, string root, DemoEnds ends, TimeProvider clock, ILoggerFactory loggers, CancellationToken stop)
    {
        SqliteStore store = await SqliteStore.OpenAsync(Path.Combine(root, "glusterbus.db"), new SqliteStoreOptions(), clock, loggers.CreateLogger<SqliteStore>(), stop);
        try
        {
            EmbeddedPipeline pipeline = await EmbeddedPipeline.StartAsync(
                new EmbeddedPipelineOptions
                {
                    Router = new RouterOptions { Cluster = "demo" },
                    Store = EmbeddedStore.Of(store),
                    Notifiers = [new("demo", ends.Receiver, Contracts.Pipeline.TransitionFilter.All)],
                    Clock = clock,
                    Random = new Random(options.Seed),
                    Loggers = loggers,
                    BeforeCollectors = router => router.Routed += routed => ends.Observed(routed.Observation, routed.Outcome),
                },
                stop);
            return new EmbeddedDemo(store, pipeline);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    public NodeLine Connect(NodeContext node) => new(_pipeline.Router);

    public (long Seen, long Published, IReadOnlyDictionary<string, long> Suppressed) Count()
    {
        RouterCounters counters = _pipeline.Router.Counters;
        return (counters.Seen, counters.Published, counters.Suppressed);
    }

    public bool IsOfTheStory(Transition transition) => true;

    public async ValueTask DisposeAsync()
    {
        await _pipeline.DisposeAsync();
        await _store.DisposeAsync();
    }
}
