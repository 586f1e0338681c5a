using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using GlusterBus.Host.Composition;
using GlusterBus.Host.Hosting;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Host.Api;

/// <summary>Talks to a running instance. Its errors are made for the user's eyes.</summary>
public sealed class InstanceClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly InstanceAddress _address;

    public InstanceClient(InstanceAddress address)
    {
        _address = address;
        var handler = new SocketsHttpHandler { UseProxy = false };
        if (address.Server is null)
        {
            handler.ConnectCallback = (_, cancellationToken) => ConnectAsync(address.Socket, cancellationToken);
        }

        _http = new HttpClient(handler) { BaseAddress = address.Server ?? new Uri("http://glusterbus/"), Timeout = Timeout.InfiniteTimeSpan };
        if (address.Token is { } token)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>The lines of a list: each one JSON object. Holds no more than one line at a time.</summary>
    /// <param name="path">Path and parameters.</param>
    /// <param name="atEnd">Told the position of the last line, for the request that follows.</param>
    /// <exception cref="UserException">No instance answers, or it refused; the message says why.</exception>
    public async IAsyncEnumerable<string> LinesAsync(
        string path, Action<long>? atEnd, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), ApiAnswer.Lines, cancellationToken);
        if (response.Headers.TryGetValues(ApiAnswer.PositionHeader, out IEnumerable<string>? position))
        {
            atEnd?.Invoke(long.Parse(position.First(), System.Globalization.CultureInfo.InvariantCulture));
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken), Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return line;
        }
    }

    /// <summary>Injects an observation; the answer is <c>{"results":[…]}</c>.</summary>
    public async Task<JsonDocument> EmitAsync(EmitRequest request, CancellationToken cancellationToken)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, "v1/observations")
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request, StrictBinder.Json)),
        };
        using HttpResponseMessage response = await SendAsync(message, "application/json", cancellationToken);
        return await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
    }

    /// <summary>Why the instance is not ready, as it says; null when it is.</summary>
    /// <exception cref="UserException">No instance answers.</exception>
    public async Task<string?> UnreadinessAsync(CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(new Uri("health/ready", UriKind.Relative), cancellationToken);
            return response.IsSuccessStatusCode ? null : (await response.Content.ReadAsStringAsync(cancellationToken)).Trim();
        }
        catch (HttpRequestException e)
        {
            throw Explain(e);
        }
    }

    /// <summary>One connection of a live stream. Ends when the instance does.</summary>
    /// <param name="path">Path and parameters.</param>
    /// <param name="position">Where to resume; kept up to date.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<ServerSentEvent> EventsAsync(
        string path, StreamPosition position, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (position.LastId is { } lastId)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }

        using HttpResponseMessage response = await SendAsync(request, ApiAnswer.Events, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken), Encoding.UTF8);
        var parser = new ServerSentEvents();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            ServerSentEvent? complete = parser.Read(line);
            position.LastId = parser.LastId ?? position.LastId;
            if (complete is not null)
            {
                yield return complete;
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string accept, CancellationToken cancellationToken)
    {
        request.Headers.Accept.ParseAdd(accept);
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw Explain(e);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        string body = await response.Content.ReadAsStringAsync(cancellationToken);
        response.Dispose();
        throw new UserException(Error(body) ?? $"{_address} answered {(int)response.StatusCode}",
            response.StatusCode == HttpStatusCode.BadRequest ? ExitCode.Usage : ExitCode.Failure);
    }

    private UserException Explain(HttpRequestException e) => e.InnerException switch
    {
        SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            new UserException($"this user may not use {_address}; run as root or join the group of the socket", ExitCode.Failure, e),
        SocketException => new UserException($"no running instance at {_address}; start one with `glusterbus {RolePaths.RoleOf(_address.Socket) ?? "up"}`", ExitCode.NoInstance, e),
        _ => new UserException($"{_address} did not answer: {e.Message}", ExitCode.Failure, e),
    };

    private static string? Error(string body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement.GetProperty("error").GetString();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
