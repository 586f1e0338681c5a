using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Router.Decisions;

/// <summary>What the router concludes from hearing of collectors, and from not hearing of them.</summary>
internal sealed partial class Decider
{
    /// <summary>Who says it, as node and source. It is no node's word, so that the router's clock is not taken for the clock of a node.</summary>
    private const string Speaker = "router", Source = "heartbeat";

    /// <summary>Holds that a collector can run on a node of that name.</summary>
    /// <exception cref="FormatException">It can't; the message says why.</exception>
    public static string CheckNode(string node) => ClusterState.CollectorNode(EntityId.Of("collector", node)) ?? throw new FormatException("the name of a node has no slash");

    /// <summary>Takes note of a sign of life; a collector that was silent is back.</summary>
    public IReadOnlyList<Outcome> Hear(WorkingState state, string node, Heartbeat heartbeat, DateTimeOffset now, List<RecordedTransition> recorded)
    {
        TimeSpan delay = state.Clocks.Hear(node, heartbeat.SentAt, now);
        state.Watch.Hear(node, now, delay);
        string? known = state.Find(EntityId.Of("collector", node))?.State;
        IReadOnlyList<Outcome> outcomes = known is null or "silent" ? [Run(Word(state, node, "online", "it gave a sign of life", now), recorded)] : [];
        ClockMemory.Remember(state, node);
        return outcomes;
    }

    /// <summary>Announces that a collector is silent. What nobody else looks at turns unknown, quietly: it may be as well as ever.</summary>
    public IReadOnlyList<Outcome> Silence(WorkingState state, string node, DateTimeOffset now, List<RecordedTransition> recorded)
    {
        // It may come back with another clock.
        state.Clocks.Forget(node);
        Outcome outcome = Run(Word(state, node, "silent", $"no sign of life for {Heartbeat.Patience.TotalSeconds:0} s", now), recorded);
        if (outcome.Transition is not { } silence)
        {
            return [outcome];
        }

        var isHeard = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (StateEntry entry in state.Entries.Where(IsUnseen).OrderBy(entry => entry.Entity).ToArray())
        {
            StateEntry veiled = entry with { State = StateEntry.Unseen, Since = now, Veil = new Veil(entry.State!, entry.Since) };
            state.Put(veiled, durable: true);
            recorded.Add(new RecordedTransition(Composer.Veil(veiled, silence), IsAnnounced: false));
        }

        return [outcome];

        bool IsUnseen(StateEntry entry) =>
            entry.Witnesses.TryGetValue(node, out Witness? own) && own.HasOpinion
            && entry.State is not null and not StateEntry.Unseen && !entry.IsGone
            && entry.Kind.States.ContainsKey(StateEntry.Unseen)
            && !entry.Entity.IsWithin(ClusterState.CollectorPrefix)
            && !entry.Witnesses.Any(w => w.Key != node && w.Value.HasOpinion && IsHeard(w.Key));

        bool IsHeard(string other) => isHeard.TryGetValue(other, out bool known) ? known : isHeard[other] = !state.IsSilent(other);
    }

    /// <summary>True when the router lacks what a node sees: it never looked, or it was silent, or its looks went with a state table that was lost.</summary>
    public static bool WantsLook(ClusterState state, string node, Heartbeat heartbeat) =>
        heartbeat.HasLooked && !state.Watch.HasLooked(node)
        && (!state.Applied.ContainsKey($"{node}/get_state")
            || state.VeiledEntities > 0
            || (state.SequenceBase > 0 && !HasOpinions(state.Entries.Values, node)));

    /// <summary>True for the first look of a collector at what it has told before, to a state table that was lost.</summary>
    private static bool IsRetold(WorkingState state, Snapshot? snapshot) =>
        snapshot is { IsFirst: false } && state.SequenceBase > 0 && !state.Watch.HasLooked(snapshot.Witness) && !HasOpinions(state.Entries, snapshot.Witness);

    private static bool HasOpinions(IEnumerable<StateEntry> entries, string node) =>
        entries.Any(entry => entry.Witnesses.TryGetValue(node, out Witness? witness) && witness.HasOpinion);

    private static void NoteHeard(WorkingState state, ObservationBatch batch, DateTimeOffset now)
    {
        if (batch.Snapshot is { } snapshot)
        {
            state.Watch.HearOf(snapshot.Witness, now);
        }
        else if (batch.Observations.Count > 0)
        {
            state.Watch.HearOf(batch.Observations[0].Node, now);
        }
    }

    private Case Word(WorkingState state, string node, string word, string text, DateTimeOffset now) => new()
    {
        Observation = new Observation
        {
            Entity = EntityId.Of("collector", node),
            State = word,
            Source = Source,
            Node = Speaker,
            ObservedAt = now,
            Evidence = new Evidence(Source, text, null, Speaker, now),
        },
        State = state,
        Options = options,
        Now = now,
        IsOwn = true,
    };
}
