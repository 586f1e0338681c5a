using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Redis;
using GlusterBus.Runtime.Configuration;

namespace GlusterBus.Router.Tests.State.Redis;

/// <summary>A server that does not answer is noticed within the patience, whatever is being asked.</summary>
public sealed class RedisPatienceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(400);

    /// <summary>The patience, and what a loaded machine may add.</summary>
    private static readonly TimeSpan Longest = Patience + TimeSpan.FromSeconds(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_frozen_server_is_noticed_by_a_commit_and_the_table_must_be_opened_again()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable table = scene.Table(options: scene.Options with { Patience = Patience, StartPatience = Patience });
        long epoch = (await table.OpenAsync(Token)).Epoch;
        scene.Server.Process.Freeze();
        StateTableUnreachableException e = await WithinAsync<StateTableUnreachableException>(async () => await table.CommitAsync(epoch, SampleCommits.One(1, "offline"), Token));
        e.Message.ShouldBe($"Redis at 127.0.0.1:{scene.Server.Port}: no answer within 0.4 s");
        await WithinAsync<StateTableUnreachableException>(async () => await scene.Table(options: scene.Options with { Patience = Patience, StartPatience = Patience }).OpenAsync(Token));
        scene.Server.Process.Thaw();

        (await Should.ThrowAsync<StateTableUnreachableException>(async () => await table.CommitAsync(epoch, SampleCommits.One(2, "online"), Token))).Message.ShouldContain("opened again");
        long again = (await table.OpenAsync(Token)).Epoch;
        await table.CommitAsync(again, SampleCommits.One(3, "offline"), Token);
    }

    [Fact]
    public async Task A_probe_on_an_idle_connection_notices_a_line_that_swallows_everything_and_recovers_with_it()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisConnection connection = scene.Connect(scene.Options with { Patience = Patience, StartPatience = Patience });
        await connection.ProbeAsync(Token);
        scene.Server.Process.Freeze();
        await WithinAsync<StateTableUnreachableException>(async () => await connection.ProbeAsync(Token));
        scene.Server.Process.Thaw();
        await connection.ProbeAsync(Token);
    }

    [Fact]
    public async Task The_first_connection_has_a_patience_of_its_own_and_every_later_one_has_not()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisConnection connection = scene.Connect(scene.Options with { Patience = Patience, StartPatience = TimeSpan.FromMinutes(1) });
        scene.Server.Process.Freeze();
        Task first = connection.ProbeAsync(Token).AsTask();
        await Task.Delay(Patience * 3, TimeProvider.System, Token);
        first.IsCompleted.ShouldBeFalse();
        scene.Server.Process.Thaw();
        await first;

        scene.Server.Process.Freeze();
        await WithinAsync<StateTableUnreachableException>(async () => await connection.ProbeAsync(Token));
        await WithinAsync<StateTableUnreachableException>(async () => await connection.ProbeAsync(Token));
        scene.Server.Process.Thaw();
        await connection.ProbeAsync(Token);
    }

    [Fact]
    public async Task A_server_that_takes_connections_and_never_speaks_is_noticed()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var connection = new RedisConnection(
            new RedisOptions { Hosts = [RedisScene.Host(((IPEndPoint)silent.LocalEndpoint).Port)], Patience = Patience, StartPatience = Patience }, "test", TimeProvider.System);
        await WithinAsync<StateTableUnreachableException>(async () => await connection.ProbeAsync(Token));
    }

    [Fact]
    public async Task Everybody_who_waits_for_the_same_dead_server_is_told_at_once()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var connection = new RedisConnection(
            new RedisOptions { Hosts = [RedisScene.Host(((IPEndPoint)silent.LocalEndpoint).Port)], Patience = Patience, StartPatience = Patience }, "test", TimeProvider.System);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => WithinAsync<StateTableUnreachableException>(async () => await connection.ProbeAsync(Token))));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said_to_be_so_with_its_address()
    {
        int port = TestKit.FreePorts.Take(1)[0];
        await using var connection = new RedisConnection(new RedisOptions { Hosts = [RedisScene.Host(port)], Patience = Patience }, "test", TimeProvider.System);
        (await WithinAsync<StateTableUnreachableException>(async () => await connection.ProbeAsync(Token))).Message.ShouldBe($"Redis at 127.0.0.1:{port}: Connection refused");
    }

    [Fact]
    public async Task Something_else_than_Redis_is_recognised()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeAsync(listener);
        await using var connection = new RedisConnection(
            new RedisOptions { Hosts = [RedisScene.Host(((IPEndPoint)listener.LocalEndpoint).Port)] }, "test", TimeProvider.System);
        (await Should.ThrowAsync<StateTableUnreachableException>(async () => await connection.ProbeAsync(Token))).Message.ShouldContain("does not answer as Redis does");
        listener.Stop();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        static async Task ServeAsync(TcpListener listener)
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(Token);

                // The first connection only looks whether there is a way.
                if (await client.GetStream().ReadAsync(new byte[1000], Token) > 0)
                {
                    await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), Token);
                }
            }
        }
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_and_leaves_the_connection_to_others()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisConnection connection = scene.Connect();
        await connection.ProbeAsync(Token);
        scene.Server.Process.Freeze();
        using var cancelled = new CancellationTokenSource();
        Task probe = connection.ProbeAsync(cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(probe);
        scene.Server.Process.Thaw();
        await connection.ProbeAsync(Token);
        (await scene.RedisAsync("INFO", "stats")).ShouldContain("total_connections_received:4", Case.Sensitive, "the wait for the start, the one connection after the look whether there is a way, and this question");
    }

    private static async Task<T> WithinAsync<T>(Func<Task> act)
        where T : Exception
    {
        long started = Stopwatch.GetTimestamp();
        T e = await Should.ThrowAsync<T>(act);
        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(Longest);
        return e;
    }
}
