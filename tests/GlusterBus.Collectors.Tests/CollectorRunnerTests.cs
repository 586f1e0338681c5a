using GlusterBus.Collectors.Node;
using GlusterBus.Collectors.Tests.GetState;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Collectors.Tests;

public sealed class CollectorRunnerTests : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(30));
    private readonly FakeClock _clock = new();
    private readonly RecordingSink _sink = new();
    private readonly NodeContext _node;
    private Task _running = Task.CompletedTask;

    public CollectorRunnerTests() => _node = new NodeContext("n1", new ScriptedGlusterCli(_clock), "/nowhere", epoch: 3);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    [Fact]
    public async Task A_collector_is_told_online_at_start()
    {
        Run(("quiet", new ScriptedCollector(_ => Never)));

        ObservationBatch batch = await _sink.NextAsync(_stop.Token);

        Observation told = batch.Observations.ShouldHaveSingleItem();
        (told.Entity.Value, told.State, batch.Stream, batch.Epoch).ShouldBe(("collector/n1/quiet", "online", "n1/runner/quiet", 3));
        _node.WhenKnown.IsCompleted.ShouldBeTrue("no get_state collector would ever say so");
    }

    [Fact]
    public void The_get_state_collector_itself_says_when_the_node_is_known()
    {
        Run(("get_state", new ScriptedCollector(_ => Never)));

        _node.WhenKnown.IsCompleted.ShouldBeFalse();
        _sink.Batches.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_failure_is_no_news_the_second_in_a_row_makes_it_blind_and_further_ones_say_nothing_more()
    {
        var collector = new ScriptedCollector(run => run <= 5 ? Task.FromException(new InvalidOperationException($"port taken, password=hunter2 {run}")) : Never, _clock);
        Run(("gf_event", collector));

        await AdvanceUntilAsync(() => collector.Runs == 6);
        await AdvanceUntilAsync(() => _sink.Batches.Count == 3);

        Observation[] told = [.. _sink.Observations];
        told.Select(o => o.State).ShouldBe(["online", "blind", "online"]);
        told[1].Attributes["error"].ShouldBe("port taken, password=*** 2");
        told[2].Attributes["error"].ShouldBeNull();
        told.Select(o => o.Sequence).ShouldBe([1, 2, 3]);


        // Only a run that lasts is a recovery: four pauses (2, 4, 8 and 16 seconds at least) and the time to settle lie between.
        (told[2].ObservedAt - told[1].ObservedAt).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(30) + RestartPause.Settled);
    }

    [Fact]
    public async Task Pauses_grow_with_the_failures()
    {
        var collector = new ScriptedCollector(_ => Task.FromException(new IOException("no")), _clock);
        Run(("logs", collector));

        await AdvanceUntilAsync(() => collector.Runs == 10);

        TimeSpan[] pauses = [.. collector.Times.Zip(collector.Times.Skip(1), (a, b) => b - a)];
        double[] least = [1, 2, 4, 8, 16, 30, 30, 30, 30];
        pauses.Select(p => p.TotalSeconds).Zip(least).ShouldAllBe(pair => pair.First >= pair.Second);
    }

    [Fact]
    public async Task A_collector_that_ends_by_itself_or_blocks_disturbs_no_other()
    {
        var ended = new ScriptedCollector(_ => Task.CompletedTask);
        var healthy = new ScriptedCollector(_ => Never);
        using var gate = new ManualResetEventSlim();
        var blocking = new ScriptedCollector(_ =>
        {
            gate.Wait(_stop.Token);
            return Never;
        });
        Run(("blocking", blocking), ("ended", ended), ("healthy", healthy));

        await AdvanceUntilAsync(() => ended.Runs >= 3 && healthy.Runs == 1);

        _sink.Observations.ShouldContain(o => o.Entity.Value == "collector/n1/ended" && o.Attributes["error"] == "it ended by itself");
        gate.Set();
    }

    [Fact]
    public async Task A_cancelled_run_ends_clean()
    {
        var collector = new ScriptedCollector(_ => Never);
        Run(("quiet", collector), ("failing", new ScriptedCollector(_ => Task.FromException(new IOException("no")))));
        await AdvanceUntilAsync(() => collector.Runs == 1);

        await _stop.CancelAsync();

        await _running.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        _running.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(1, 0.999999, 2)]
    [InlineData(2, 0, 2)]
    [InlineData(5, 0.5, 24)]
    [InlineData(6, 0, 30)]
    [InlineData(1000, 0.999999, 60)]
    public void A_pause_doubles_up_to_a_bound(int failures, double sample, double seconds) =>
        RestartPause.After(failures, sample).TotalSeconds.ShouldBe(seconds, 0.001);

    [Theory]
    [InlineData("cannot reach https://user:pa55@host/x", "cannot reach https://***@host/x")]
    [InlineData("sent Authorization: Bearer abc.def", "sent Authorization: ***")]
    [InlineData("two\nlines", "two lines")]
    [InlineData("", "IOException")]
    public void An_error_leaves_the_node_without_secrets(string message, string shown) => ErrorText.Of(new IOException(message)).ShouldBe(shown);

    private Task Never => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);

    private void Run(params (string, ICollector)[] collectors) =>
        _running = new CollectorRunner(_clock, new Random(1), NullLogger<CollectorRunner>.Instance).RunAsync(_node, collectors, _sink, _stop.Token);

    /// <summary>Lets time pass in small steps, since the test can't see when the runner begins to wait.</summary>
    private async Task AdvanceUntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            _stop.Token.ThrowIfCancellationRequested();
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
            _clock.Advance(TimeSpan.FromMilliseconds(200));
        }
    }

    private sealed class ScriptedCollector(Func<int, Task> run, TimeProvider? clock = null) : ICollector
    {
        private int _runs;

        public List<DateTimeOffset> Times { get; } = [];

        public int Runs => Volatile.Read(ref _runs);

        public Task RunAsync(IObservationSink sink, CancellationToken cancellationToken)
        {
            Times.Add((clock ?? TimeProvider.System).GetUtcNow());
            return run(Interlocked.Increment(ref _runs));
        }
    }
}
