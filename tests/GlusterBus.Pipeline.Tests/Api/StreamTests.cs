using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Pipeline.Tests.Api;

[Collection(Alone.Name)]
public sealed class StreamTests
{
    private const string OnLoopback = ", \"dashboard\": \"0\"";
    private const string Secret = "0123456789abcdef0123456789abcdef";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task A_stream_begins_at_the_present_and_tells_from_where()
    {
        await using RunningInstance running = await RunningInstance.StartAsync(OnLoopback);
        await running.EmitAsync("volume/before", "created");
        await using StreamClient client = await StreamClient.ConnectAsync(Address(running));
        (await client.SubscribedAsync()).GetProperty("severity").GetString().ShouldBe("ok");
        client.Position.ShouldBeGreaterThan(0);

        await running.EmitAsync("volume/after", "created");

        (await client.IdsAsync(1)).ShouldBe(["gluster/volume/after@1"]);
    }

    [Fact(Timeout = 120_000)]
    public async Task Who_loses_the_connection_again_and_again_gets_everything_once_and_in_order()
    {
        await using RunningInstance running = await RunningInstance.StartAsync(OnLoopback);
        const int count = 3000;
        Task emitting = EmitManyAsync(running, count);
        var random = new Random(7);
        List<string> ids = [];
        long position = 0;
        while (ids.Count < count)
        {
            await using StreamClient client = await StreamClient.ConnectAsync(Address(running), string.Create(CultureInfo.InvariantCulture, $"after={position}"));
            await client.SubscribedAsync();
            int rest = Math.Min(count - ids.Count, random.Next(1, 400));
            ids.AddRange(await client.IdsAsync(rest));
            position = client.Position;
        }

        await emitting;
        ids.ShouldBe(Enumerable.Range(1, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"gluster/volume/v@{i}")));
    }

    [Fact(Timeout = 120_000)]
    public async Task One_who_takes_nothing_holds_up_nobody_and_finds_everything_later()
    {
        await using RunningInstance running = await RunningInstance.StartAsync(OnLoopback);
        const int count = 12_000;
        await using StreamClient slow = await StreamClient.ConnectAsync(Address(running), "after=0");
        await using StreamClient quick = await StreamClient.ConnectAsync(Address(running), "after=0");
        await slow.SubscribedAsync();
        await quick.SubscribedAsync();

        // More than the sockets' buffers and what the instance keeps at hand: the slow one's rest is in the record alone.
        Task emitting = EmitManyAsync(running, count);
        (await quick.IdsAsync(count)).Count.ShouldBe(count);
        await emitting;

        (await slow.IdsAsync(count)).ShouldBe(Enumerable.Range(1, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"gluster/volume/v@{i}")));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_message_changes_what_is_told_and_a_wrong_one_leaves_it()
    {
        await using RunningInstance running = await RunningInstance.StartAsync(OnLoopback);
        await using StreamClient client = await StreamClient.ConnectAsync(Address(running), "entity=volume/a*");
        (await client.SubscribedAsync()).GetProperty("entity").EnumerateArray().Select(e => e.GetString()).ShouldBe(["volume/a*"]);
        await client.SendAsync("""{"subscribe":{"channel":["brik"]}}""");
        (await client.ReceiveAsync())!.Value.GetProperty("error").GetString().ShouldStartWith("channel: there is no channel 'brik'");
        await running.EmitAsync("volume/a1", "started");
        (await client.IdsAsync(1)).ShouldBe(["gluster/volume/a1@1"]);

        await client.SendAsync("""{"subscribe":{"entity":["brick/*"],"severity":"error"}}""");
        (await client.SubscribedAsync()).GetProperty("severity").GetString().ShouldBe("error");
        await running.EmitAsync("volume/a2", "started");
        await running.EmitAsync("brick/a2/gl1:/b", "offline");
        (await client.IdsAsync(1)).ShouldBe(["gluster/brick/a2/gl1:/b@1"]);

        // And back to the beginning.
        await client.SendAsync("""{"subscribe":{"after":0}}""");
        await client.SubscribedAsync();
        (await client.IdsAsync(3)).ShouldBe(["gluster/volume/a1@1", "gluster/volume/a2@1", "gluster/brick/a2/gl1:/b@1"]);
    }

    [Theory]
    [InlineData("hello", "no such message: ")]
    [InlineData("{}", "subscribe: missing; write ")]
    [InlineData("""{"subscribe":{"severity":"bad"}}""", "severity: 'bad' is none; there are ok, ")]
    [InlineData("""{"subscribe":{"after":-1}}""", "after: '-1' is below 0")]
    [InlineData("""{"subscribe":{"entty":[]}}""", "no such message: ")]
    public async Task A_message_that_makes_no_sense_is_answered_with_the_reason(string message, string expected)
    {
        await using RunningInstance running = await RunningInstance.StartAsync(OnLoopback);
        await using StreamClient client = await StreamClient.ConnectAsync(Address(running));
        await client.SubscribedAsync();
        await client.SendAsync(message);
        (await client.ReceiveAsync())!.Value.GetProperty("error").GetString().ShouldStartWith(expected);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_message_without_end_ends_the_stream()
    {
        await using RunningInstance running = await RunningInstance.StartAsync(OnLoopback);
        await using StreamClient client = await StreamClient.ConnectAsync(Address(running));
        await client.SubscribedAsync();
        await client.SendAsync(new string('x', 20_000));
        (await client.ReceiveAsync()).ShouldBeNull();
        client.CloseStatus.ShouldBe(WebSocketCloseStatus.MessageTooBig);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_instance_that_stops_says_so()
    {
        RunningInstance running = await RunningInstance.StartAsync(OnLoopback);
        await using StreamClient client = await StreamClient.ConnectAsync(Address(running));
        await client.SubscribedAsync();
        Task<JsonElement?> end = client.ReceiveAsync();
        await running.DisposeAsync();
        (await end).ShouldBeNull();
        client.CloseStatus.ShouldBe(WebSocketCloseStatus.EndpointUnavailable);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_closed_stream_leaves_politely()
    {
        await using RunningInstance running = await RunningInstance.StartAsync(OnLoopback);
        await using StreamClient client = await StreamClient.ConnectAsync(Address(running));
        await client.SubscribedAsync();
        await client.CloseAsync();
        client.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
    }

    [Fact(Timeout = 60_000)]
    public async Task Where_a_token_is_wanted_it_comes_in_a_header_or_beside_the_protocol()
    {
        await using RunningInstance running = await RunningInstance.StartAsync($", \"listen\": \"127.0.0.1:0\", \"token\": \"{Secret}\"");
        var server = new Uri($"http://{running.Instance.Api.TcpEndPoint}");

        (await Should.ThrowAsync<RefusedException>(() => StreamClient.ConnectAsync(server))).Status.ShouldBe(401);
        (await Should.ThrowAsync<RefusedException>(() => StreamClient.ConnectAsync(server, token: Secret + "x"))).Status.ShouldBe(401);
        await using StreamClient browser = await StreamClient.ConnectAsync(server, token: Secret);
        browser.Protocol.ShouldBe("glusterbus.v1");
        await using StreamClient program = await StreamClient.ConnectAsync(server, token: Secret, asHeader: true);
        await program.SubscribedAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task A_foreign_page_may_not_listen()
    {
        await using RunningInstance running = await RunningInstance.StartAsync(OnLoopback + ", \"names\": [\"status.example.com\"]");
        Uri server = Address(running);

        foreach (string origin in new[] { "https://evil.example.com", "null", $"http://127.0.0.1:{server.Port + 1}", "http://localhost" })
        {
            (await Should.ThrowAsync<RefusedException>(() => StreamClient.ConnectAsync(server, origin: origin))).Status.ShouldBe(403, origin);
        }

        await using StreamClient own = await StreamClient.ConnectAsync(server, origin: server.GetLeftPart(UriPartial.Authority));
        await using StreamClient proxied = await StreamClient.ConnectAsync(server, origin: "https://status.example.com");
        await proxied.SubscribedAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task The_dashboard_lets_look_but_not_touch()
    {
        await using RunningInstance running = await RunningInstance.StartAsync(OnLoopback + $", \"token\": \"{Secret}\"");
        using var http = new HttpClient { BaseAddress = Address(running) };

        foreach (string path in new[] { "/", "/dashboard/app.js", "/v1/state", "/v1/transitions", "/v1/instance", "/metrics", "/health/ready" })
        {
            (await http.GetAsync(path, Token)).StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }

        var observation = new StringContent("""{ "entity": "volume/gv0", "state": "created" }""");
        (await http.PostAsync("/v1/observations", observation, Token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        http.DefaultRequestHeaders.Authorization = new("Bearer", Secret);
        (await http.PostAsync("/v1/observations", observation, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_name_that_somebody_pointed_here_is_not_answered()
    {
        await using RunningInstance running = await RunningInstance.StartAsync(OnLoopback + ", \"names\": [\"status.example.com\"]");
        using var http = new HttpClient { BaseAddress = Address(running) };

        (await StatusAsync("evil.example.com")).ShouldBe(HttpStatusCode.Forbidden);
        foreach (string name in new[] { "localhost:8056", "127.0.0.1", "[::1]:8056", Environment.MachineName, "status.example.com" })
        {
            (await StatusAsync(name)).ShouldBe(HttpStatusCode.OK, name);
        }

        async Task<HttpStatusCode> StatusAsync(string host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/state") { Headers = { Host = host } };
            using HttpResponseMessage answer = await http.SendAsync(request, Token);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task The_page_is_held_to_its_own_files()
    {
        await using RunningInstance running = await RunningInstance.StartAsync(OnLoopback);
        using var http = new HttpClient { BaseAddress = Address(running) };
        using HttpResponseMessage page = await http.GetAsync("/", Token);
        string policy = page.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldStartWith("default-src 'none'; script-src 'self'; style-src 'self';");
        policy.ShouldNotContain("unsafe");

        using var again = new HttpRequestMessage(HttpMethod.Get, "/");
        again.Headers.IfNoneMatch.Add(page.Headers.ETag!);
        (await http.SendAsync(again, Token)).StatusCode.ShouldBe(HttpStatusCode.NotModified);
        (await http.GetAsync("/dashboard/../../etc/passwd", Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static Uri Address(RunningInstance running) => new($"http://{running.Instance.Api.DashboardEndPoint}");

    /// <summary>A volume that is started and stopped by turns.</summary>
    private static async Task EmitManyAsync(RunningInstance running, int count)
    {
        DateTimeOffset begin = TimeProvider.System.GetUtcNow().AddHours(-1);
        for (int first = 0; first < count; first += 250)
        {
            await running.Instance.Pipeline.Router.RouteAsync(
                new ObservationBatch
                {
                    Stream = "test/stream",
                    Epoch = 1,
                    Observations =
                    [
                        .. Enumerable.Range(first, Math.Min(250, count - first)).Select(i => new Observation
                        {
                            Entity = EntityId.Volume("v"),
                            State = i % 2 == 0 ? "started" : "stopped",
                            Source = "gf_event",
                            Node = "gl1",
                            ObservedAt = begin.AddMilliseconds(i),
                            Sequence = i + 1,
                        }),
                    ],
                },
                Token);
        }
    }
}
