using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Router.Decisions;

/// <summary>Finds what a complete look no longer shows: what is missing from a snapshot has gone.</summary>
internal static class Absence
{
    /// <summary>How much newer than the newest word of other nodes a look must be to prove absence: an allowance for their clocks and for
    /// looks that began before the thing was made.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    /// <summary>How long a trouble that no look ever listed lasts after its last report: a stranger whom the cluster rejects is in no list, and
    /// knocks every 3 s.</summary>
    public static readonly TimeSpan UnlistedTrouble = TimeSpan.FromMinutes(5);

    /// <summary>The attribute of a daemon that systemd tells of: no look at the cluster lists it, so that being missing there means nothing.</summary>
    private const string SystemdUnit = "unit";

    public static IReadOnlyList<Observation> Find(WorkingState state, Snapshot snapshot, IReadOnlyList<Observation> seen)
    {
        HashSet<EntityId> present = [.. seen.Select(o => o.Entity)];
        List<StateEntry> missing = [.. state.Within(snapshot.Scopes)
            .Where(entry => !present.Contains(entry.Entity) && !entry.IsGone && entry.Kind.GoneState is not null && !entry.Attributes.ContainsKey(SystemdUnit))
            .OrderBy(entry => entry.Entity)];
        var gone = new List<Observation>();
        foreach (StateEntry entry in missing)
        {
            bool isLate = entry.Witnesses.Any(w => w.Key == snapshot.Witness
                ? w.Value.SeenAt >= snapshot.TakenAt
                : state.Clocks.Translate(new Moment(w.Value.SeenAt, w.Key), snapshot.Witness) + Margin >= snapshot.TakenAt);
            bool isUnlistedTrouble = entry.Severity >= Severity.Warning
                && !entry.Witnesses.Values.Any(w => w.HasOpinion)
                && entry.Witnesses.Any(w => state.Clocks.Translate(new Moment(w.Value.SeenAt, w.Key), snapshot.Witness) + UnlistedTrouble >= snapshot.TakenAt);
            if (isLate || isUnlistedTrouble)
            {
                continue;
            }

            if (entry.Witnesses.Any(w => w.Key != snapshot.Witness && w.Value.HasOpinion && !state.IsSilent(w.Key)))
            {
                // Another node still has it: this witness merely takes back what it said.
                if (entry.Witnesses.ContainsKey(snapshot.Witness))
                {
                    state.Put(entry with { Witnesses = entry.Witnesses.Remove(snapshot.Witness) }, durable: true);
                }

                continue;
            }

            gone.Add(new Observation
            {
                Entity = entry.Entity,
                State = entry.Kind.GoneState,
                Source = snapshot.Source,
                Node = snapshot.Witness,
                ObservedAt = snapshot.TakenAt,
                Evidence = new Evidence("get-state", $"{entry.Entity} is missing from a complete look at the cluster", null, snapshot.Witness, snapshot.TakenAt),
            });
        }

        return gone;
    }
}
