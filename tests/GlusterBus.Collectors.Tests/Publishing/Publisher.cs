using System.Threading.Channels;
using GlusterBus.Collectors.Node;
using GlusterBus.Collectors.Publishing;
using GlusterBus.Collectors.Tests.GetState;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Collectors.Tests.Publishing;

/// <summary>A running sink on node <c>n1</c> of cluster <c>c</c>, whose data folder outlives it.</summary>
internal sealed class Publisher : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<TimeSpan> _looks = Channel.CreateUnbounded<TimeSpan>();
    private readonly Task _running;

    private Publisher(RabbitMqOptions broker, string dataDirectory, TimeProvider clock, int spoolMegabytes)
    {
        Node = new NodeContext("n1", new ScriptedGlusterCli(clock), dataDirectory, epoch: 5) { IsAlone = false };
        Node.ReconcileRequested += delay => _looks.Writer.TryWrite(delay);
        Sink = new BrokerSink(
            new BrokerSinkOptions { Cluster = "c", DataDirectory = dataDirectory, RabbitMq = broker, Spool = new SpoolOptions { MaximumMegabytes = spoolMegabytes } },
            Node, new Random(1), clock, new Logger<BrokerSink>(Log));
        _running = Task.Run(() => Sink.RunAsync(_stop.Token), CancellationToken.None);
    }

    public NodeContext Node { get; }

    public BrokerSink Sink { get; }

    public RecordingLogger Log { get; } = new();

    public static Publisher Start(RabbitMqOptions broker, string dataDirectory, TimeProvider? clock = null, int spoolMegabytes = 8) =>
        new(broker, dataDirectory, clock ?? TimeProvider.System, spoolMegabytes);

    /// <summary>Waits until a fresh look is asked for.</summary>
    public async Task<TimeSpan> LookRequestedAsync(CancellationToken cancellationToken) => await _looks.Reader.ReadAsync(cancellationToken);

    /// <summary>Waits for a line of the log. The log is looked at, since it tells nobody.</summary>
    public async Task<string> LoggedAsync(string part, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Log.Lines.FirstOrDefault(line => line.Text.Contains(part, StringComparison.Ordinal)) is { Text: { } text })
            {
                return text;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Waits until the broker takes what is published, or takes it no more.</summary>
    public async Task UntilAsync(bool isConnected, CancellationToken cancellationToken)
    {
        while (Sink.IsConnected != isConnected)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Stops it as a shutdown does.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Sink.Dispose();
        _stop.Dispose();
        Log.Dispose();
    }
}
