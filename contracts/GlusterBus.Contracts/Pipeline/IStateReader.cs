namespace GlusterBus.Contracts.Pipeline;

/// <summary>Reads the state table as it is now.</summary>
public interface IStateReader
{
    /// <summary>Every entity that exists, ordered by id.</summary>
    ValueTask<IReadOnlyList<EntityState>> CurrentAsync(CancellationToken cancellationToken);
}
