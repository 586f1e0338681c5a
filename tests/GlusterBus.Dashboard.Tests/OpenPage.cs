using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace GlusterBus.Dashboard.Tests;

/// <summary>The dashboard in a tab of its own, watched for anything that it complains about.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    private OpenPage(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                lock (_complaints)
                {
                    _complaints.Add(message.Text);
                }
            }
        };
        page.PageError += (_, error) =>
        {
            lock (_complaints)
            {
                _complaints.Add(error);
            }
        };
    }

    public IPage Page { get; }

    /// <summary>Errors of scripts and whatever the content security policy refused.</summary>
    public IReadOnlyList<string> Complaints
    {
        get
        {
            lock (_complaints)
            {
                return [.. _complaints];
            }
        }
    }

    public static async Task<OpenPage> ShowAsync(IBrowser browser, Uri address, int width = 1440, int height = 900, ColorScheme scheme = ColorScheme.Light, bool isPhone = false)
    {
        IBrowserContext context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            IsMobile = isPhone,
            HasTouch = isPhone,
            TimezoneId = "UTC",
        });
        context.SetDefaultTimeout(20_000);
        if (Environment.GetEnvironmentVariable("GLUSTERBUS_PAGE") is { } folder)
        {
            // Whoever works on the page sees a change without a build.
            await context.RouteAsync("**/dashboard/*", route => route.FulfillAsync(new() { Path = Path.Combine(folder, Path.GetFileName(new Uri(route.Request.Url).LocalPath)) }));
        }

        var open = new OpenPage(context, await context.NewPageAsync());
        await open.Page.GotoAsync(address.ToString());
        return open;
    }

    /// <summary>Waits until the page is connected and shows its state.</summary>
    public async Task<OpenPage> LiveAsync()
    {
        try
        {
            await Page.Locator("#status.live").WaitForAsync();
            await Page.Locator("#counts li").First.WaitForAsync();
            return this;
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"the page does not become live; it complains: {string.Join('\n', Complaints)}", e);
        }
    }

    /// <summary>Keeps what the page asks the instance for waiting, from now on and also after a reload.</summary>
    /// <param name="request">Which requests, by their address.</param>
    /// <returns>Completes when the page has asked for the first time; what lets all of them pass.</returns>
    public async Task<(Task Asked, Action Release)> HoldAsync(Regex request)
    {
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await Page.RouteAsync(request, async route =>
        {
            asked.TrySetResult();
            await answer.Task;
            await route.ContinueAsync();
        });
        return (asked.Task, answer.SetResult);
    }

    /// <summary>Waits until an entity is in the picture; where, in pixels of the window.</summary>
    public async Task<(float X, float Y)> FindAsync(string entity)
    {
        await Page.WaitForFunctionAsync("entity => document.querySelector('#map').locate(entity) !== null", entity);
        float[] spot = await Page.EvaluateAsync<float[]>(
            "entity => { const box = document.querySelector('#map canvas').getBoundingClientRect(); const at = document.querySelector('#map').locate(entity); return [box.left + at.x, box.top + at.y]; }", entity);
        return (spot[0], spot[1]);
    }

    public async Task ClickAsync(string entity)
    {
        (float x, float y) = await FindAsync(entity);
        await Page.Mouse.ClickAsync(x, y);
    }

    /// <summary>Waits until the picture has a severity's colour where an entity is, a little beside the letter.</summary>
    public Task IsColouredAsync(string entity, string severity) => Page.WaitForFunctionAsync(
        """
        ([entity, severity]) => {
          const map = document.querySelector('#map'), canvas = map.querySelector('canvas'), at = map.locate(entity);
          if (!at) return false;
          const probe = document.createElement('canvas').getContext('2d');
          probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--' + severity).trim();
          probe.fillRect(0, 0, 1, 1);
          const wanted = probe.getImageData(0, 0, 1, 1).data;
          const drawn = canvas.getContext('2d').getImageData((at.x - 7) * devicePixelRatio, (at.y + 6) * devicePixelRatio, 1, 1).data;
          return [0, 1, 2].every(i => Math.abs(wanted[i] - drawn[i]) < 12);
        }
        """,
        new[] { entity, severity });

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
