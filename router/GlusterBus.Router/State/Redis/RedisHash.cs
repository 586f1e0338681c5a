using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using GlusterBus.Contracts.Entities;
using GlusterBus.Router.Decisions;
using GlusterBus.Router.State.Redis.Connections;

namespace GlusterBus.Router.State.Redis;

/// <summary>Reads a big hash in pages, so that Redis serves others between them.</summary>
internal static class RedisHash
{
    private const int Page = 2000;

    /// <summary>Every entry of a table.</summary>
    /// <exception cref="StateTableUnreachableException">Redis does not answer in time, or holds what this version can't read.</exception>
    public static async Task<IReadOnlyCollection<StateEntry>> EntriesAsync(RedisConnection connection, string key, CancellationToken cancellationToken)
    {
        var entries = new Dictionary<EntityId, StateEntry>();
        await foreach ((_, byte[] json) in ReadAsync(connection, key, cancellationToken))
        {
            try
            {
                StateEntry entry = StateEntryJson.Read(json);
                entries[entry.Entity] = entry;
            }
            catch (JsonException e)
            {
                throw new StateTableUnreachableException($"the state table holds an entry that this version can't read: {e.Message}", e);
            }
        }

        return entries.Values;
    }

    /// <summary>Every field. One that is written meanwhile may come twice; the later one is the newer.</summary>
    public static async IAsyncEnumerable<(byte[] Field, byte[] Value)> ReadAsync(
        RedisConnection connection, string key, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string cursor = "0";
        do
        {
            RedisAnswer answer = await connection.ExecuteAsync(
                RedisCommand.Of("HSCAN", key, cursor, "COUNT", Page.ToString(CultureInfo.InvariantCulture)), cancellationToken);
            cursor = answer.Items[0].Text;
            IReadOnlyList<RedisAnswer> pairs = answer.Items[1].Items;
            for (int i = 0; i < pairs.Count; i += 2)
            {
                yield return (pairs[i].Bytes, pairs[i + 1].Bytes);
            }
        }
        while (cursor != "0");
    }
}
