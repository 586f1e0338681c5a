using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Pipeline.Tests.Api;

[Collection(Alone.Name)]
public sealed partial class InstanceApiTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_tells_alive_and_ready()
    {
        await using RunningInstance running = await RunningInstance.StartAsync();

        (await running.Http.GetStringAsync("/health/live", Token)).ShouldBe("alive\n");
        (await running.Http.GetStringAsync("/health/ready", Token)).ShouldBe("ready\n");
    }

    [Fact]
    public async Task Metrics_are_prometheus_text_and_count_what_was_decided()
    {
        await using RunningInstance running = await RunningInstance.StartAsync();
        await running.EmitAsync("volume/gv0", "created");

        HttpResponseMessage response = await running.Http.GetAsync("/metrics", Token);
        string text = await response.Content.ReadAsStringAsync(Token);

        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            SampleOrComment().IsMatch(line).ShouldBeTrue(line);
        }

        text.ShouldContain("glusterbus_observations_total{outcome=\"published\"}");
        text.ShouldContain("\nprocess_resident_memory_bytes ");
        text.Split('\n').Where(l => l.StartsWith("# TYPE ", StringComparison.Ordinal)).ShouldBeUnique();
    }

    [Fact]
    public async Task The_state_table_is_an_array_or_lines_and_can_be_filtered()
    {
        await using RunningInstance running = await RunningInstance.StartAsync();
        await running.EmitAsync("volume/gv0", "started");
        await running.EmitAsync("volume/gv1", "down");
        await running.EmitAsync("brick/gv0/gl1:/b", "offline");

        using JsonDocument all = JsonDocument.Parse(await running.Http.GetStringAsync("/v1/state", Token));
        all.RootElement.EnumerateArray().Select(r => r.GetProperty("entity").GetString()).ShouldBe(["brick/gv0/gl1:/b", "volume/gv0", "volume/gv1"]);
        all.RootElement[0].GetProperty("state").GetString().ShouldBe("offline");
        all.RootElement[0].GetProperty("severity").GetString().ShouldBe("error");

        (await LinesAsync(running, "/v1/state?channel=volume")).Count.ShouldBe(2);
        (await LinesAsync(running, "/v1/state?entity=brick/gv0/*")).ShouldHaveSingleItem().ShouldContain("\"brick/gv0/gl1:/b\"");
        (await LinesAsync(running, "/v1/state?severity=critical")).ShouldHaveSingleItem().ShouldContain("volume/gv1");
        (await LinesAsync(running, "/v1/state?at=1h")).ShouldBeEmpty();
        (await LinesAsync(running, "/v1/state?at=now")).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Past_transitions_can_be_filtered_limited_and_paged()
    {
        await using RunningInstance running = await RunningInstance.StartAsync();
        foreach (string state in new[] { "created", "started", "stopped", "started" })
        {
            await running.EmitAsync("volume/gv0", state);
        }

        await running.EmitAsync("brick/gv0/gl1:/b", "offline");

        Changes(await LinesAsync(running, "/v1/transitions")).ShouldBe(["created", "started", "stopped", "started", "offline"]);
        Changes(await LinesAsync(running, "/v1/transitions?channel=brick")).ShouldBe(["offline"]);
        Changes(await LinesAsync(running, "/v1/transitions?severity=error")).ShouldBe(["offline"]);
        Changes(await LinesAsync(running, "/v1/transitions?limit=2")).ShouldBe(["created", "started"]);
        Changes(await LinesAsync(running, "/v1/transitions?limit=2&newest=true")).ShouldBe(["started", "offline"]);
        (await LinesAsync(running, "/v1/transitions?until=1h")).ShouldBeEmpty();
        (await LinesAsync(running, "/v1/transitions?since=1h")).Count.ShouldBe(5);

        HttpResponseMessage page = await running.Http.GetAsync("/v1/transitions?limit=3", Token);
        string position = page.Headers.GetValues("GlusterBus-Position").Single();
        Changes(await LinesAsync(running, $"/v1/transitions?after={position}")).ShouldBe(["started", "offline"]);
    }

    [Fact]
    public async Task What_was_recorded_in_each_part_of_a_stretch_of_time_is_counted()
    {
        await using RunningInstance running = await RunningInstance.StartAsync();
        await running.EmitAsync("volume/gv0", "started");
        await running.EmitAsync("volume/gv1", "down");
        await running.EmitAsync("brick/gv0/gl1:/b", "offline");

        // The last of ten parts is now.
        using JsonDocument counts = JsonDocument.Parse(await running.Http.GetStringAsync("/v1/transitions/counts?since=1h&bins=10", Token));
        counts.RootElement.GetProperty("complete").GetBoolean().ShouldBeTrue();
        JsonElement[] bins = [.. counts.RootElement.GetProperty("bins").EnumerateArray()];
        bins.Length.ShouldBe(10);
        bins[..9].ShouldAllBe(bin => bin.GetProperty("count").GetInt32() == 0);
        bins[9].GetRawText().ShouldBe("""{"count":3,"bad":2,"worst":"critical"}""");

        using JsonDocument bricks = JsonDocument.Parse(await running.Http.GetStringAsync("/v1/transitions/counts?since=1h&bins=1&channel=brick", Token));
        bricks.RootElement.GetProperty("bins")[0].GetRawText().ShouldBe("""{"count":1,"bad":1,"worst":"error"}""");
    }

    [Theory]
    [InlineData("/v1/state?colour=red", "colour: no such parameter; there are entity, channel, severity, at")]
    [InlineData("/v1/state?severity=bad", "severity: 'bad' is none; there are ok, info, unknown, warning, error, critical")]
    [InlineData("/v1/state?at=whenever", "at: 'whenever' is no time; write ")]
    [InlineData("/v1/transitions?channel=brik", "channel: there is no channel 'brik'; there are all, bitrot, brick, ")]
    [InlineData("/v1/transitions?limit=0", "limit: '0' is no whole number from 1 to 100000")]
    [InlineData("/v1/transitions?after=-1", "after: '-1' is no whole number from 0 to ")]
    [InlineData("/v1/transitions?since=1h&since=2h", "since: given 2 times; once is enough")]
    [InlineData("/v1/transitions/counts", "since: say from when on, such as since=24h")]
    [InlineData("/v1/transitions/counts?since=1h&until=2h", "since: it is not before until")]
    [InlineData("/v1/transitions/counts?since=1h&bins=2001", "bins: '2001' is no whole number from 1 to 2000")]
    [InlineData("/v1/transitions?newest=maybe", "newest: 'maybe' is neither true nor false")]
    public async Task A_bad_parameter_is_refused_by_its_name(string path, string expected)
    {
        await using RunningInstance running = await RunningInstance.StartAsync();

        HttpResponseMessage response = await running.Http.GetAsync(path, Token);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await ErrorAsync(response)).ShouldStartWith(expected);
    }

    [Fact]
    public async Task What_does_not_exist_is_told_as_such()
    {
        await using RunningInstance running = await RunningInstance.StartAsync();

        (await running.Http.GetAsync("/v2", Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await running.Http.DeleteAsync("/v1/state", Token)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task An_injected_observation_tells_what_became_of_it()
    {
        await using RunningInstance running = await RunningInstance.StartAsync();

        JsonElement first = await EmitAsync(running, """{ "entity": "volume/gv0", "state": "created", "attributes": { "type": "Replicate" } }""");
        first.GetProperty("outcome").GetString().ShouldBe("published");
        first.GetProperty("transition").GetProperty("id").GetString().ShouldBe("gluster/volume/gv0@1");
        JsonElement again = await EmitAsync(running, """{ "entity": "volume/gv0", "state": "created" }""");
        again.GetProperty("outcome").GetString().ShouldBe("same-source");
        again.TryGetProperty("transition", out _).ShouldBeFalse();
        JsonElement occurrence = await EmitAsync(running, """{ "entity": "volume/gv0", "occurrence": "rehearsal", "severity": "warning" }""");
        occurrence.GetProperty("transition").GetProperty("data").GetProperty("severity").GetString().ShouldBe("warning");
    }

    [Fact]
    public async Task A_verbatim_datagram_and_a_verbatim_log_line_go_through_the_readers()
    {
        await using RunningInstance running = await RunningInstance.StartAsync();

        JsonElement datagram = await EmitAsync(running, """{ "datagram": "1795340205 3 name=rv;force=0" }""");
        datagram.GetProperty("entity").GetString().ShouldBe("volume/rv");
        datagram.GetProperty("state").GetString().ShouldBe("started");
        datagram.GetProperty("source").GetString().ShouldBe("gf_event");
        JsonElement line = await EmitAsync(running, """
            { "logLine": "[2026-11-22 09:16:38.618000 +0000] I [MSGID: 106005] [glusterd-handler.c:6391:__glusterd_brick_rpc_notify] 0-management: Brick gl2:/srv/rv1 has disconnected from glusterd." }
            """);
        line.GetProperty("entity").GetString().ShouldBe("brick/?/gl2:/srv/rv1");
        line.GetProperty("source").GetString().ShouldBe("logs");
        line.GetProperty("outcome").GetString().ShouldBe("published");
    }

    [Theory]
    [InlineData("{}", "give exactly one of entity, datagram and logLine")]
    [InlineData("{ \"entity\": \"gv0\", \"state\": \"x\" }", "entity: 'gv0' is no entity id; it needs a kind and a name, such as volume/gv0")]
    [InlineData("{ \"entity\": \"vol/gv0\", \"state\": \"x\" }", "entity: there is no kind 'vol'; there are ")]
    [InlineData("{ \"entity\": \"volume/gv0\", \"state\": \"asleep\" }", "state: a volume is never 'asleep'; it is ")]
    [InlineData("{ \"entity\": \"volume/gv0\" }", "state: an observation needs a state, an occurrence or attributes")]
    [InlineData("{ \"entity\": \"volume/gv0\", \"state\": \"created\", \"occurrence\": \"x\" }", "occurrence: an observation tells either a state or an occurrence")]
    [InlineData("{ \"datagram\": \"hello\" }", "datagram: ")]
    [InlineData("{ \"logLine\": \"hello\" }", "logLine: no rule for glusterd logs wants this line")]
    [InlineData("{ \"entty\": \"volume/gv0\" }", "the body is no such request: ")]
    [InlineData("nonsense", "the body is no such request: ")]
    public async Task An_injection_that_makes_no_sense_is_refused_with_the_reason(string body, string expected)
    {
        await using RunningInstance running = await RunningInstance.StartAsync();

        HttpResponseMessage response = await running.Http.PostAsync("/v1/observations", new StringContent(body), Token);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await ErrorAsync(response)).ShouldStartWith(expected);
    }

    [Fact]
    public async Task Over_tcp_the_token_is_required_for_all_but_health()
    {
        const string token = "0123456789abcdef0123456789abcdef";
        await using RunningInstance running = await RunningInstance.StartAsync($", \"listen\": \"127.0.0.1:0\", \"token\": \"{token}\"");
        using var http = new HttpClient { BaseAddress = new Uri($"http://{running.Instance.Api.TcpEndPoint}") };

        (await http.GetAsync("/health/live", Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (string path in new[] { "/v1/state", "/v1/transitions", "/metrics", "/v2" })
        {
            HttpResponseMessage refused = await http.GetAsync(path, Token);
            refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, path);
            refused.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
        }

        http.DefaultRequestHeaders.Authorization = new("Bearer", token[..^1] + "x");
        (await http.GetAsync("/v1/state", Token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        (await http.GetAsync("/v1/state", Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_socket_is_for_owner_and_group_and_goes_with_the_instance()
    {
        string socket;
        await using (RunningInstance running = await RunningInstance.StartAsync())
        {
            socket = running.Socket;
            File.GetUnixFileMode(socket).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        }

        File.Exists(socket).ShouldBeFalse();
    }

    private static async Task<List<string>> LinesAsync(RunningInstance running, string path)
    {
        List<string> lines = [];
        await foreach (string line in running.Client.LinesAsync(path, null, Token))
        {
            lines.Add(line);
        }

        return lines;
    }

    private static IEnumerable<string> Changes(IEnumerable<string> lines) => lines.Select(line => TransitionJson.Parse(Encoding.UTF8.GetBytes(line)).Change);

    private static async Task<JsonElement> EmitAsync(RunningInstance running, string body)
    {
        HttpResponseMessage response = await running.Http.PostAsync("/v1/observations", new StringContent(body), Token);
        string answer = await response.Content.ReadAsStringAsync(Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, answer);
        return JsonDocument.Parse(answer).RootElement.GetProperty("results")[0];
    }

    private static async Task<string?> ErrorAsync(HttpResponseMessage response)
    {
        using JsonDocument body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));
        return body.RootElement.GetProperty("error").GetString();
    }

    [GeneratedRegex("""^(# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .+|[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\.)*",?)+\})? ([0-9.eE+-]+|NaN|[+-]Inf))$""")]
    private static partial Regex SampleOrComment();
}
