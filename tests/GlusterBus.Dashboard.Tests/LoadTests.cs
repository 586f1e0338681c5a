using GlusterBus.TestKit;

namespace GlusterBus.Dashboard.Tests;

public sealed class LoadTests(Browser browser)
{
    private const string Watch = """
        () => {
          window.frames_ = []; window.tasks_ = [];
          let last = performance.now();
          const tick = now => { window.frames_.push(now - last); last = now; requestAnimationFrame(tick); };
          requestAnimationFrame(tick);
          new PerformanceObserver(list => list.getEntries().forEach(entry => window.tasks_.push(entry.duration))).observe({ type: 'longtask' });
        }
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 240_000)]
    public async Task No_frame_takes_longer_than_100_ms_with_3000_bricks_and_500_changes_a_second()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("GLUSTERBUS_SLOW") is null, "GLUSTERBUS_SLOW=1 runs it: a busy machine makes any frame long");
        await using ClusterOnStage stage = await ClusterOnStage.StartAsync(Token);
        await stage.BuildAsync(60, 10, 5, TimeProvider.System.GetUtcNow().AddHours(-5));
        await using OpenPage open = await (await OpenPage.ShowAsync(browser.Chromium, stage.Page)).LiveAsync();
        await open.FindAsync("brick/gv1/gl1:/srv/gv1/b1");
        await open.Page.EvaluateAsync(Watch);

        const int seconds = 20;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        for (int told = 0; told < 500 * seconds && await timer.WaitForNextTickAsync(Token); told += 25)
        {
            int first = told;
            await stage.TellAllAsync(Enumerable.Range(first, 25).Select(i => ($"brick/gv{1 + (i % 10)}/gl{1 + (i / 10 % 60)}:/srv/gv{1 + (i % 10)}/b{1 + (i / 600 % 5)}", i / 3000 % 2 == 0 ? "offline" : "online")),
                TimeProvider.System.GetUtcNow(), isQuiet: false);
        }

        // 10,000 changes are three and a third rounds over the bricks: the first thousand of the fourth is offline no more.
        await open.Page.WaitForFunctionAsync("() => Number(document.querySelector('#feed .line').getAttribute('aria-setsize')) >= 5000");
        double[] frames = [.. (await open.Page.EvaluateAsync<double[]>("window.frames_")).Order()];
        double[] tasks = await open.Page.EvaluateAsync<double[]>("window.tasks_");
        TestContext.Current.SendDiagnosticMessage(
            $"{frames.Length} frames in {seconds} s: p50 {frames[frames.Length / 2]:F0} ms, p99 {frames[frames.Length * 99 / 100]:F0} ms, longest {frames[^1]:F0} ms; longest task {tasks.DefaultIfEmpty(0).Max():F0} ms");
        tasks.DefaultIfEmpty(0).Max().ShouldBeLessThan(100);
        open.Complaints.ShouldBeEmpty();
    }

    [Fact(Timeout = 120_000)]
    public async Task A_restarted_line_brings_what_was_missed_once()
    {
        await using ClusterOnStage stage = await ClusterOnStage.StartAsync(Token);
        await stage.BuildAsync(3, 1, 1, TimeProvider.System.GetUtcNow().AddHours(-5));
        await using TcpProxy line = TcpProxy.Start(stage.Page.Port);
        await using OpenPage open = await (await OpenPage.ShowAsync(browser.Chromium, new Uri($"http://127.0.0.1:{line.Port}/"))).LiveAsync();
        await stage.TellAsync("volume/gv1", "stopped");
        await open.Page.Locator("#feed .line[aria-posinset='1']", new() { HasTextString = "started → stopped" }).WaitForAsync();

        line.Refuse();
        await open.Page.Locator("#status.away").WaitForAsync();
        await stage.TellAsync("volume/gv1", "started");
        await stage.TellAsync("volume/gv1", "stopped");
        line.Accept();

        await open.LiveAsync();
        await open.Page.Locator("#feed .line[aria-setsize='7']").First.WaitForAsync();
        (await open.Page.Locator("#feed .line:not([hidden]) .change").AllTextContentsAsync()).Take(3).ShouldBe(["started → stopped", "stopped → started", "started → stopped"]);
    }
}
