using System.Net;
using System.Net.Sockets;
using GlusterBus.TestKit;

namespace GlusterBus.Contracts.Tests;

/// <summary>Tests of brokers and stores trust the proxy: so it is tested itself.</summary>
public sealed class TcpProxyTests : IAsyncLifetime
{
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private TcpProxy _proxy = null!;

    public ValueTask InitializeAsync()
    {
        _server.Start();
        _proxy = TcpProxy.Start(((IPEndPoint)_server.LocalEndpoint).Port);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task What_one_end_says_the_other_hears_until_it_hangs_up()
    {
        (NetworkStream client, NetworkStream server) = await ConnectAsync();
        await client.WriteAsync("ping"u8.ToArray(), _cancelled);
        (await ReadAsync(server)).ShouldBe("ping");
        await server.WriteAsync("pong"u8.ToArray(), _cancelled);
        (await ReadAsync(client)).ShouldBe("pong");

        client.Socket.Shutdown(SocketShutdown.Send);
        (await ReadAsync(server)).ShouldBe("");
        (_proxy.Accepted, _proxy.Open).ShouldBe((1, 1));
    }

    [Fact]
    public async Task A_reset_breaks_both_ends_and_a_new_connection_works()
    {
        (NetworkStream client, NetworkStream server) = await ConnectAsync();
        _proxy.Reset();

        await Should.ThrowAsync<IOException>(() => ReadAsync(client));
        await Should.ThrowAsync<IOException>(() => ReadAsync(server));
        (client, server) = await ConnectAsync();
        await client.WriteAsync("again"u8.ToArray(), _cancelled);
        (await ReadAsync(server)).ShouldBe("again");
    }

    [Fact]
    public async Task Refused_connections_fail_at_once_until_they_are_accepted_again()
    {
        await ConnectAsync();
        _proxy.Refuse();
        (await Should.ThrowAsync<SocketException>(ConnectAsync)).SocketErrorCode.ShouldBe(SocketError.ConnectionRefused);

        _proxy.Accept();
        (NetworkStream client, NetworkStream server) = await ConnectAsync();
        await client.WriteAsync("back"u8.ToArray(), _cancelled);
        (await ReadAsync(server)).ShouldBe("back");
    }

    [Fact]
    public async Task What_was_swallowed_arrives_when_it_is_let_through()
    {
        (NetworkStream client, NetworkStream server) = await ConnectAsync();
        _proxy.Swallow();
        await client.WriteAsync("late"u8.ToArray(), _cancelled);
        Task<string> heard = ReadAsync(server);
        (await Task.WhenAny(heard, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, _cancelled))).ShouldNotBe(heard);

        _proxy.LetThrough();
        (await heard).ShouldBe("late");
    }

    [Fact]
    public async Task One_direction_can_be_swallowed_alone()
    {
        (NetworkStream client, NetworkStream server) = await ConnectAsync();
        _proxy.ToClient.Close();
        await client.WriteAsync("request"u8.ToArray(), _cancelled);
        (await ReadAsync(server)).ShouldBe("request");
        await server.WriteAsync("answer"u8.ToArray(), _cancelled);
        Task<string> heard = ReadAsync(client);

        _proxy.Reset();
        await Should.ThrowAsync<IOException>(() => heard, "the answer was kept back for good");
    }

    private static async Task<string> ReadAsync(NetworkStream stream)
    {
        byte[] buffer = new byte[100];
        int count = await stream.ReadAsync(buffer, TestContext.Current.CancellationToken);
        return System.Text.Encoding.ASCII.GetString(buffer, 0, count);
    }

    private async Task<(NetworkStream Client, NetworkStream Server)> ConnectAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _proxy.Port), _cancelled);
        return (new NetworkStream(client, ownsSocket: true), new NetworkStream(await _server.AcceptSocketAsync(_cancelled), ownsSocket: true));
    }
}
