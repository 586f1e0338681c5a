using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using GlusterBus.Collectors.LogTail;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Runtime.Gluster;
using GlusterBus.TestKit;

namespace GlusterBus.Collectors.Tests.LogTail;

/// <summary>A log folder with a tailer over it that the test drives step by step, and a sink that forgets repeats as the router does.</summary>
internal sealed class TailedFolder : IObservationSink, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _state = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), Path.GetRandomFileName()); // In memory, where fsync costs nothing; the logs need a file system that uses inodes again.
    private readonly Dictionary<string, long> _applied = [];
    private readonly LogPump<EveryRecord> _pump;
    private LogTailer? _tailer;
    private long _stamp;

    public TailedFolder(LogStart startAt = LogStart.End, int maximumLine = 1024, int bufferLength = 4096)
    {
        Directory.CreateDirectory(_folder.File("logs/bricks"));
        Options = new LogsOptions { Directory = _folder.File("logs"), StartAt = startAt };
        Node = new NodeContext("gl1", new NoCli(), _state, epoch: 7);
        _pump = new LogPump<EveryRecord>(default, maximumLine, bufferLength);
    }

    public LogsOptions Options { get; init; }

    public NodeContext Node { get; }

    public FakeClock Clock { get; } = new();

    public ListLogger Logger { get; } = new();

    /// <summary>Everything published, repeats too.</summary>
    public List<ObservationBatch> Batches { get; } = [];

    /// <summary>What is new to the router, in its order.</summary>
    public List<Observation> New { get; } = [];

    /// <summary>The texts of the new lines.</summary>
    public IEnumerable<string> Lines => New.Select(o => o.Occurrence!);

    /// <summary>The publish call that fails, counted down; the next one when 0.</summary>
    public int? FailAfter { get; set; }

    /// <summary>True when the failing call has committed before its answer is lost.</summary>
    public bool FailsLate { get; set; }

    public string CheckpointPath => LogTailer.CheckpointPath(Node);

    public string PathOf(string name) => _folder.File("logs/" + name);

    public string Stamp() => $"[{new DateTime(2026, 11, 22, 9, 0, 0, DateTimeKind.Utc).AddMilliseconds(_stamp++):yyyy-MM-dd HH:mm:ss.ffffff} +0000] I ";

    public void Write(string name, params string[] lines) => WriteRaw(name, string.Concat(lines.Select(line => Stamp() + line + "\n")));

    public void WriteRaw(string name, string text) => WriteRaw(name, Encoding.UTF8.GetBytes(text));

    public void WriteRaw(string name, byte[] bytes)
    {
        using var stream = new FileStream(PathOf(name), FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        stream.Write(bytes);
    }

    public void Rename(string from, string to) => File.Move(PathOf(from), PathOf(to), overwrite: true);

    public void Delete(string name) => File.Delete(PathOf(name));

    public void Truncate(string name, long length = 0)
    {
        using var stream = new FileStream(PathOf(name), FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        stream.SetLength(length);
    }

    public void CopyTruncate(string name, string copy)
    {
        File.Copy(PathOf(name), PathOf(copy), overwrite: true);
        Truncate(name);
    }

    public void Compress(string name)
    {
        using (FileStream from = File.OpenRead(PathOf(name)))
        using (var to = new GZipStream(File.Create(PathOf(name + ".gz")), CompressionLevel.Fastest))
        {
            from.CopyTo(to);
        }

        Delete(name);
    }

    /// <summary>Starts the tailer if it does not run, and looks until nothing more is to be read.</summary>
    public void Poll()
    {
        Start();
        Clock.Advance(Options.PollInterval);
        while (_tailer!.PollAsync(this, CancellationToken.None).AsTask().GetAwaiter().GetResult())
        {
        }

        _tailer.SaveIfDue();
    }

    /// <summary>Looks often enough for everything to be found: new names too.</summary>
    public void Settle()
    {
        for (int i = 0; i < 3; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(11));
            Poll();
        }
    }

    public void Start() => _tailer ??= new LogTailer(Options, Node, _pump, Clock, Logger);

    /// <summary>Ends without a goodbye: what is on disk is what the last save left.</summary>
    public void Kill()
    {
        _tailer?.Dispose();
        _tailer = null;
    }

    public void Stop()
    {
        _tailer?.Save();
        Kill();
    }

    public ValueTask PublishAsync(ObservationBatch batch, CancellationToken cancellationToken)
    {
        bool fails = FailAfter-- == 0;
        if (!fails || FailsLate)
        {
            Apply(batch);
        }

        return fails ? throw new SinkLostException() : ValueTask.CompletedTask;
    }

    private void Apply(ObservationBatch batch)
    {
        batch.Observations.Count.ShouldBeInRange(1, ObservationBatch.MaximumCount);
        batch.Epoch.ShouldBe(0);
        Batches.Add(batch);
        long applied = _applied.GetValueOrDefault(batch.Stream, -1);
        New.AddRange(batch.Observations.Where(o => o.Sequence > applied));
        _applied[batch.Stream] = Math.Max(applied, batch.Observations.Max(o => o.Sequence));
    }

    public void Dispose()
    {
        Kill();
        _pump.Dispose();
        Directory.Delete(_state, recursive: true);
        _folder.Dispose();
    }
}

/// <summary>Of a kind that a file could throw too: the tailer must not mistake the one for the other.</summary>
internal sealed class SinkLostException : IOException;

/// <summary>A rule that wants every record and tells its text after the severity.</summary>
internal readonly struct EveryRecord : ILineReader
{
    public bool IsWanted(ReadOnlySpan<byte> line) => line.IndexOf("] I "u8) >= 0;

    public void Read(ReadOnlySpan<byte> line, in LogLineContext context, List<Observation> output) => output.Add(new Observation
    {
        Entity = EntityId.Node(context.Node.Name),
        Occurrence = Encoding.UTF8.GetString(line[(line.IndexOf("] I "u8) + 4)..]),
        Source = "logs",
        Node = context.Node.Name,
        ObservedAt = context.Clock.GetUtcNow(),
        Sequence = context.Offset,
        Evidence = new Evidence("log-line", "", $"{context.File}:{context.Kind}:{context.BrickPath}", context.Node.Name, context.Clock.GetUtcNow()),
    });
}

internal sealed class NoCli : IGlusterCli
{
    public Task<XDocument> QueryAsync(IReadOnlyList<string> command, CancellationToken cancellationToken) => throw new GlusterReplyException("there is no glusterd here", isDaemonDown: true);

    public Task<string> GetStateAsync(CancellationToken cancellationToken) => throw new GlusterReplyException("there is no glusterd here", isDaemonDown: true);
}
