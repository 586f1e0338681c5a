using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Decisions;

namespace GlusterBus.Router.Tests.Decisions;

/// <summary>Drives the pure decision with scripted observations and keeps what it announced.</summary>
internal sealed class Scenario
{
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);

    private readonly RouterOptions _options = new() { Cluster = "test", MaximumUntrustedEntities = 3 };
    private readonly Decider _decider;
    private readonly Dictionary<string, long> _sequences = [];

    public Scenario() => _decider = new Decider(_options);

    public ClusterState State { get; } = new();

    public List<RecordedTransition> Recorded { get; } = [];

    public IEnumerable<Transition> Announced => Recorded.Where(r => r.IsAnnounced).Select(r => r.Transition);

    public DateTimeOffset Now { get; set; } = Start;

    /// <summary>The announced transitions, each as <c>entity change</c>.</summary>
    public string[] Told => [.. Announced.Select(t => $"{t.Entity} {t.Change}")];

    public static Observation State_(string entity, string state, double at = 0, string node = "gl1", string source = "gf_event", bool trusted = true, params string[] unless) => new()
    {
        Entity = EntityId.Parse(entity),
        State = state,
        Source = source,
        Node = node,
        ObservedAt = Start.AddSeconds(at),
        Trusted = trusted,
        Unless = unless,
    };

    public static Observation Attributes(string entity, double at, string source, string? change, params (string Name, string? Value)[] attributes) => new()
    {
        Entity = EntityId.Parse(entity),
        Source = source,
        Node = "gl1",
        ObservedAt = Start.AddSeconds(at),
        Change = change,
        Attributes = attributes.ToDictionary(a => a.Name, a => a.Value),
    };

    public Suppression Tell(Observation observation) => Tell(null, null, observation)[0].Suppression;

    public IReadOnlyList<Outcome> Tell(string? stream, Snapshot? snapshot, params Observation[] observations)
    {
        stream ??= observations.Length > 0 ? $"{observations[0].Node}/{observations[0].Source}" : "gl1/get_state";
        long sequence = _sequences.GetValueOrDefault(stream);
        Observation[] numbered = [.. observations.Select(o => o.Sequence > 0 ? o : o with { Sequence = ++sequence })];
        _sequences[stream] = Math.Max(sequence, numbered.Select(o => o.Sequence).DefaultIfEmpty().Max());
        var working = new WorkingState(State);
        IReadOnlyList<Outcome> outcomes = _decider.Decide(working, new ObservationBatch { Stream = stream, Epoch = 1, Observations = numbered, Snapshot = snapshot }, Now, Recorded);
        working.Accept();
        return outcomes;
    }

    /// <summary>A complete look of one node at volumes, bricks and its peers.</summary>
    public IReadOnlyList<Outcome> Look(double at, string node = "gl1", bool first = false, params Observation[] observations)
    {
        DateTimeOffset taken = Start.AddSeconds(at);
        return Tell($"{node}/get_state", new Snapshot(node, ["volume/", "brick/", $"peer/{node}/"], first, taken, "get_state"),
            [.. observations.Select(o => o with { Source = "get_state", Node = node, ObservedAt = taken })]);
    }

    /// <summary>A sign of life; <paramref name="heartbeat"/> carries the node's own clock.</summary>
    public void Hear(string node, Heartbeat heartbeat)
    {
        var working = new WorkingState(State);
        _decider.Hear(working, node, heartbeat, Now, Recorded);
        working.Accept();
    }

    /// <summary>The node's collector is not heard of any more.</summary>
    public void Silence(string node)
    {
        var working = new WorkingState(State);
        _decider.Silence(working, node, Now, Recorded);
        working.Accept();
    }

    /// <summary>Makes the clocks of nodes known, each with how many seconds it is ahead.</summary>
    public void KnowClocks(params (string Node, double Ahead)[] nodes)
    {
        for (int beat = 0; beat < 2; beat++)
        {
            foreach ((string node, double ahead) in nodes)
            {
                Hear(node, new Heartbeat(Now.AddSeconds(ahead), HasLooked: true));
            }

            Now += Heartbeat.Interval;
        }
    }

    public void AdvanceTo(double at)
    {
        Now = Start.AddSeconds(at);
        var working = new WorkingState(State);
        _decider.Release(working, State.Due(Now), Now, Recorded);
        working.Accept();
    }
}
