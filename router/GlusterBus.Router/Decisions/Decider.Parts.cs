using GlusterBus.Contracts.Entities;

namespace GlusterBus.Router.Decisions;

/// <summary>What the end of a thing means for its parts.</summary>
internal sealed partial class Decider
{
    /// <summary>Ends, with a volume or with its quota, those parts that no look at the cluster ever lists, such as replica sets: no look will miss them, and
    /// they would stay as they were for ever. Quietly, since the end of the whole says it; an alarm that was raised gets its own end.</summary>
    private IReadOnlyList<Outcome> EndParts(WorkingState state, Outcome outcome, DateTimeOffset now, List<RecordedTransition> recorded)
    {
        if (outcome.Suppression is not (Suppression.None or Suppression.Expected) || outcome.Observation.State is not { } ended)
        {
            return [];
        }

        EntityId whole = outcome.Observation.Entity;
        string name = whole.Name;
        string[] parts = (whole.Kind, ended) switch
        {
            ("volume", "deleted") =>
            [
                $"subvol/{name}/", $"splitbrain/{name}/", $"object/{name}/", $"quota/{name}/", $"config/{name}/",
                $"usage/{name}/", $"bitrot/{name}/", $"snaplimit/{name}/", $"rebalance/{name}/",
            ],
            ("quota", "disabled" or "removed") => [$"quota/{name}/"],
            _ => [],
        };
        if (parts.Length == 0)
        {
            return [];
        }

        StateEntry[] left = [.. state.Entries
            .Where(entry => !entry.IsGone && entry.Entity != whole && parts.Any(part => $"{entry.Entity}/".StartsWith(part, StringComparison.Ordinal)))
            .OrderBy(entry => entry.Entity)];
        return [.. left.Select(part => Run(new Case
        {
            Observation = outcome.Observation with
            {
                Entity = part.Entity,
                State = part.Kind.GoneState,
                Attributes = new Dictionary<string, string?>(),
                Change = null,
                Unless = [],
            },
            State = state,
            Options = options,
            Now = now,
            IsGone = true,
            IsOwn = true,
            IsPart = true,
        }, recorded))];
    }
}
