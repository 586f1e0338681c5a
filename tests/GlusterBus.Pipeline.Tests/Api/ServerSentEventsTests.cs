using GlusterBus.Host.Api;

namespace GlusterBus.Pipeline.Tests.Api;

[Collection(Alone.Name)]
public sealed class ServerSentEventsTests
{
    private readonly ServerSentEvents _events = new();

    [Fact]
    public void An_event_is_complete_at_its_blank_line()
    {
        Feed("id: 7", "data: a", "data: b").ShouldBeEmpty();
        _events.LastId.ShouldBeNull();
        Feed("").ShouldBe([new ServerSentEvent("7", "a\nb")]);
        _events.LastId.ShouldBe("7");
    }

    [Fact]
    public void Comments_and_unknown_fields_are_left_out()
    {
        Feed(": nothing new", "retry: 1000", "event: x", "", "data:{}", "").ShouldBe([new ServerSentEvent(null, "{}")]);
    }

    [Fact]
    public void An_id_without_data_moves_the_position_only()
    {
        Feed("id: 3", "").ShouldBeEmpty();
        _events.LastId.ShouldBe("3");
    }

    private List<ServerSentEvent> Feed(params string[] lines) => [.. lines.Select(_events.Read).OfType<ServerSentEvent>()];
}
