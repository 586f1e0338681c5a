using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GlusterBus.Host.Demo.Simulation;

/// <summary>Where the cues become real: log files in one folder per node, datagrams to each node's listener, and the state that the simulated command line answers from.</summary>
/// <param name="root">Each node's logs go to <c>root/node/log</c>.</param>
/// <param name="initial">The cluster before the first cue.</param>
/// <param name="portOf">Where a node's gf_event collector listens on 127.0.0.1; null while it does not.</param>
/// <param name="power">Called when a node's power goes or its collectors may start again.</param>
internal sealed class Stage(
    string root, ClusterState initial, Func<string, int?> portOf, Func<string, bool, CancellationToken, Task> power, TimeProvider clock, double speed) : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Dictionary<string, OpenLog> _logs = [];
    private volatile ClusterState _state = initial;
    private long _lines;
    private long _datagrams;

    public ClusterState State => _state;

    /// <summary>Log lines written so far.</summary>
    public long Lines => Interlocked.Read(ref _lines);

    /// <summary>Datagrams sent so far.</summary>
    public long Datagrams => Interlocked.Read(ref _datagrams);

    public static string LogFolder(string root, string node) => Path.Combine(root, node, "log");

    /// <summary>Makes every node's log folder, so that the collectors can start before the first line.</summary>
    public void Prepare()
    {
        foreach (SimulatedNode node in _state.Nodes)
        {
            Directory.CreateDirectory(Path.Combine(LogFolder(root, node.Name), "bricks"));
        }
    }

    /// <summary>Plays cues in their order, each at its time divided by the speed, counted from this call.</summary>
    public async Task PlayAsync(IReadOnlyList<Cue> cues, CancellationToken cancellationToken)
    {
        long begin = clock.GetTimestamp();
        foreach (Cue cue in cues)
        {
            TimeSpan wait = (cue.At / speed) - clock.GetElapsedTime(begin);
            if (wait > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(wait, clock, cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            await ApplyAsync(cue, cancellationToken);
        }
    }

    /// <summary>Turns every log over, as logrotate does, so that a demo that runs for days does not fill the disk.</summary>
    public void RotateAll()
    {
        foreach ((string path, OpenLog log) in _logs.Where(log => File.Exists(log.Key)))
        {
            File.Move(path, path + ".1", overwrite: true);
            log.ReopenAt = clock.GetUtcNow();
        }
    }

    public void Dispose()
    {
        foreach (OpenLog log in _logs.Values)
        {
            log.Stream.Dispose();
        }

        _socket.Dispose();
    }

    private async ValueTask ApplyAsync(Cue cue, CancellationToken cancellationToken)
    {
        switch (cue)
        {
            case Cue.LogLine line:
                Write(line.Node, line.File, $"{Stamp(line.Behind)} {line.Text}\n");
                break;
            case Cue.RepeatedLine repeated:
                Write(
                    repeated.Node, repeated.File,
                    string.Create(CultureInfo.InvariantCulture, $"The message \"{repeated.Message}\" repeated {repeated.Count} times between {Stamp(repeated.FirstBehind)} and {Stamp(repeated.LastBehind)}\n"));
                break;
            case Cue.BareLines bare:
                Write(bare.Node, bare.File, bare.Text + "\n");
                break;
            case Cue.Datagram datagram:
                Send(datagram);
                break;
            case Cue.Becomes becomes:
                _state = becomes.State;
                break;
            case Cue.Rotation rotation:
                Rotate(rotation);
                break;
            case Cue.Power change:
                await power(change.Node, change.IsOn, cancellationToken);
                break;
            default:
                throw new InvalidOperationException($"the stage doesn't know {cue.GetType().Name}");
        }
    }

    private string Stamp(TimeSpan behind) =>
        (clock.GetUtcNow() - (behind / speed)).UtcDateTime.ToString("'['yyyy-MM-dd HH:mm:ss.ffffff '+0000]'", CultureInfo.InvariantCulture);

    private void Write(string node, string file, string text)
    {
        string path = Path.Combine(LogFolder(root, node), file);
        if (_logs.TryGetValue(path, out OpenLog? log) && log.ReopenAt is { } due && clock.GetUtcNow() >= due)
        {
            log.Stream.Dispose();
            log = null;
        }

        log ??= _logs[path] = new OpenLog(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
        log.Stream.Write(Encoding.UTF8.GetBytes(text));
        Interlocked.Increment(ref _lines);
    }

    private void Rotate(Cue.Rotation rotation)
    {
        string path = Path.Combine(LogFolder(root, rotation.Node), rotation.File);
        if (_logs.TryGetValue(path, out OpenLog? log))
        {
            File.Move(path, path + ".1", overwrite: true);
            log.ReopenAt = clock.GetUtcNow() + (rotation.Reopens / speed);
        }
    }

    private void Send(Cue.Datagram datagram)
    {
        if (portOf(datagram.Node) is not { } port)
        {
            return;
        }

        string text = string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow().ToUnixTimeSeconds()} {datagram.Number} {datagram.Payload}");
        _socket.SendTo(Encoding.UTF8.GetBytes(text), new IPEndPoint(IPAddress.Loopback, port));
        Interlocked.Increment(ref _datagrams);
    }

    private sealed class OpenLog(FileStream stream)
    {
        public FileStream Stream { get; } = stream;

        /// <summary>Set after a rotation: the process writes into the renamed file until then.</summary>
        public DateTimeOffset? ReopenAt { get; set; }
    }
}
