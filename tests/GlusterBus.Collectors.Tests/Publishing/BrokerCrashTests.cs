using System.Globalization;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Contracts.Topology;
using GlusterBus.Runtime.Bus;
using GlusterBus.TestKit;
using RabbitMQ.Client;

namespace GlusterBus.Collectors.Tests.Publishing;

/// <summary>The broker is killed and cut off at random moments while logs, datagrams and looks are published without a pause.</summary>
public sealed class BrokerCrashTests(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>Fewer than there is room for, so that the order of the calls is the order of the line.</summary>
    private const int Outstanding = 16;

    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(10));
    private readonly TemporaryFolder _folder = new();
    private readonly List<(ObservationBatch Batch, Task Published)> _underWay = [];
    private readonly HashSet<int> _required = [];
    private RabbitMqProcess _broker = null!;
    private TcpProxy _proxy = null!;
    private int _number;

    private CancellationToken Cancelled => _patience.Token;

    public async ValueTask InitializeAsync()
    {
        _broker = await RabbitMqProcess.StartAsync(Cancelled);
        _proxy = TcpProxy.Start(_broker.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _broker.DisposeAsync();
        _folder.Dispose();
        _patience.Dispose();
    }

    [Fact]
    public async Task Nothing_is_lost_and_the_order_is_kept_over_crashes_of_the_broker_and_broken_lines()
    {
        bool isSlow = Environment.GetEnvironmentVariable("GLUSTERBUS_SLOW") is not null;
        int seed = int.Parse(Environment.GetEnvironmentVariable("GLUSTERBUS_SEED") ?? TimeProvider.System.GetTimestamp().ToString(CultureInfo.InvariantCulture)[^6..], CultureInfo.InvariantCulture);
        output.WriteLine($"GLUSTERBUS_SEED={seed}");
        var random = new Random(seed);
        await DeclareAsync();
        await using Publisher publisher = Publisher.Start(
            _broker.Options with { Hosts = [string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_proxy.Port}")], Partitions = 1 }, _folder.Path, spoolMegabytes: 200);
        using var stop = new CancellationTokenSource();
        Task publishing = Task.Run(() => PublishAsync(publisher, new Random(random.Next()), stop.Token), Cancelled);

        for (int round = 0; round < (isSlow ? 60 : 12); round++)
        {
            await PauseAsync(random, 300);
            _proxy.Reset();
            await PauseAsync(random, 300);
            _proxy.Refuse();
            await PauseAsync(random, 500);
            _proxy.Accept();
            await publisher.UntilAsync(isConnected: true, Cancelled);
        }

        for (int kill = 0; kill < (isSlow ? 10 : 1); kill++)
        {
            await PauseAsync(random, 1000);
            await _broker.KillServerAsync();
            await PauseAsync(random, 1000);
            await _broker.StartServerAsync(Cancelled);
            await publisher.UntilAsync(isConnected: true, Cancelled);
        }

        await PauseAsync(random, 500);
        await stop.CancelAsync();
        await publishing;
        await publisher.Sink.PublishAsync(Batches.Log(++_number), Cancelled);
        publisher.Sink.SpooledBatches.ShouldBe(0, "the last one came after everything else");

        List<int> arrived = await ArrivedAsync();
        int[] inOrder = [.. arrived.Distinct()];
        output.WriteLine($"{_number} published, {arrived.Count} arrived, {arrived.Count - inOrder.Length} of them again");
        inOrder.SequenceEqual(inOrder.Order()).ShouldBeTrue("repeats apart, what arrives is in the order of the calls");
        _required.Except(inOrder).ShouldBeEmpty("lost");
        _required.Count.ShouldBeGreaterThan(1000);
    }

    private Task PauseAsync(Random random, int most) => Task.Delay(TimeSpan.FromMilliseconds(random.Next(most)), TimeProvider.System, Cancelled);

    private async Task PublishAsync(Publisher publisher, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            // As many logs as there are tailers: they wait while the broker is away, and the others go on.
            ObservationBatch batch = random.Next(4) switch
            {
                0 when _underWay.Count(waiting => waiting.Batch.CanBeReadAgain) < Outstanding / 2 => Batches.Log(++_number, random.Next(1, 50)),
                1 => Batches.Look(++_number, count: random.Next(1, 200)),
                _ => Batches.Datagrams(++_number, random.Next(1, 20)),
            };
            _underWay.Add((batch, publisher.Sink.PublishAsync(batch, Cancelled).AsTask()));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancelled);
            await HarvestAsync(Outstanding);
        }

        await HarvestAsync(1);
    }

    /// <summary>Notes what is safe, and waits until fewer than so many are not.</summary>
    private async Task HarvestAsync(int most)
    {
        do
        {
            foreach ((ObservationBatch batch, Task published) in _underWay.Where(waiting => waiting.Published.IsCompleted).ToArray())
            {
                _underWay.Remove((batch, published));
                if (published.IsCompletedSuccessfully)
                {
                    _required.Add(Batches.Number(batch));
                }
                else
                {
                    published.Exception!.InnerException.ShouldBeOfType<SnapshotSupersededException>("nobody was told that it is safe");
                }
            }
        }
        while (_underWay.Count >= most && await Task.WhenAny(_underWay.Select(waiting => waiting.Published)) is not null);
    }

    private async Task DeclareAsync()
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(_broker.Options, "test", Cancelled);
        await using IChannel channel = await BrokerConnection.OpenChannelAsync(connection, 2, Cancelled);
        await TestRouter.DeclareAsync(channel, Cancelled);
    }

    /// <summary>The numbers of all batches in the queue, in its order.</summary>
    private async Task<List<int>> ArrivedAsync()
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(_broker.Options, "test", Cancelled);
        await using IChannel channel = await BrokerConnection.OpenChannelAsync(connection, 2, Cancelled);
        var arrived = new List<int>();
        while (await channel.BasicGetAsync(BrokerNames.PartitionQueue(0), autoAck: true, Cancelled) is { } got)
        {
            arrived.AddRange(CompressedBody.Read(got.BasicProperties, got.Body, ObservationJson.Parse).Batches.Select(Batches.Number));
        }

        return arrived;
    }
}
