using GlusterBus.Collectors.Node;
using GlusterBus.Collectors.Publishing;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Host.Api;
using GlusterBus.Host.Composition;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Telemetry;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Host.Demo.Pipelines;

/// <summary>The configured broker with whatever routers it has: every simulated node publishes as <c>glusterbus collect</c> does, and the transitions are
/// those that anybody hears on the channels.</summary>
internal sealed class DistributedDemo : IDemoPipeline
{
    private readonly GlusterBusOptions _options;
    private readonly string _root;
    private readonly int _seed;
    private readonly DemoEnds _ends;
    private readonly TimeProvider _clock;
    private readonly ILoggerFactory _loggers;
    private readonly DemoEar _ear;
    private readonly BackgroundPart _listening;
    private readonly PartStack _parts = new();
    private long _seen;

    private DistributedDemo(GlusterBusOptions options, int seed, string root, DemoEnds ends, TimeProvider clock, ILoggerFactory loggers)
    {
        (_options, _seed, _root, _ends, _clock, _loggers) = (options, seed, root, ends, clock, loggers);
        _ear = new DemoEar(options, ends.Receiver, clock, loggers.CreateLogger<DemoEar>());
        _listening = _parts.Keep(new BackgroundPart(_ear.RunAsync));
    }

    public bool IsEmbedded => false;

    /// <summary>It is <c>glusterbus notify</c> that serves it.</summary>
    public string? Dashboard => null;

    public Task Completion => _listening.Completion;

    /// <summary>Returns when the broker is there, and a router has made the channels.</summary>
    /// <param name="root">The folder for the nodes' spools.</param>
    public static async Task<IDemoPipeline> StartAsync(
        GlusterBusOptions options, int seed, string root, DemoEnds ends, TimeProvider clock, ILoggerFactory loggers, CancellationToken stop)
    {
        var demo = new DistributedDemo(options, seed, root, ends, clock, loggers);
        try
        {
            await demo.ServeAsync();
            await demo._ear.WhenListening.WaitAsync(stop);
            return demo;
        }
        catch
        {
            await demo.DisposeAsync();
            throw;
        }
    }

    public NodeLine Connect(NodeContext node)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_root, node.Name, "publisher")).FullName;
        var sink = new BrokerSink(
            new BrokerSinkOptions { Cluster = _options.Cluster, DataDirectory = folder, RabbitMq = _options.RabbitMq, Spool = _options.Spool },
            node, new Random(_seed), _clock, _loggers.CreateLogger<BrokerSink>());
        var parts = new PartStack();
        parts.Keep(sink);
        parts.Keep(new BackgroundPart(sink.RunAsync));
        return new NodeLine(new CountingSink(this, sink), parts);
    }

    public (long Seen, long Published, IReadOnlyDictionary<string, long> Suppressed) Count() =>
        (Interlocked.Read(ref _seen), _ends.Receiver.Arrived.Count, new Dictionary<string, long>());

    /// <summary>A node without power has a silent collector, which only this deployment notices.</summary>
    public bool IsOfTheStory(Transition transition) => transition.Entity.Kind != "collector";

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    /// <summary>Answers like the roles do, so that a container can be asked for its health.</summary>
    private async Task ServeAsync()
    {
        var faces = new InstanceFaces("demo", null, null, _parts.Keep(new PrometheusExporter()), null, () => _ear.IsListening ? null : "the broker is away, or no router has run yet");
        _parts.Keep(await InstanceApi.StartAsync(RolePaths.For("demo", _options).Api, faces, _clock, _loggers, CancellationToken.None));
    }

    /// <summary>Shows what left a node.</summary>
    private sealed class CountingSink(DistributedDemo demo, BrokerSink sink) : IObservationSink
    {
        public async ValueTask PublishAsync(ObservationBatch batch, CancellationToken cancellationToken)
        {
            await sink.PublishAsync(batch, cancellationToken);
            Interlocked.Add(ref demo._seen, batch.Observations.Count);
            foreach (Observation observation in batch.Observations)
            {
                demo._ends.Observed(observation, "sent");
            }
        }
    }
}
