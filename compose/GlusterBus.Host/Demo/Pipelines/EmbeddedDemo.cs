using System.Globalization;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using GlusterBus.Host.Api;
using GlusterBus.Host.Composition;
using GlusterBus.Router;
using GlusterBus.Router.State.Sqlite;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Telemetry;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Host.Demo.Pipelines;

/// <summary>The real router on a SQLite file and the real delivery path, in this process.</summary>
internal sealed class EmbeddedDemo : IDemoPipeline
{
    private const string Cluster = "demo";

    private readonly PartStack _parts = new();
    private EmbeddedPipeline _pipeline = null!;

    private EmbeddedDemo()
    {
    }

    public bool IsEmbedded => true;

    public string? Dashboard { get; private set; }

    public Task Completion => _pipeline.Router.Completion;

    /// <param name="root">The folder for the database.</param>
    public static async Task<IDemoPipeline> StartAsync(DemoOptions options, string root, DemoEnds ends, TimeProvider clock, ILoggerFactory loggers, CancellationToken stop)
    {
        var demo = new EmbeddedDemo();
        try
        {
            await demo.BuildAsync(options, root, ends, clock, loggers, stop);
            return demo;
        }
        catch
        {
            await demo.DisposeAsync();
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

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private async Task BuildAsync(DemoOptions options, string root, DemoEnds ends, TimeProvider clock, ILoggerFactory loggers, CancellationToken stop)
    {
        SqliteStore store = _parts.Keep(await SqliteStore.OpenAsync(Path.Combine(root, "glusterbus.db"), new SqliteStoreOptions(), clock, loggers.CreateLogger<SqliteStore>(), stop));
        _pipeline = _parts.Keep(await EmbeddedPipeline.StartAsync(
            new EmbeddedPipelineOptions
            {
                Router = new RouterOptions { Cluster = Cluster },
                Store = EmbeddedStore.Of(store),
                Notifiers = [new("demo", ends.Receiver, Contracts.Pipeline.TransitionFilter.All)],
                Clock = clock,
                Random = new Random(options.Seed),
                Loggers = loggers,
                BeforeCollectors = router => router.Routed += routed => ends.Observed(routed.Observation, routed.Outcome),
            },
            stop));
        if (options.Dashboard is { } port)
        {
            var faces = new InstanceFaces("demo", _pipeline.Router, store, _parts.Keep(new PrometheusExporter()), null, () => null) { Cluster = Cluster };
            var api = new ApiOptions { Socket = Path.Combine(root, "glusterbus.sock"), Dashboard = port.ToString(CultureInfo.InvariantCulture) };
            Dashboard = $"http://{_parts.Keep(await InstanceApi.StartAsync(api, faces, clock, loggers, stop)).DashboardEndPoint}/";
        }
    }
}
