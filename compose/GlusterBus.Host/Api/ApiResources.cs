using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Host.Api.Streams;
using GlusterBus.Host.Verbs;
using GlusterBus.Runtime.Configuration;
using GlusterBus.Runtime.Telemetry;
using Microsoft.AspNetCore.Http;

namespace GlusterBus.Host.Api;

/// <summary>The resources of the API, one method each (docs/api.md).</summary>
internal sealed class ApiResources(InstanceFaces instance, BrowserOrigin browsers, TimeProvider clock, CancellationToken stopping) : IAsyncDisposable
{
    /// <summary>So long an archive may take to say how far back it reaches, before it counts as away: who asks wants the present first.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private const string Plain = "text/plain; charset=utf-8";

    private readonly ConcurrentDictionary<string, TransitionFeed> _feeds = new(StringComparer.Ordinal);

    public Task AnswerAsync(HttpContext context) => (context.Request.Path.Value, context.Request.Method) switch
    {
        ("/health/live", "GET" or "HEAD") => ApiAnswer.TextAsync(context, StatusCodes.Status200OK, Plain, "alive\n"),
        ("/health/ready", "GET" or "HEAD") => ReadyAsync(context),
        ("/metrics", "GET") => MetricsAsync(context),
        ("/v1/instance", "GET") => AboutAsync(context),
        ("/v1/state", "GET") => StateAsync(context),
        ("/v1/transitions", "GET") => TransitionsAsync(context),
        ("/v1/transitions/counts", "GET") => CountsAsync(context),

        // An extended CONNECT is how HTTP/2 opens a WebSocket.
        ("/v1/stream", "GET" or "CONNECT") => StreamAsync(context),
        ("/v1/observations", "POST") => ObservationsAsync(context),
        ("/health/live" or "/health/ready" or "/metrics" or "/v1/instance" or "/v1/state" or "/v1/transitions" or "/v1/transitions/counts" or "/v1/stream" or "/v1/observations", _) =>
            ApiAnswer.ProblemAsync(context, StatusCodes.Status405MethodNotAllowed, $"{context.Request.Method} is not for {context.Request.Path}"),
        _ => ApiAnswer.ProblemAsync(context, StatusCodes.Status404NotFound,
            $"there is no {context.Request.Path}; there are /, /health/live, /health/ready, /metrics, /v1/instance, /v1/state, /v1/transitions, /v1/transitions/counts, /v1/stream and /v1/observations"),
    };

    public async ValueTask DisposeAsync()
    {
        foreach (TransitionFeed feed in _feeds.Values)
        {
            await feed.DisposeAsync();
        }
    }

    private Task ReadyAsync(HttpContext context) => instance.Unreadiness() is { } reason
        ? ApiAnswer.TextAsync(context, StatusCodes.Status503ServiceUnavailable, Plain, $"not ready: {reason}\n")
        : ApiAnswer.TextAsync(context, StatusCodes.Status200OK, Plain, "ready\n");

    private Task MetricsAsync(HttpContext context)
    {
        var process = new PrometheusText();
        ProcessMetrics.Write(process);
        return ApiAnswer.TextAsync(context, StatusCodes.Status200OK, PrometheusExporter.ContentType, instance.Metrics.Write() + process);
    }

    private async Task StateAsync(HttpContext context)
    {
        ApiQuery.Allow(context.Request, "entity", "channel", "severity", "at", "cluster");
        TransitionFilter filter = ApiQuery.Filter(context.Request);
        (IStateReader state, ITransitionArchive archive) = Tables(context.Request);
        IReadOnlyList<EntityState> rows = ApiQuery.Time(context.Request, "at", clock) is { } at
            ? await History(context.Request, archive).StateAtAsync(at, context.RequestAborted)
            : await state.CurrentAsync(context.RequestAborted);
        await ApiAnswer.ListAsync(context, rows
            .Where(row => filter.MatchesEntity(row.Entity) && row.Severity >= (filter.MinimumSeverity ?? Severity.Ok))
            .Select(ApiAnswer.Json));
    }

    private Task TransitionsAsync(HttpContext context)
    {
        ApiQuery.Allow(context.Request, "entity", "channel", "severity", "since", "until", "after", "limit", "newest", "cluster", "all", "progress");
        return ApiAnswer.Wants(context.Request, ApiAnswer.Events)
            ? new ServerSentStream(Feed(context.Request), stopping).SendAsync(context)
            : PastTransitionsAsync(context);
    }

    private Task CountsAsync(HttpContext context)
    {
        ApiQuery.Allow(context.Request, "entity", "channel", "severity", "since", "until", "bins", "cluster");
        TransitionFilter filter = ApiQuery.Filter(context.Request);
        DateTimeOffset since = ApiQuery.Time(context.Request, "since", clock) ?? throw new BadRequestException("since: say from when on, such as since=24h");
        DateTimeOffset until = ApiQuery.Time(context.Request, "until", clock) ?? clock.GetUtcNow();
        return since < until
            ? new HistoryCounts(History(context.Request, Tables(context.Request).Archive), clock).SendAsync(context, since, until, ApiQuery.Bins(context.Request), filter)
            : throw new BadRequestException("since: it is not before until");
    }

    /// <summary>Opens a WebSocket.</summary>
    private async Task StreamAsync(HttpContext context)
    {
        ApiQuery.Allow(context.Request, "entity", "channel", "severity", "after", "cluster");
        var first = new Subscription(ApiQuery.Filter(context.Request), ApiQuery.Start(context.Request));
        TransitionFeed feed = Feed(context.Request);
        string? origin = context.Request.Headers.Origin.FirstOrDefault();
        if (!browsers.IsSame(origin, context.Request.Host))
        {
            // Browsers let any page open a WebSocket to anywhere; only this check keeps a foreign one out.
            await ApiAnswer.ProblemAsync(context, StatusCodes.Status403Forbidden, $"a page of {origin} may not listen here; if that is your proxy, add its host to api.names");
            return;
        }

        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            await ApiAnswer.ProblemAsync(context, StatusCodes.Status426UpgradeRequired, "this is a WebSocket; for plain HTTP there is /v1/transitions with 'Accept: text/event-stream'");
            return;
        }

        bool offers = context.WebSockets.WebSocketRequestedProtocols.Contains(BearerToken.Protocol);
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(offers ? BearerToken.Protocol : null);
        using var stream = new StreamSocket(socket, feed, clock);
        await stream.RunAsync(first, stopping, context.RequestAborted);
    }

    private TransitionFeed Feed(HttpRequest request)
    {
        ITransitionArchive archive = Tables(request).Archive;
        return _feeds.GetOrAdd(ApiQuery.Cluster(request) ?? "", _ => new TransitionFeed(archive, clock));
    }

    /// <summary>Who answers, and how far back it knows.</summary>
    private async Task AboutAsync(HttpContext context)
    {
        ApiQuery.Allow(context.Request, "cluster");
        DateTimeOffset? since = instance.Archive is null ? null : await KnownSinceAsync(context.Request, context.RequestAborted);
        context.Response.ContentType = "application/json";
        await context.Response.BodyWriter.WriteAsync(
            ApiAnswer.About(instance.Role, ApiQuery.Cluster(context.Request) ?? instance.Cluster, VersionVerb.Number, clock.GetUtcNow(), since), context.RequestAborted);
    }

    /// <summary>Null, too, while the archive is away: nothing of the past can be shown then.</summary>
    private async Task<DateTimeOffset?> KnownSinceAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await History(request, Tables(request).Archive).KnownSinceAsync(cancellationToken).AsTask().WaitAsync(Patience, clock, cancellationToken);
        }
        catch (Exception e) when (e is ArchiveUnreachableException or TimeoutException)
        {
            return null;
        }
    }

    private async Task PastTransitionsAsync(HttpContext context)
    {
        if (ApiQuery.Flag(context.Request, "all"))
        {
            var all = new HistoryQuery
            {
                Since = ApiQuery.Time(context.Request, "since", clock),
                Until = ApiQuery.Time(context.Request, "until", clock),
                Filter = ApiQuery.Filter(context.Request),
            };
            await new HistoryStream(History(context.Request, Tables(context.Request).Archive), clock).SendAsync(context, all, ApiQuery.Flag(context.Request, "progress"));
            return;
        }

        var query = new ArchiveQuery
        {
            Since = ApiQuery.Time(context.Request, "since", clock),
            Until = ApiQuery.Time(context.Request, "until", clock),
            Filter = ApiQuery.Filter(context.Request),
            After = ApiQuery.After(context.Request),
            Limit = ApiQuery.Limit(context.Request),
            Newest = ApiQuery.Flag(context.Request, "newest"),
        };
        IReadOnlyList<ArchivedTransition> found = await Tables(context.Request).Archive.QueryAsync(query, context.RequestAborted);
        if (found.Count > 0)
        {
            context.Response.Headers[ApiAnswer.PositionHeader] = found[^1].Position.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        await ApiAnswer.ListAsync(context, found.Select(transition => transition.Json));
    }

    /// <summary>State and record of the configured cluster, or of the one that the request names.</summary>
    private (IStateReader State, ITransitionArchive Archive) Tables(HttpRequest request)
    {
        if (instance.State is not { } state || instance.Archive is not { } archive)
        {
            throw new NotSupportedException($"this is `glusterbus {instance.Role}`, which keeps no state and no history; ask a machine that runs `glusterbus route` or `glusterbus notify`");
        }

        return ApiQuery.Cluster(request) is not { } cluster ? (state, archive)
            : instance.Others is { } others ? others(cluster)
            : throw new BadRequestException("cluster: this instance knows its own cluster only; leave the parameter out");
    }

    /// <summary>The past of that cluster: an archive that was made for it, or else what the live record still has.</summary>
    private ITransitionHistory History(HttpRequest request, ITransitionArchive archive) =>
        instance.History is { } history ? history(ApiQuery.Cluster(request) ?? instance.Cluster) : archive;

    private async Task ObservationsAsync(HttpContext context)
    {
        if (instance.EmitAsync is not { } emit)
        {
            throw new NotSupportedException($"this is `glusterbus {instance.Role}`, which observes nothing; emit through a machine that runs `glusterbus collect`");
        }

        EmitRequest request;
        try
        {
            request = await JsonSerializer.DeserializeAsync<EmitRequest>(context.Request.Body, StrictBinder.Json, context.RequestAborted)
                ?? throw new BadRequestException("the body is null");
        }
        catch (JsonException e)
        {
            throw new BadRequestException($"the body is no such request: {e.Message}", e);
        }

        IReadOnlyList<EmitResult> results = await emit(request, context.RequestAborted);
        context.Response.ContentType = "application/json";
        await context.Response.BodyWriter.WriteAsync(ApiAnswer.Json(results), context.RequestAborted);
    }
}
