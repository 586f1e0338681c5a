using System.Text;
using GlusterBus.Contracts.Messages;
using GlusterBus.Host.Api;
using GlusterBus.TestKit;

namespace GlusterBus.Pipeline.Tests.Api;

[Collection(Alone.Name)]
public sealed class LiveTransitionsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task A_live_stream_begins_at_the_present_and_resumes_without_a_gap()
    {
        await using RunningInstance running = await RunningInstance.StartAsync();
        await running.EmitAsync("volume/before", "created");
        var position = new StreamPosition();

        await using (IAsyncEnumerator<ServerSentEvent> live = running.Client.EventsAsync("/v1/transitions", position, Token).GetAsyncEnumerator(Token))
        {
            ValueTask<bool> next = live.MoveNextAsync();
            await UntilAsync(() => position.LastId is not null);
            await running.EmitAsync("volume/first", "created");
            (await next).ShouldBeTrue();
            Subject(live.Current).ShouldBe("volume/first");
            position.LastId.ShouldBe(live.Current.Id);
        }

        // While nobody listens:
        await running.EmitAsync("volume/second", "created");
        await running.EmitAsync("volume/third", "created");

        await using IAsyncEnumerator<ServerSentEvent> resumed = running.Client.EventsAsync("/v1/transitions", position, Token).GetAsyncEnumerator(Token);
        (await resumed.MoveNextAsync()).ShouldBeTrue();
        Subject(resumed.Current).ShouldBe("volume/second");
        (await resumed.MoveNextAsync()).ShouldBeTrue();
        Subject(resumed.Current).ShouldBe("volume/third");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_filtered_stream_shows_only_what_was_asked_for()
    {
        await using RunningInstance running = await RunningInstance.StartAsync();
        await running.EmitAsync("volume/gv0", "started");
        await running.EmitAsync("brick/gv0/gl1:/b", "offline");
        await running.EmitAsync("volume/gv1", "started");
        await running.EmitAsync("brick/gv1/gl1:/b", "offline");

        await using IAsyncEnumerator<ServerSentEvent> live = running.Client
            .EventsAsync("/v1/transitions?entity=brick/*&severity=error", new StreamPosition { LastId = "0" }, Token).GetAsyncEnumerator(Token);

        await live.MoveNextAsync();
        Subject(live.Current).ShouldBe("brick/gv0/gl1:/b");
        await live.MoveNextAsync();
        Subject(live.Current).ShouldBe("brick/gv1/gl1:/b");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_quiet_stream_sends_a_comment_so_that_both_ends_know_it_lives()
    {
        var clock = new FakeClock();
        await using RunningInstance running = await RunningInstance.StartAsync(clock: clock);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/transitions");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using HttpResponseMessage response = await running.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        (await reader.ReadLineAsync(Token)).ShouldBe("retry: 1000");
        (await reader.ReadLineAsync(Token)).ShouldStartWith("id: ");
        (await reader.ReadLineAsync(Token)).ShouldBe(": connected");
        (await reader.ReadLineAsync(Token)).ShouldBe("");

        Task<string?> comment = reader.ReadLineAsync(Token).AsTask();
        while (!comment.IsCompleted)
        {
            // The server sets its timer some time after it has sent the head.
            clock.Advance(TimeSpan.FromSeconds(15));
            await Task.WhenAny(comment, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token));
        }

        (await comment).ShouldBe(": nothing new");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_live_stream_ends_when_the_instance_stops()
    {
        RunningInstance running = await RunningInstance.StartAsync();
        var position = new StreamPosition();
        IAsyncEnumerator<ServerSentEvent> live = running.Client.EventsAsync("/v1/transitions", position, Token).GetAsyncEnumerator(Token);
        Task<bool> next = live.MoveNextAsync().AsTask();
        await UntilAsync(() => position.LastId is not null);

        await running.Instance.DisposeAsync();

        try
        {
            (await next).ShouldBeFalse();
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The connection was cut; as good an end for the client.
        }

        await running.DisposeAsync();
    }

    private static string Subject(ServerSentEvent transition) => TransitionJson.Parse(Encoding.UTF8.GetBytes(transition.Data)).Entity.Value;

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }
    }
}
