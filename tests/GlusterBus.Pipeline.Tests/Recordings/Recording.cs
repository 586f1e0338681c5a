using System.Net;
using System.Text;
using System.Text.Json;
using GlusterBus.Collectors.GlusterEvents;
using GlusterBus.Collectors.LogTail;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router;
using GlusterBus.Router.Decisions;
using GlusterBus.Runtime.Gluster;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Recordings;

/// <summary>Plays what real nodes wrote and sent: every log line and datagram of all nodes, at its own time on a scripted clock, through the
/// real readers into the real decision.</summary>
internal sealed class Recording(string folder)
{
    private readonly List<RecordedTransition> _recorded = [];
    private readonly ClusterState _state = new();
    private readonly Decider _decider = new(new RouterOptions { Cluster = "recorded" });
    private readonly FakeClock _clock = new(DateTimeOffset.UnixEpoch);

    private sealed record Item(DateTimeOffset At, string Stream, Func<Recording, IReadOnlyList<Observation>> Read);

    /// <summary>All observations that were suppressed, counted by reason.</summary>
    public SortedDictionary<string, int> Suppressed { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<Transition> Play()
    {
        Item[] items = [.. Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal).SelectMany(Items)
            .OrderBy(item => item.At).ThenBy(item => item.Stream, StringComparer.Ordinal)];
        foreach (Item item in items)
        {
            AdvanceTo(item.At);
            if (item.Read(this) is { Count: > 0 } observations)
            {
                Decide(new ObservationBatch { Stream = item.Stream, Epoch = 1, Observations = observations });
            }
        }

        AdvanceTo(_clock.GetUtcNow().AddMinutes(1));
        return [.. _recorded.Where(r => r.IsAnnounced).Select(r => r.Transition)];
    }

    private void AdvanceTo(DateTimeOffset at)
    {
        while (_state.NextDue is { } due && due <= at)
        {
            _clock.Advance(due - _clock.GetUtcNow());
            var working = new WorkingState(_state);
            _decider.Release(working, _state.Due(due), due, _recorded);
            working.Accept();
        }

        if (at > _clock.GetUtcNow())
        {
            _clock.Advance(at - _clock.GetUtcNow());
        }
    }

    private void Decide(ObservationBatch batch)
    {
        var working = new WorkingState(_state);
        foreach (Outcome outcome in _decider.Decide(working, batch, _clock.GetUtcNow(), _recorded).Where(o => o.Transition is null))
        {
            Suppressed[outcome.Suppression.Name()] = Suppressed.GetValueOrDefault(outcome.Suppression.Name()) + 1;
        }

        working.Accept();
    }

    private static IEnumerable<Item> Items(string nodeFolder)
    {
        var node = new NodeContext(Path.GetFileName(nodeFolder), new NoGluster(), nodeFolder, epoch: 1);
        IEnumerable<Item> logs = Directory.EnumerateFiles(nodeFolder, "*.log", SearchOption.AllDirectories).Order(StringComparer.Ordinal).SelectMany(file => Lines(node, nodeFolder, file));
        return logs.Concat(Datagrams(node, Path.Combine(nodeFolder, "datagrams.jsonl")));
    }

    /// <summary>A line is played when it was written, so that a line held back by Gluster comes late here, too: the newest time seen in the file so far.</summary>
    private static IEnumerable<Item> Lines(NodeContext node, string root, string file)
    {
        string name = Path.GetRelativePath(root, file);
        LogKind kind = name.StartsWith("bricks/", StringComparison.Ordinal) ? LogKind.Brick : LogKind.Glusterd;
        string? brickPath = kind == LogKind.Brick ? "/" + Path.GetFileNameWithoutExtension(file).Replace('-', '/') : null;
        byte[] content = File.ReadAllBytes(file);
        DateTimeOffset written = default;
        for (int start = 0, end; start < content.Length; start = end)
        {
            int newline = content.AsSpan(start).IndexOf((byte)'\n');
            end = newline < 0 ? content.Length : start + newline + 1;
            (int from, int length, int offset) = (start, end - start - (newline < 0 ? 0 : 1), end);
            if (DateTimeOffset.TryParse(Encoding.UTF8.GetString(content, from, Math.Min(length, 34)).TrimStart('[').TrimEnd(']'), out DateTimeOffset stamp) && stamp > written)
            {
                written = stamp;
            }

            if (LogRuleSet.Embedded.IsWanted(content.AsSpan(from, length)))
            {
                yield return new Item(written, $"{node.Name}/logs/{name}", recording =>
                {
                    var observations = new List<Observation>();
                    LogRuleSet.Embedded.Read(content.AsSpan(from, length), new LogLineContext(kind, name, offset, node, recording._clock, brickPath), observations);
                    return observations;
                });
            }
        }
    }

    private static IEnumerable<Item> Datagrams(NodeContext node, string file)
    {
        long sequence = 0;
        foreach (string line in File.Exists(file) ? File.ReadLines(file) : [])
        {
            using JsonDocument json = JsonDocument.Parse(line);
            DateTimeOffset at = DateTimeOffset.UnixEpoch.AddMicroseconds(json.RootElement.GetProperty("recv").GetDouble() * 1e6);
            byte[] datagram = Encoding.Latin1.GetBytes(json.RootElement.GetProperty("data").GetString()!);
            IPAddress sender = IPAddress.Parse(json.RootElement.GetProperty("src").GetString()!);
            yield return new Item(at, $"{node.Name}/gf_event", _ =>
            {
                GlusterEventReading reading = GlusterEventReader.Read(datagram, sender, isTrusted: true, at, node, new GlusterEventsOptions());
                return [.. reading.Observations.Select(o => o with { Sequence = ++sequence })];
            });
        }
    }

    private sealed class NoGluster : IGlusterCli
    {
        public Task<System.Xml.Linq.XDocument> QueryAsync(IReadOnlyList<string> command, CancellationToken cancellationToken) => throw new GlusterReplyException("a recording answers nothing");

        public Task<string> GetStateAsync(CancellationToken cancellationToken) => throw new GlusterReplyException("a recording answers nothing");
    }
}
