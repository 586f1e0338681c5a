using System.Net.Sockets;

namespace GlusterBus.Pipeline.Tests.Api;

/// <summary>Plain HTTP over a Unix socket, so that the API is tested without its own client.</summary>
internal static class UnixHttp
{
    public static HttpClient Client(string path) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://test/"),
    };
}
