using System.Net;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Host.Dashboard;
using GlusterBus.Host.Hosting;
using GlusterBus.Runtime.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Host.Api;

/// <summary>Answers on a Unix socket and, where configured, on TCP to those who bring the token, and at the dashboard to those who only look.</summary>
/// <remarks>Kestrel without routing, configuration or a logging pipeline of its own: a few paths need none of them.</remarks>
public sealed partial class InstanceApi : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly CancellationTokenSource _stopping = new();
    private readonly string _socket;
    private readonly ILogger<InstanceApi> _logger;
    private readonly BrowserOrigin _browsers;
    private readonly ApiResources _resources;
    private readonly string? _token;

    private InstanceApi(WebApplication application, ApiOptions options, string? token, InstanceFaces instance, TimeProvider clock, ILogger<InstanceApi> logger)
    {
        _application = application;
        _socket = options.Socket;
        _logger = logger;
        _token = token;
        _browsers = new BrowserOrigin(options.Names, Environment.MachineName);
        _resources = new ApiResources(instance, _browsers, clock, _stopping.Token);
    }

    /// <summary>The file of the Unix socket.</summary>
    public string Socket => _socket;

    /// <summary>Where TCP is really bound to; null when it is not. Tells the port that was chosen for port 0.</summary>
    public IPEndPoint? TcpEndPoint { get; private set; }

    /// <summary>Where the dashboard is really bound to; null when it is not served.</summary>
    public IPEndPoint? DashboardEndPoint { get; private set; }

    /// <exception cref="UserException">The socket or the port can't be had; the message says why.</exception>
    public static async Task<InstanceApi> StartAsync(ApiOptions options, InstanceFaces instance, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        string? token = ReadToken(options);
        SocketFile.Prepare(options.Socket);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        IPEndPoint? tcp = options.Listen is { } listen ? IPEndPoint.Parse(listen) : null;
        IPEndPoint? dashboard = options.DashboardEndPoint();
        ListenOptions? tcpListener = null;
        ListenOptions? dashboardListener = null;
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 256 * 1024;
            kestrel.ListenUnixSocket(options.Socket, listener => listener.Use(next => connection =>
            {
                // Who reaches the socket's file may use it: the file's mode is the permission. TCP connections lack this mark.
                connection.Features.Set(Entrance.Socket);
                return next(connection);
            }));
            if (tcp is not null)
            {
                kestrel.Listen(tcp, listener => tcpListener = listener);
            }

            if (dashboard is not null)
            {
                kestrel.Listen(dashboard, listener => (dashboardListener = listener).Use(next => connection =>
                {
                    connection.Features.Set(Entrance.Dashboard);
                    return next(connection);
                }));
            }
        });
        WebApplication application = builder.Build();
        var api = new InstanceApi(application, options, token, instance, clock, loggers.CreateLogger<InstanceApi>());

        // A client that answers no ping is gone, though nobody said so.
        application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(15), KeepAliveTimeout = TimeSpan.FromSeconds(30) });
        application.Run(api.AnswerAsync);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or UnauthorizedAccessException)
        {
            await api.DisposeAsync();
            throw new UserException($"the API can't listen on {options.Socket}{(tcp is null ? "" : $" and {tcp}")}{(dashboard is null ? "" : $" and {dashboard}")}: {e.Message}", ExitCode.Failure, e);
        }

        SocketFile.Restrict(options.Socket);
        api.TcpEndPoint = tcpListener?.IPEndPoint;
        api.DashboardEndPoint = dashboardListener?.IPEndPoint;
        return api;
    }

    public async ValueTask DisposeAsync()
    {
        // Live streams end first, else the server would wait for them.
        await _stopping.CancelAsync();
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
        await _resources.DisposeAsync();
        File.Delete(_socket);
        _stopping.Dispose();
    }

    /// <summary>True where the request needs no token, or brings it.</summary>
    private async Task<bool> IsAdmittedAsync(HttpContext context)
    {
        Entrance? entrance = context.Features.Get<Entrance>();
        if (entrance == Entrance.Socket || context.Request.Path.StartsWithSegments("/health") || BearerToken.IsGiven(context.Request, _token))
        {
            return true;
        }

        if (entrance == Entrance.Dashboard && !HttpMethods.IsPost(context.Request.Method))
        {
            if (_browsers.IsOurs(context.Request.Host))
            {
                return true;
            }

            await ApiAnswer.ProblemAsync(context, StatusCodes.Status403Forbidden, $"'{context.Request.Host}' is no name of this machine; if it is, add it to api.names");
            return false;
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        await ApiAnswer.ProblemAsync(context, StatusCodes.Status401Unauthorized, "the header 'Authorization: Bearer <token>' is missing or wrong");
        return false;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        try
        {
            // The page itself holds nothing of the cluster, so a token can be asked for on it.
            if (!await DashboardPage.TryAnswerAsync(context) && await IsAdmittedAsync(context))
            {
                await _resources.AnswerAsync(context);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested || _stopping.IsCancellationRequested)
        {
            // The client went away, or the instance stops.
        }
        catch (BadRequestException e)
        {
            await ApiAnswer.ProblemAsync(context, StatusCodes.Status400BadRequest, e.Message);
        }
        catch (PastUnknownException e) when (!context.Response.HasStarted)
        {
            await ApiAnswer.ProblemAsync(context, StatusCodes.Status404NotFound, e.Message);
        }
        catch (NotSupportedException e) when (!context.Response.HasStarted)
        {
            await ApiAnswer.ProblemAsync(context, StatusCodes.Status501NotImplemented, e.Message);
        }
        catch (Router.State.StateTableUnreachableException e) when (!context.Response.HasStarted)
        {
            await ApiAnswer.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, e.Message);
        }
        catch (ArchiveUnreachableException e) when (!context.Response.HasStarted)
        {
            await ApiAnswer.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, e.Message);
        }
        catch (Router.State.StateTableUnreachableException)
        {
            // A live stream: the client sees it end, and comes back.
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e)
        {
            await ApiAnswer.ProblemAsync(context, e.StatusCode, e.Message);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            LogFailed(e, context.Request.Method, context.Request.Path.Value ?? "");
            await ApiAnswer.ProblemAsync(context, StatusCodes.Status500InternalServerError, "the instance failed to answer; its log says why");
        }
    }

    private static string? ReadToken(ApiOptions options)
    {
        if (options.TokenFile is not { } file)
        {
            return options.Token;
        }

        try
        {
            string token = File.ReadLines(file).FirstOrDefault("").Trim();
            return token.Length >= 16 ? token : throw new UserException($"api.tokenFile: the first line of {file} needs at least 16 characters", ExitCode.Usage);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"api.tokenFile: {e.Message}", ExitCode.Usage, e);
        }
    }

    [LoggerMessage(LogLevel.Error, "The request {Method} {Path} failed")]
    private partial void LogFailed(Exception exception, string method, string path);

    /// <summary>Marks by which door a connection came; one that came by <c>api.listen</c> has no mark.</summary>
    private sealed class Entrance
    {
        public static readonly Entrance Socket = new();

        public static readonly Entrance Dashboard = new();
    }

    /// <summary>Signals are the verb's business.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
