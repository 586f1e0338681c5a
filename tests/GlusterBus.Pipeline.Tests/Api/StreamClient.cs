using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace GlusterBus.Pipeline.Tests.Api;

/// <summary>A client of <c>/v1/stream</c>, as anybody could write one.</summary>
internal sealed class StreamClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Where to go on after a loss: the position of the last message that arrived whole.</summary>
    public long Position { get; private set; }

    public string? Protocol => _socket.SubProtocol;

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    /// <param name="server">The address, as in <c>http://127.0.0.1:8056/</c>.</param>
    /// <param name="query">Parameters.</param>
    /// <param name="token">Offered as a browser has to; as a header when <paramref name="asHeader"/>.</param>
    /// <param name="origin">The page that a browser would be on.</param>
    public static async Task<StreamClient> ConnectAsync(Uri server, string query = "", string? token = null, bool asHeader = false, string? origin = null)
    {
        var client = new StreamClient();
        if (token is not null && asHeader)
        {
            client._socket.Options.SetRequestHeader("Authorization", new AuthenticationHeaderValue("Bearer", token).ToString());
        }
        else if (token is not null)
        {
            client._socket.Options.AddSubProtocol("glusterbus.v1");
            client._socket.Options.AddSubProtocol("glusterbus.token." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(token)));
        }

        if (origin is not null)
        {
            client._socket.Options.SetRequestHeader("Origin", origin);
        }

        client._socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await client._socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Path = "/v1/stream", Query = query }.Uri, Token);
            return client;
        }
        catch (WebSocketException e)
        {
            int status = (int)client._socket.HttpStatusCode;
            await client.DisposeAsync();
            throw new RefusedException(status, e);
        }
    }

    /// <summary>The next message; null when the server closed.</summary>
    public async Task<JsonElement?> ReceiveAsync()
    {
        using var message = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        WebSocketReceiveResult received;
        do
        {
            received = await _socket.ReceiveAsync(buffer, Token);
            message.Write(buffer, 0, received.Count);
        }
        while (!received.EndOfMessage);

        if (received.MessageType == WebSocketMessageType.Close)
        {
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Token);
            return null;
        }

        JsonElement json = JsonDocument.Parse(message.ToArray()).RootElement;
        Position = json.TryGetProperty("position", out JsonElement position) ? position.GetInt64() : Position;
        return json;
    }

    /// <summary>Waits until the subscription counts.</summary>
    public async Task<JsonElement> SubscribedAsync()
    {
        while (true)
        {
            JsonElement message = (await ReceiveAsync()).ShouldNotBeNull();
            if (message.TryGetProperty("subscribed", out JsonElement subscribed))
            {
                return subscribed;
            }
        }
    }

    /// <summary>Reads until so many transitions have come; their ids.</summary>
    public async Task<List<string>> IdsAsync(int count)
    {
        List<string> ids = [];
        while (ids.Count < count)
        {
            JsonElement message = (await ReceiveAsync()).ShouldNotBeNull();
            if (message.TryGetProperty("transitions", out JsonElement transitions))
            {
                ids.AddRange(transitions.EnumerateArray().Select(t => t.GetProperty("id").GetString()!));
            }
        }

        return ids;
    }

    public Task SendAsync(string text) => _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, Token);

    public Task CloseAsync() => _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Token);

    public ValueTask DisposeAsync()
    {
        // As a client whose machine lost its power: no farewell.
        _socket.Abort();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>The server did not open the WebSocket.</summary>
internal sealed class RefusedException(int status, Exception inner) : Exception($"refused with {status}", inner)
{
    public int Status => status;
}
