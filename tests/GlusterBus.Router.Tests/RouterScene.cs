using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router.State;
using GlusterBus.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Router.Tests;

/// <summary>A router on a scripted clock, and what one node tells it.</summary>
public abstract class RouterScene
{
    protected const string Brick = "brick/gv0/n1:/b";
    private long _sequence;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected FakeClock Clock { get; } = new();

    protected async Task<ObservationRouter> StartAsync(IStateTable table, Func<CancellationToken, Task<bool>>? canHear = null)
    {
        var router = new ObservationRouter(table, new RouterOptions { Cluster = "test" }, Clock, NullLogger<ObservationRouter>.Instance, canHear);
        await router.StartAsync(Token);
        return router;
    }

    protected Task<HeartbeatReply> HearAsync(ObservationRouter router, string node, string? generation = null, bool hasLooked = true) =>
        router.HearAsync(new CollectorMemory(node, generation), new Heartbeat(Clock.GetUtcNow(), hasLooked), Token);

    protected Observation Claim(string entity, string state, string node = "n1") => new()
    {
        Entity = EntityId.Parse(entity),
        State = state,
        Source = "get_state",
        Node = node,
        ObservedAt = Clock.GetUtcNow(),
        Sequence = ++_sequence,
    };

    protected ObservationBatch Event(string entity, string state) => new() { Stream = "n1/gf_event", Epoch = 1, Observations = [Claim(entity, state) with { Source = "gf_event" }] };

    protected ObservationBatch Look(bool isFirst, params (string Entity, string State)[] seen) => new()
    {
        Stream = "n1/get_state",
        Epoch = 1,
        Observations = [.. seen.Select(s => Claim(s.Entity, s.State))],
        Snapshot = new Snapshot("n1", ["volume/", "brick/"], isFirst, Clock.GetUtcNow(), "get_state"),
    };
}
