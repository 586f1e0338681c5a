using GlusterBus.Collectors.LogTail;
using GlusterBus.Collectors.Node;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Collectors.Tests.LogTail;

public sealed class LogsCollectorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _clock = new();
    private readonly RecordingSink _sink = new();
    private readonly NodeContext _node;
    private readonly string _logs;

    public LogsCollectorTests()
    {
        _logs = _folder.File("logs");
        Directory.CreateDirectory(Path.Combine(_logs, "bricks"));
        _node = new NodeContext("gx1", new NoCli(), _folder.File("state"), epoch: 1);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Recorded_logs_yield_observations_whose_evidence_is_the_line_itself()
    {
        string fixtures = Path.Combine(AppContext.BaseDirectory, "fixtures/logs");
        foreach (string file in Directory.EnumerateFiles(fixtures, "*.log", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(_logs, Path.GetRelativePath(fixtures, file)));
        }

        _node.MarkKnown();
        await RunUntilAsync(new LogsOptions { Directory = _logs, StartAt = LogStart.Beginning }, () => _sink.Batches.Select(b => b.Stream).Distinct().Count() >= 3);

        Observation[] all = [.. _sink.Observations];
        all.Length.ShouldBeGreaterThan(100);
        _sink.Batches.ShouldAllBe(batch => batch.CanBeReadAgain);
        foreach (ObservationBatch batch in _sink.Batches)
        {
            string log = batch.Stream["gx1/logs/".Length..batch.Stream.IndexOf('#', StringComparison.Ordinal)];
            string text = File.ReadAllText(Path.Combine(_logs, log));
            batch.Observations.ShouldAllBe(o => text.Contains(o.Evidence!.Text.TrimEnd('…'), StringComparison.Ordinal));
            batch.Observations.Select(o => o.Sequence).ShouldBe(batch.Observations.Select(o => o.Sequence).Order());
        }

        all.ShouldContain(o => o.Entity.Value == "peer/gx1/gx2");
        all.ShouldAllBe(o => o.Source == "logs" && o.Node == "gx1");
    }

    [Fact]
    public async Task Nothing_is_published_before_the_cluster_is_known_and_nothing_written_meanwhile_is_lost()
    {
        string log = Path.Combine(_logs, "glusterd.log");
        string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "fixtures/logs/glusterd.log"));
        File.WriteAllLines(log, lines[..10]);
        var options = new LogsOptions { Directory = _logs };
        using var ended = new CancellationTokenSource();
        Task run = Run(options, ended.Token);
        await Eventually(() => File.Exists(LogTailer.CheckpointPath(_node)));
        File.AppendAllLines(log, lines[10..]);
        _clock.Advance(options.PollInterval * 10);
        _sink.Batches.ShouldBeEmpty();

        _node.MarkKnown();
        await Eventually(() => _sink.Batches.Count > 0);
        await ended.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(run);
        long start = lines[..10].Sum(line => line.Length + 1);
        _sink.Observations.ShouldAllBe(o => o.Sequence > start);
    }

    [Fact]
    public async Task The_check_tells_what_can_be_read_and_what_cannot()
    {
        (await Check(_logs + "-elsewhere")).ShouldHaveSingleItem().Problem.ShouldBe("does not exist");
        (await Check(_logs)).ShouldHaveSingleItem().IsWarning.ShouldBeTrue();
        File.WriteAllText(Path.Combine(_logs, "glusterd.log"), "");
        (await Check(_logs)).ShouldHaveSingleItem().Problem.ShouldBeNull();
        File.CreateSymbolicLink(Path.Combine(_logs, "mnt-rv.log"), Path.Combine(_logs, "mnt-rv.log"));
        CheckResult refused = (await Check(_logs)).ShouldHaveSingleItem();
        refused.Problem.ShouldNotBeNull();
        refused.Subject.ShouldContain("mnt-rv.log");
        refused.Remedy.ShouldNotBeNull();
    }

    private Task<IReadOnlyList<CheckResult>> Check(string folder) =>
        new LogsCollector(new LogsOptions { Directory = folder }, _node, _clock, NullLogger<LogsCollector>.Instance).CheckAsync(CancellationToken.None);

    private Task Run(LogsOptions options, CancellationToken cancellationToken) =>
        new LogsCollector(options, _node, _clock, NullLogger<LogsCollector>.Instance).RunAsync(_sink, cancellationToken);

    private async Task RunUntilAsync(LogsOptions options, Func<bool> condition)
    {
        using var ended = new CancellationTokenSource();
        Task run = Run(options, ended.Token);
        await Eventually(condition);
        await ended.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(run);
    }

    private async Task Eventually(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            _clock.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Yield();
        }
    }
}
