using System.Diagnostics;
using System.Globalization;
using GlusterBus.Collectors.Node;
using GlusterBus.Collectors.Publishing;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace GlusterBus.Benchmarks;

/// <summary>Collectors that always have something to tell, in a process of their own, as collectors are: nobody else waits for their memory's collector.</summary>
internal sealed class DistributedLoad : IAsyncDisposable
{
    /// <summary>How many collectors there are.</summary>
    public const int Nodes = 8;

    /// <summary>Observations in a message.</summary>
    public const int Batch = ObservationBatch.MaximumCount;

    /// <summary>More messages than that in the queue: the collectors rest. What is measured is what goes through, and a queue that grows would only take time from it.</summary>
    private const int Full = 64;

    private static volatile bool _isFull;

    private readonly Process _process;

    private DistributedLoad(Process process) => _process = process;

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static DistributedLoad Start(RabbitMqProcess broker, string cluster, bool everyOneIsNews) =>
        new(Process.Start(new ProcessStartInfo("dotnet", [typeof(DistributedLoad).Assembly.Location, "load", broker.Port.ToString(CultureInfo.InvariantCulture), cluster, everyOneIsNews ? "news" : "repeats"]) { RedirectStandardInput = true })!);

    /// <summary>The process itself: publishes until its standard input ends.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var options = new RabbitMqOptions { Hosts = ["127.0.0.1:" + args[0]], Partitions = 1 };
        using var stop = new CancellationTokenSource();
        Task[] collectors = [.. Enumerable.Range(1, Nodes).Select(node => Task.Run(() => CollectAsync($"n{node}", args[1], options, args[2] == "news", stop.Token)))];
        Task pacing = PaceAsync(options, stop.Token);
        await Console.In.ReadToEndAsync();
        await stop.CancelAsync();
        await Task.WhenAll([pacing, .. collectors]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>A full batch of a log's observations.</summary>
    public static ObservationBatch Observations(string node, int stream, long sequence, bool everyOneIsNews)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        long round = sequence / 1000;
        return new ObservationBatch
        {
            Stream = $"{node}/logs/{stream}",
            Epoch = 1,
            CanBeReadAgain = true,
            Observations = [.. Enumerable.Range(0, Batch).Select(i => new Observation
            {
                Entity = EntityId.Brick("gv0", $"{node}:/data/s{stream}/b{(sequence + i) % 1000}"),
                State = everyOneIsNews && round % 2 == 0 ? "offline" : "health-failed",
                Source = "logs",
                Node = node,
                ObservedAt = now.AddTicks(i * 10),
                Sequence = sequence + i + 1,
                Evidence = new Evidence("log-line", "[2026-11-22 09:16:38.618917 +0000] I [MSGID: 106005] [glusterd-handler.c:6431:__glusterd_brick_rpc_notify] 0-management: Brick gl2:/srv/rv1 has disconnected", "glusterd.log:4711", node, now),
            })],
        };
    }

    private static async Task PaceAsync(RabbitMqOptions options, CancellationToken stop)
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(options, "pace", stop);
        await using IChannel channel = await BrokerConnection.OpenChannelAsync(connection, 1, stop);
        while (true)
        {
            _isFull = await channel.MessageCountAsync(BrokerNames.PartitionQueue(0), stop) > Full;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, stop);
        }
    }

    private static async Task CollectAsync(string node, string cluster, RabbitMqOptions options, bool everyOneIsNews, CancellationToken stop)
    {
        using var folder = new TemporaryFolder();
        var context = new NodeContext(node, new NoGluster(), folder.Path, epoch: TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        using var sink = new BrokerSink(
            new BrokerSinkOptions { Cluster = cluster, DataDirectory = folder.Path, RabbitMq = options }, context, new Random(1), TimeProvider.System, NullLogger<BrokerSink>.Instance);
        Task running = sink.RunAsync(stop);

        // Two streams, so that the next batch is ready when the line is free.
        await Task.WhenAll(Enumerable.Range(0, 2).Select(stream => Task.Run(async () =>
        {
            for (long sequence = 0; !stop.IsCancellationRequested; sequence += Batch)
            {
                while (_isFull)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, stop);
                }

                ObservationBatch batch = Observations(node, stream, sequence, everyOneIsNews) with { Epoch = context.Epoch };
                await sink.PublishAsync(batch, stop);
            }
        }))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
