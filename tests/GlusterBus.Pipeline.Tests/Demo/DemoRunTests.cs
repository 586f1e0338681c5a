using System.Text;
using GlusterBus.Contracts.Messages;
using GlusterBus.Host.Demo;
using GlusterBus.Host.Demo.Pipelines;
using GlusterBus.Host.Demo.View;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Demo;

/// <summary>The whole pipeline in real time, five times faster than life: files, datagrams, SQLite and all.</summary>
[Collection(Alone.Name)]
public sealed class DemoRunTests
{
    [Fact]
    public async Task The_story_causes_each_expected_transition_exactly_once()
    {
        using var folder = new TemporaryFolder();
        using var json = new MemoryStream();
        var remarks = new StringWriter();
        var run = new DemoRun(new DemoOptions { Once = true, Seed = 7, Speed = 5 }, EmbeddedDemo.StartAsync, (_, _) => new JsonView(json, remarks), TimeProvider.System);

        Verdict? verdict = await run.RunAsync(folder.Path, TestContext.Current.CancellationToken);

        verdict.ShouldNotBeNull().IsGood.ShouldBeTrue(remarks.ToString());
        string[] lines = Encoding.UTF8.GetString(json.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Select(line => TransitionJson.Parse(Encoding.UTF8.GetBytes(line)).Id).Distinct().Count().ShouldBe(verdict.Arrived);
    }

    [Fact]
    public async Task Ctrl_C_ends_it_without_a_verdict_and_without_an_error()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var view = new StopsAtChapter(3, stop);
        var run = new DemoRun(new DemoOptions { Seed = 7, Speed = 5 }, EmbeddedDemo.StartAsync, (_, _) => view, TimeProvider.System);

        Verdict? verdict = await run.RunAsync(folder.Path, stop.Token);

        verdict.ShouldBeNull();
        view.HasConcluded.ShouldBeTrue();
    }

    [Fact(Timeout = 60_000)]
    public async Task The_dashboard_shows_the_cluster_that_is_played()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var view = new StopsAtChapter(int.MaxValue, stop);
        var run = new DemoRun(new DemoOptions { Seed = 7, Speed = 5, Dashboard = 0 }, EmbeddedDemo.StartAsync, (_, _) => view, TimeProvider.System);
        Task<Verdict?> running = run.RunAsync(folder.Path, stop.Token);

        using var http = new HttpClient { BaseAddress = new Uri(await view.Dashboard.WaitAsync(TestContext.Current.CancellationToken)) };
        string page = await http.GetStringAsync("/", TestContext.Current.CancellationToken);
        while (!(await http.GetStringAsync("/v1/state", TestContext.Current.CancellationToken)).Contains("\"node/n1\"", StringComparison.Ordinal))
        {
            // The collectors take their first look.
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        await stop.CancelAsync();
        await running;

        http.BaseAddress!.Host.ShouldBe("127.0.0.1");
        page.ShouldContain("<title>GlusterBus");
    }

    private sealed class StopsAtChapter(int chapter, CancellationTokenSource stop) : IDemoView
    {
        private readonly TaskCompletionSource<string> _dashboard = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool HasConcluded { get; private set; }

        public Task<string> Dashboard => _dashboard.Task;

        public void Serves(string dashboard) => _dashboard.TrySetResult(dashboard);

        public void Begin(int number, Chapter told)
        {
            if (number == chapter)
            {
                stop.Cancel();
            }
        }

        public void Observed(Observation observation, string outcome)
        {
        }

        public void Announced(Transition transition, ReadOnlyMemory<byte> json)
        {
        }

        public void Conclude(Verdict? verdict, Tally tally) => HasConcluded = true;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
