using Microsoft.Playwright;

namespace GlusterBus.Dashboard.Tests;

/// <summary>Takes the pictures of the documentation, of one and the same night, into the folder that <c>GLUSTERBUS_PICTURES</c> names.</summary>
public sealed class Pictures(Browser browser)
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 300_000)]
    public async Task The_pictures_of_the_documentation()
    {
        string? folder = Environment.GetEnvironmentVariable("GLUSTERBUS_PICTURES");
        Assert.SkipWhen(folder is null, "only with GLUSTERBUS_PICTURES=FOLDER");
        await using ClusterOnStage stage = await ClusterOnStage.StartAsync(Token);
        await TellTheNightAsync(stage);
        await using (OpenPage light = await (await OpenPage.ShowAsync(browser.Chromium, stage.Page)).LiveAsync())
        {
            await light.FindAsync("brick/media/gl5:/srv/media/b1");
            await ShootAsync(light, folder, "dashboard");
            await light.Page.Locator("#troubles [data-entity='node/gl5']").ClickAsync();
            await light.Page.Locator("#details .history li").First.WaitForAsync();
            await ShootAsync(light, folder, "cause");
            await light.ClickAsync("brick/home/gl2:/srv/home/b1");
            await light.Page.Locator("#details h2", new() { HasTextString = "brick/home/gl2" }).WaitForAsync();
            await light.Page.Locator("#details .history li").First.WaitForAsync();
            await ShootAsync(light, folder, "history");
        }

        await using (OpenPage dark = await (await OpenPage.ShowAsync(browser.Chromium, stage.Page, scheme: ColorScheme.Dark)).LiveAsync())
        {
            await dark.FindAsync("brick/media/gl5:/srv/media/b1");
            await ShootAsync(dark, folder, "dark");
        }

        await using (OpenPage past = await OpenPage.ShowAsync(browser.Chromium, new Uri(stage.Page, $"#at={Now.AddHours(-7.9):yyyy-MM-ddTHH:mm:ssZ}")))
        {
            await past.Page.Locator("#status.past").WaitForAsync();
            await past.IsColouredAsync("brick/home/gl2:/srv/home/b1", "critical");
            await ShootAsync(past, folder, "past");
        }

        await using OpenPage phone = await (await OpenPage.ShowAsync(browser.Chromium, stage.Page, 390, 844, isPhone: true)).LiveAsync();
        await phone.FindAsync("brick/media/gl5:/srv/media/b1");
        await ShootAsync(phone, folder, "phone");
        await phone.Page.EvaluateAsync("document.querySelector('.picture').scrollIntoView()");
        await ShootAsync(phone, folder, "phone-picture");
    }

    [Fact(Timeout = 300_000)]
    public async Task The_picture_of_a_large_cluster()
    {
        string? folder = Environment.GetEnvironmentVariable("GLUSTERBUS_PICTURES");
        Assert.SkipWhen(folder is null, "only with GLUSTERBUS_PICTURES=FOLDER");
        await using ClusterOnStage stage = await ClusterOnStage.StartAsync(Token);
        await stage.BuildAsync(60, 10, 5, Now.AddHours(-20));
        for (int i = 0; i < 300; i++)
        {
            await stage.TellAsync($"brick/gv{1 + (i % 10)}/gl{1 + (i * 7 % 60)}:/srv/gv{1 + (i % 10)}/b{1 + (i % 5)}", i % 4 == 0 ? "offline" : "online", Now.AddMinutes(-600 + i));
        }

        await using OpenPage open = await (await OpenPage.ShowAsync(browser.Chromium, stage.Page)).LiveAsync();
        await open.FindAsync("brick/gv1/gl1:/srv/gv1/b1");
        await ShootAsync(open, folder, "large");
    }

    private static async Task TellTheNightAsync(ClusterOnStage stage)
    {
        string[] nodes = ["gl1", "gl2", "gl3", "gl4", "gl5", "gl6"];
        (string Volume, int Each)[] volumes = [("home", 1), ("media", 3), ("vmstore", 2), ("backup", 2)];
        DateTimeOffset begin = Now.AddHours(-23);
        await stage.TellAllAsync(nodes.Select(n => ($"node/{n}", "online")), begin, isQuiet: false);
        await stage.TellAllAsync(volumes.Select(v => ($"volume/{v.Volume}", "started")), begin.AddSeconds(2), isQuiet: false);
        await stage.TellAllAsync(volumes.SelectMany(v => nodes.SelectMany(n => Enumerable.Range(1, v.Each).Select(b => ($"brick/{v.Volume}/{n}:/srv/{v.Volume}/b{b}", "online")))), begin, isQuiet: true);
        await stage.TellAllAsync(volumes.SelectMany(v => new[] { 0, 1 }.Select(i => ($"subvol/{v.Volume}/replicate-{i}", "up"))), begin, isQuiet: true);
        await stage.TellAllAsync(nodes.Select(n => ($"daemon/{n}/glustershd", "online")), begin, isQuiet: true);
        await stage.TellAllAsync(nodes.Skip(1).Select(n => ($"peer/gl1/{n}", "connected")), begin.AddSeconds(1), isQuiet: false);

        // At night a disk of gl2 dies, and is replaced in the morning.
        const string dying = "brick/home/gl2:/srv/home/b1";
        DateTimeOffset night = Now.AddHours(-8);
        await stage.TellAsync("filesystem/gl2/srv/home", "near-full", night.AddMinutes(-90));
        await stage.TellAsync(dying, "health-failed", night, evidence: "[2026-11-26 01:13:06.118207 +0000] M [MSGID: 113075] [posix-helpers.c:2111:posix_health_check_thread_proc] 0-home-posix: health-check failed, going down");
        await stage.TellAsync("subvol/home/replicate-0", "degraded", night.AddSeconds(11), cause: dying);
        await stage.TellAsync("volume/home", "degraded", night.AddSeconds(11), cause: dying);
        for (int i = 0; i < 24; i++)
        {
            await stage.TellAsync($"daemon/gl{1 + (i % 6)}/glustershd", i % 2 == 0 ? "offline" : "online", night.AddMinutes(4 + (i * 3)));
            await stage.TellAsync($"daemon/gl{1 + (i % 6)}/glustershd", "online", night.AddMinutes(5 + (i * 3)));
        }

        await stage.TellAsync(dying, "online", night.AddHours(5.5));
        await stage.TellAsync("subvol/home/replicate-0", "up", night.AddHours(5.5).AddSeconds(4));
        await stage.TellAsync("volume/home", "started", night.AddHours(5.5).AddSeconds(4));

        // Just now: gl5 loses its power.
        DateTimeOffset now = Now.AddMinutes(-4);
        await stage.TellAsync("node/gl5", "unreachable", now, evidence: "[2026-11-26 09:09:02.301544 +0000] I [MSGID: 106004] [glusterd-handler.c:6430:__glusterd_peer_rpc_notify] 0-management: Peer <gl5> (<5b0c…>), in state <Peer in Cluster>, has disconnected from glusterd.");
        await stage.TellAsync("peer/gl1/gl5", "disconnected", now.AddMilliseconds(40), cause: "node/gl5");
        foreach ((string volume, int each) in volumes)
        {
            for (int b = 1; b <= each; b++)
            {
                await stage.TellAsync($"brick/{volume}/gl5:/srv/{volume}/b{b}", "offline", now.AddMilliseconds(100), cause: "node/gl5");
            }
        }

        foreach (string volume in new[] { "media", "vmstore", "backup" })
        {
            await stage.TellAsync($"subvol/{volume}/replicate-1", "degraded", now.AddSeconds(10), cause: "node/gl5");
        }

        await stage.TellAsync("subvol/home/replicate-1", "no-quorum", now.AddSeconds(10), cause: "node/gl5");
        await stage.TellAsync("brick/backup/gl3:/srv/backup/b2", "offline", now.AddMinutes(2));
    }

    private static async Task ShootAsync(OpenPage open, string folder, string name)
    {
        await open.Page.WaitForFunctionAsync("() => /^[1-9]/.test(document.querySelector('#happened').getAttribute('aria-label'))");

        // Two frames: the first applies what has just been asked for, the second shows it.
        await open.Page.EvaluateAsync("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
        await open.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png") });
    }
}
