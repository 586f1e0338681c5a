using System.Collections.Immutable;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.Decisions;

namespace GlusterBus.Router.State;

/// <summary>What a rebuilding did.</summary>
/// <param name="Written">Entities that the table had lost.</param>
/// <param name="Kept">Entities that it knew: what is known now counts more than what was known then.</param>
public readonly record struct RebuiltTable(int Written, int Kept);

/// <summary>The table was never lost: a copy of the past has no business in it.</summary>
public sealed class TableIntactException(string message) : Exception(message);

/// <summary>Gives a lost state table back what an archive knows. A router that owns the table meanwhile is fenced, and opens it anew.</summary>
public static class TableRebuild
{
    private const int Page = 500;

    /// <param name="table">The table.</param>
    /// <param name="rows">The states to give back.</param>
    /// <param name="now">The present: new sequences start above it, since the archive may not have the last ones.</param>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    /// <exception cref="TableIntactException">The table holds entities and replaces no lost one.</exception>
    public static async Task<RebuiltTable> RunAsync(IStateTable table, IReadOnlyList<EntityState> rows, DateTimeOffset now, CancellationToken cancellationToken)
    {
        TableContents contents = await table.OpenAsync(cancellationToken);
        if (contents.Entries.Count > 0 && contents.SequenceBase == 0)
        {
            throw new TableIntactException($"the state table holds {contents.Entries.Count} entities and was not lost");
        }

        HashSet<EntityId> known = [.. contents.Entries.Select(entry => entry.Entity)];
        StateEntry[] missing = [.. rows.Where(row => !known.Contains(row.Entity) && EntityKinds.Of(row.Entity) is not null).Select(Entry)];
        long? sequenceBase = contents.SequenceBase == 0 ? now.ToUnixTimeSeconds() : null;
        foreach (StateEntry[] page in missing.Chunk(Page))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await table.CommitAsync(contents.Epoch, new Commit(page, [], new Dictionary<string, AppliedSequence>()) { SequenceBase = sequenceBase }, cancellationToken);
            sequenceBase = null;
        }

        return new RebuiltTable(missing.Length, rows.Count - missing.Length);
    }

    /// <summary>The entry that stands for a row: what the world was told, and by nobody who could vouch for it. The first look fills in the rest quietly.</summary>
    internal static StateEntry Entry(EntityState row) => new()
    {
        Entity = row.Entity,
        State = row.State,
        Attributes = row.Attributes.ToImmutableSortedDictionary(StringComparer.Ordinal),
        Sequence = row.Sequence,
        Since = row.Since ?? default,
        ChangedAt = row.Since ?? default,
        Settled = row.Since is { } since ? new Moment(since, null) : default,
        AnnouncedBad = row.State is not null && row.Severity is Severity.Unknown or >= Severity.Warning,
    };
}
