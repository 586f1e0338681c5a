using System.Text.RegularExpressions;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(GlusterBus.Dashboard.Tests.Browser))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace GlusterBus.Dashboard.Tests;

public sealed class DashboardTests(Browser browser)
{
    private const string Brick = "brick/gv1/gl2:/srv/gv1/b1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static DateTimeOffset Ago(double minutes) => TimeProvider.System.GetUtcNow().AddMinutes(-minutes);

    [Fact(Timeout = 60_000)]
    public async Task A_click_on_a_brick_shows_its_history_with_the_evidence()
    {
        await using ClusterOnStage stage = await ClusterOnStage.StartAsync(Token);
        await stage.BuildAsync(3, 2, 1, Ago(300));
        await stage.TellAsync(Brick, "offline", Ago(100), evidence: "Brick gl2:/srv/gv1/b1 has disconnected from glusterd.");
        await stage.TellAsync(Brick, "online", Ago(90));
        await using OpenPage open = await (await OpenPage.ShowAsync(browser.Chromium, stage.Page)).LiveAsync();

        await open.ClickAsync(Brick);

        await open.Page.Locator("#details h2", new() { HasTextString = Brick }).WaitForAsync();
        await open.Page.Locator("#details .history li").Nth(1).WaitForAsync();
        (await open.Page.Locator("#details .history strong").AllTextContentsAsync()).ShouldBe(["offline → online", "online → offline"]);
        (await open.Page.Locator("#details pre").TextContentAsync()).ShouldBe("Brick gl2:/srv/gv1/b1 has disconnected from glusterd.");
        (await open.Page.Locator("#details .strip rect").CountAsync()).ShouldBe(3);
        open.Complaints.ShouldBeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task A_change_recolours_the_brick_and_comes_first_in_the_feed()
    {
        await using ClusterOnStage stage = await ClusterOnStage.StartAsync(Token);
        await stage.BuildAsync(3, 2, 1, Ago(300));
        await using OpenPage open = await (await OpenPage.ShowAsync(browser.Chromium, stage.Page)).LiveAsync();
        await open.FindAsync(Brick);
        await open.IsColouredAsync(Brick, "ok");

        await stage.TellAsync(Brick, "offline");

        await open.IsColouredAsync(Brick, "error");
        await open.Page.Locator("#feed .line[aria-posinset='1']", new() { HasTextString = Brick }).WaitForAsync();
        await open.Page.Locator($"#troubles [data-entity='{Brick}']").WaitForAsync();
        await stage.TellAsync(Brick, "online");
        await open.IsColouredAsync(Brick, "ok");
        await open.Page.Locator("#troubles .calm").WaitForAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task Nothing_is_said_to_be_well_before_the_state_is_known()
    {
        await using ClusterOnStage stage = await ClusterOnStage.StartAsync(Token);
        await stage.BuildAsync(3, 2, 1, Ago(300));
        await using OpenPage open = await OpenPage.ShowAsync(browser.Chromium, stage.Page);
        (_, Action release) = await open.HoldAsync(new Regex("/v1/state"));
        await open.Page.ReloadAsync();

        // The record comes before the state: when it is in the feed, frames have been drawn.
        await open.Page.Locator("#feed .line").First.WaitForAsync();
        (await open.Page.Locator("#troubles li").CountAsync()).ShouldBe(0);

        release();
        await open.Page.Locator("#troubles li.calm").WaitForAsync();
        open.Complaints.ShouldBeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task The_time_slider_shows_the_cluster_as_it_was()
    {
        await using ClusterOnStage stage = await ClusterOnStage.StartAsync(Token);
        await stage.BuildAsync(3, 2, 1, Ago(600));
        await stage.TellAsync(Brick, "offline", Ago(500));
        await stage.TellAsync(Brick, "online", Ago(100));
        await using OpenPage open = await (await OpenPage.ShowAsync(browser.Chromium, stage.Page)).LiveAsync();
        await open.FindAsync(Brick);
        await open.IsColouredAsync(Brick, "ok");

        // Half way from the left: some 300 minutes ago.
        LocatorBoundingBoxResult slider = (await open.Page.Locator("#when").BoundingBoxAsync())!;
        await open.Page.Mouse.MoveAsync(slider.X + slider.Width - 8, slider.Y + (slider.Height / 2));
        await open.Page.Mouse.DownAsync();
        await open.Page.Mouse.MoveAsync(slider.X + (slider.Width * 0.7f), slider.Y + (slider.Height / 2), new() { Steps = 8 });
        await open.Page.Mouse.MoveAsync(slider.X + (slider.Width * 0.5f), slider.Y + (slider.Height / 2), new() { Steps = 8 });
        await open.Page.Mouse.UpAsync();

        await open.Page.Locator("#status.past").WaitForAsync();
        await open.IsColouredAsync(Brick, "error");
        (await open.Page.Locator("#feed .line[aria-posinset='1']").TextContentAsync()).ShouldNotBeNull().ShouldContain("offline");

        // What happens meanwhile must not show in the past.
        await stage.TellAsync("volume/gv2", "stopped");
        await open.Page.Locator("#live").ClickAsync();
        await open.IsColouredAsync(Brick, "ok");
        await open.Page.Locator("#feed .line[aria-posinset='1']", new() { HasTextString = "volume/gv2" }).WaitForAsync();
        open.Complaints.ShouldBeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task The_picture_above_the_slider_shows_all_of_the_window_however_much_happened()
    {
        await using ClusterOnStage stage = await ClusterOnStage.StartAsync(Token);
        await stage.BuildAsync(3, 2, 1, Ago(14_400));
        await stage.TellAsync(Brick, "offline", Ago(1200));
        foreach (int round in Enumerable.Range(1, 50))
        {
            await stage.TellAllAsync(Enumerable.Range(1, 100).Select(i => ($"subvol/v{i}/replicate-0", round % 2 == 0 ? "up" : "down")), Ago(600 - round), isQuiet: false);
        }

        await using OpenPage open = await (await OpenPage.ShowAsync(browser.Chromium, stage.Page)).LiveAsync();

        // The brick besides: 5,001 in the last 24 hours, and nothing in the last hour.
        await open.Page.WaitForFunctionAsync("() => document.querySelector('#happened').getAttribute('aria-label') === '5,001 changes in this window'");
        await open.Page.SelectOptionAsync("#span", "3600");
        await open.Page.WaitForFunctionAsync("() => document.querySelector('#happened').getAttribute('aria-label') === '0 changes in this window'");

        // Nodes and volumes came ten days ago: a window chosen while another is being counted is counted, too.
        (Task asked, Action release) = await open.HoldAsync(new Regex("/v1/transitions/counts"));
        await open.Page.SelectOptionAsync("#span", "604800");
        await asked;
        await open.Page.SelectOptionAsync("#span", "all");
        release();
        await open.Page.WaitForFunctionAsync("() => document.querySelector('#happened').getAttribute('aria-label') === '5,006 changes in this window'");
        open.Complaints.ShouldBeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task The_past_plays_forward()
    {
        await using ClusterOnStage stage = await ClusterOnStage.StartAsync(Token);
        await stage.BuildAsync(3, 2, 1, Ago(600));
        await stage.TellAsync(Brick, "offline", Ago(30));
        await stage.TellAsync(Brick, "online", Ago(20));
        await using OpenPage open = await OpenPage.ShowAsync(browser.Chromium, new Uri(stage.Page, $"#at={Ago(40):yyyy-MM-ddTHH:mm:ssZ}"));
        await open.Page.Locator("#status.past").WaitForAsync();
        await open.FindAsync(Brick);
        await open.IsColouredAsync(Brick, "ok");

        await open.Page.SelectOptionAsync("#speed", "600");
        await open.Page.Locator("#play").ClickAsync();

        await open.IsColouredAsync(Brick, "error");
        await open.IsColouredAsync(Brick, "ok");
        await open.Page.Locator("#status.live").WaitForAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task What_has_a_cause_stands_below_it()
    {
        await using ClusterOnStage stage = await ClusterOnStage.StartAsync(Token);
        await stage.BuildAsync(3, 2, 1, Ago(300));
        await stage.TellAsync("node/gl2", "offline", Ago(3));
        await stage.TellAsync(Brick, "offline", Ago(3), cause: "node/gl2");
        await stage.TellAsync("brick/gv2/gl2:/srv/gv2/b1", "offline", Ago(3), cause: "node/gl2");
        await using OpenPage open = await (await OpenPage.ShowAsync(browser.Chromium, stage.Page)).LiveAsync();

        await open.Page.Locator("#troubles > li [data-entity='node/gl2']").WaitForAsync();
        (await open.Page.Locator("#troubles > li").CountAsync()).ShouldBe(1);
        await open.Page.Locator("#troubles summary", new() { HasTextString = "explains 2 others" }).ClickAsync();

        // What was opened stays open, whatever comes and however time passes.
        await stage.TellAsync("brick/gv1/gl1:/srv/gv1/b1", "offline");
        await open.Page.Locator("#troubles > li [data-entity='brick/gv1/gl1:/srv/gv1/b1'] .change", new() { HasTextRegex = new Regex("offline for ([2-9]|[1-5][0-9]) s") }).WaitForAsync();
        (await open.Page.Locator("#troubles > li").CountAsync()).ShouldBe(2);
        await open.Page.Locator($"#troubles details[open] [data-entity='{Brick}']").ClickAsync();

        // And from the effect back to its cause.
        await open.Page.Locator("#details .body > .cause button").ClickAsync();
        await open.Page.Locator("#details h2", new() { HasTextString = "node/gl2" }).WaitForAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task Nothing_is_listed_before_it_is_known_what_explains_it()
    {
        await using ClusterOnStage stage = await ClusterOnStage.StartAsync(Token);
        await stage.BuildAsync(3, 2, 1, Ago(300));
        await stage.TellAsync("node/gl2", "offline", Ago(3));
        await stage.TellAsync(Brick, "offline", Ago(3), cause: "node/gl2");
        await using OpenPage open = await OpenPage.ShowAsync(browser.Chromium, stage.Page);
        (_, Action release) = await open.HoldAsync(new Regex("/v1/transitions\\?"));
        await open.Page.ReloadAsync();
        await open.Page.Locator("#status.live").WaitForAsync();
        await open.Page.EvaluateAsync("() => new Promise(shown => requestAnimationFrame(() => requestAnimationFrame(shown)))");
        release();

        await open.Page.Locator("#troubles > li").First.WaitForAsync();
        (await open.Page.Locator("#troubles > li").CountAsync()).ShouldBe(1);
    }

    [Fact(Timeout = 60_000)]
    public async Task Everything_can_be_done_with_the_keyboard()
    {
        await using ClusterOnStage stage = await ClusterOnStage.StartAsync(Token);
        await stage.BuildAsync(3, 2, 1, Ago(300));
        await stage.TellAsync(Brick, "offline", Ago(30));
        await using OpenPage open = await (await OpenPage.ShowAsync(browser.Chromium, stage.Page)).LiveAsync();
        await open.Page.Locator($"#troubles [data-entity='{Brick}']").WaitForAsync();
        IKeyboard keys = open.Page.Keyboard;

        // To the picture by tab alone, then along it with the arrows, each step told to a screen reader.
        await TabToAsync(open, "map");
        await keys.PressAsync("ArrowDown");
        (await open.Page.Locator("#cursor").TextContentAsync()).ShouldBe($"{Brick}: offline (error)");
        await keys.PressAsync("Enter");
        await open.Page.Locator("#details .history li").First.WaitForAsync();
        await keys.PressAsync("Escape");
        await open.Page.Locator("#details").WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        (await FocusAsync(open)).ShouldBe("map");

        await TabToAsync(open, "when");
        for (int i = 0; i < 5; i++)
        {
            await keys.PressAsync("PageDown");
        }

        await open.Page.Locator("#status.past").WaitForAsync();
        (await open.Page.Locator("#when").GetAttributeAsync("aria-valuetext")).ShouldNotBeNull().ShouldContain(" ago");
        await keys.PressAsync("End");
        await open.Page.Locator("#status.live").WaitForAsync();
        await keys.PressAsync("Slash");
        (await FocusAsync(open)).ShouldBe("wanted");
        await keys.TypeAsync("nothing like this");
        await open.Page.Locator("#troubles .calm").WaitForAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task What_a_log_line_holds_is_shown_and_never_run()
    {
        const string hostile = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>";
        await using ClusterOnStage stage = await ClusterOnStage.StartAsync(Token);
        await stage.BuildAsync(1, 1, 1, Ago(300));
        await stage.TellAsync("brick/gv1/gl1:/srv/gv1/b1", "offline", Ago(1), evidence: hostile);
        await using OpenPage open = await (await OpenPage.ShowAsync(browser.Chromium, stage.Page)).LiveAsync();

        await open.ClickAsync("brick/gv1/gl1:/srv/gv1/b1");

        (await open.Page.Locator("#details pre").TextContentAsync()).ShouldBe(hostile);
        (await open.Page.TitleAsync()).ShouldNotContain("taken");
        open.Complaints.ShouldBeEmpty();
    }

    [Fact(Timeout = 60_000)]
    public async Task Where_a_token_is_wanted_the_page_asks_for_it_and_keeps_it_out_of_the_address()
    {
        const string token = "0123456789abcdef0123456789abcdef";
        await using ClusterOnStage stage = await ClusterOnStage.StartAsync(Token, token);
        await stage.BuildAsync(3, 1, 1, Ago(300));
        await using OpenPage open = await OpenPage.ShowAsync(browser.Chromium, stage.Closed);

        await open.Page.Locator("#sign-in input").FillAsync("this is not the token at all");
        await open.Page.Locator("#sign-in button").ClickAsync();
        await open.Page.Locator("#sign-in[open]").WaitForAsync();
        await open.Page.Locator("#sign-in input").FillAsync(token);
        await open.Page.Locator("#sign-in button").ClickAsync();

        await open.LiveAsync();
        await stage.TellAsync(Brick, "offline");
        await open.Page.Locator($"#troubles [data-entity='{Brick}']").WaitForAsync();
        open.Page.Url.ShouldBe(stage.Closed.ToString());
    }

    private static Task<string> FocusAsync(OpenPage open) => open.Page.EvaluateAsync<string>("document.activeElement?.id ?? ''");

    /// <summary>Presses the tab key until something has the focus; fails after a whole round.</summary>
    private static async Task TabToAsync(OpenPage open, string id)
    {
        for (int i = 0; i < 40; i++)
        {
            if (await FocusAsync(open) == id)
            {
                return;
            }

            await open.Page.Keyboard.PressAsync("Tab");
        }

        throw new Xunit.Sdk.XunitException($"the tab key never reaches #{id}");
    }
}
