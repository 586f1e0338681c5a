using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using GlusterBus.Collectors;
using GlusterBus.Collectors.GetState;
using GlusterBus.Collectors.GlusterEvents;
using GlusterBus.Collectors.LogTail;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Host.Demo.Pipelines;
using GlusterBus.Host.Demo.Simulation;
using GlusterBus.Runtime.Gluster;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Host.Demo;

/// <summary>One simulated node with the real collectors on it. Losing power stops them; its checkpoints stay, as on a disk.</summary>
internal sealed class DemoNode(string name, string root, IGlusterCli cli, IDemoPipeline pipeline, TimeProvider clock, int seed, ILoggerFactory loggers) : IAsyncDisposable
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);
    private CancellationTokenSource? _power;
    private Task _running = Task.CompletedTask;
    private NodeLine? _line;
    private volatile int _port;

    /// <summary>Where its gf_event collector listens on 127.0.0.1; null without power.</summary>
    public int? Port => _port > 0 ? _port : null;

    public NodeContext? Context { get; private set; }

    /// <summary>Starts the collectors; returns when datagrams would be heard.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        int port = FreePort();
        string state = Directory.CreateDirectory(Path.Combine(root, name, "state")).FullName;
        var context = new NodeContext(name, cli, state, clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000) { IsAlone = pipeline.IsEmbedded };
        NodeLine line = _line = pipeline.Connect(context);
        var power = new CancellationTokenSource();
        (string, ICollector)[] collectors =
        [
            ("logs", new LogsCollector(
                new LogsOptions { Directory = Stage.LogFolder(root, name), StartAt = LogStart.Beginning, PollInterval = TimeSpan.FromMilliseconds(100) },
                context, clock, loggers.CreateLogger<LogsCollector>())),
            ("gf_event", new GlusterEventsCollector(new GlusterEventsOptions { Port = port, Listen = ["127.0.0.1"], ReceiveBufferBytes = 1024 * 1024 }, context, clock, loggers.CreateLogger<GlusterEventsCollector>())),
            ("get_state", new GetStateCollector(
                new GetStateOptions { Interval = TimeSpan.FromSeconds(5), InfoInterval = TimeSpan.FromSeconds(5) }, context, clock, loggers.CreateLogger<GetStateCollector>())),
        ];
        var runner = new CollectorRunner(clock, new Random(seed), loggers.CreateLogger<CollectorRunner>());
        _running = runner.RunAsync(context, collectors, line.Sink, power.Token);
        (_power, Context) = (power, context);
        while (!IPGlobalProperties.GetIPGlobalProperties().GetActiveUdpListeners().Any(end => end.Port == port))
        {
            await Task.Delay(Glance, clock, cancellationToken);
        }

        _port = port;
    }

    /// <summary>Pulls the plug. Returns when the collectors are gone.</summary>
    public async Task StopAsync()
    {
        _port = 0;
        if (_power is { } power)
        {
            _power = null;
            await power.CancelAsync();
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            power.Dispose();
            await _line!.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
