using System.Text;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using Microsoft.Data.Sqlite;

namespace GlusterBus.Router.State.Sqlite;

/// <content>Reading the past.</content>
public sealed partial class SqliteStore
{
    public ValueTask<IReadOnlyList<ArchivedTransition>> QueryAsync(ArchiveQuery query, CancellationToken cancellationToken)
    {
        using SqliteConnection connection = Connect();
        using SqliteCommand command = connection.CreateCommand();
        Compose(command, query);
        var found = new List<ArchivedTransition>();
        using SqliteDataReader reader = command.ExecuteReader();
        while (found.Count < query.Limit && reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var transition = new ArchivedTransition(reader.GetInt64(0), (byte[])reader[1]);
            if (query.Filter.IsAll || query.Filter.Matches(transition.Transition))
            {
                found.Add(transition);
            }
        }

        if (query.Newest)
        {
            found.Reverse();
        }

        return ValueTask.FromResult<IReadOnlyList<ArchivedTransition>>(found);
    }

    public ValueTask<IReadOnlyList<EntityState>> StateAtAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        using SqliteConnection connection = Connect();
        using SqliteTransaction snapshot = connection.BeginTransaction(deferred: true);
        using SqliteCommand command = connection.CreateCommand();
        command.Transaction = snapshot;
        command.CommandText = "SELECT position, json FROM transitions WHERE position IN (SELECT MAX(position) FROM transitions WHERE recorded <= $at GROUP BY entity) ORDER BY entity";
        command.Parameters.AddWithValue("$at", Microseconds(at));
        var states = new List<EntityState>();
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            Transition last = TransitionJson.Parse((byte[])reader[1]);
            DateTimeOffset since = last.Previous == last.Current ? Began(connection, snapshot, last, reader.GetInt64(0)) : last.Time;
            states.Add(PastState.From(last, since));
        }

        return ValueTask.FromResult<IReadOnlyList<EntityState>>([.. states.Where(PastState.Exists)]);
    }

    /// <summary>When the state began that a record finds unchanged.</summary>
    private static DateTimeOffset Began(SqliteConnection connection, SqliteTransaction snapshot, Transition record, long position)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.Transaction = snapshot;
        command.CommandText = "SELECT json FROM transitions WHERE entity = $entity AND position < $position ORDER BY position DESC";
        command.Parameters.AddWithValue("$entity", record.Entity.Value);
        command.Parameters.AddWithValue("$position", position);
        DateTimeOffset began = record.Time;
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            Transition earlier = TransitionJson.Parse((byte[])reader[0]);
            if (earlier.Current != record.Current)
            {
                break;
            }

            began = earlier.Time;
            if (earlier.Previous != earlier.Current)
            {
                break;
            }
        }

        return began;
    }

    /// <inheritdoc/>
    /// <remarks>What is older than <see cref="SqliteStoreOptions.Keep"/> counts as removed, whether it was already or not.</remarks>
    public ValueTask<long> FloorAsync(CancellationToken cancellationToken)
    {
        using SqliteConnection connection = Connect();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT position FROM transitions WHERE time < $cutoff ORDER BY time DESC LIMIT 1";
        command.Parameters.AddWithValue("$cutoff", Microseconds(_clock.GetUtcNow() - _options.Keep));
        return ValueTask.FromResult((long?)command.ExecuteScalar() ?? 0);
    }

    /// <inheritdoc/>
    public ValueTask<DateTimeOffset?> KnownSinceAsync(CancellationToken cancellationToken)
    {
        using SqliteConnection connection = Connect();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT recorded FROM transitions ORDER BY position LIMIT 1";
        DateTimeOffset? first = (long?)command.ExecuteScalar() is { } recorded ? DateTimeOffset.UnixEpoch.AddTicks(recorded * TimeSpan.TicksPerMicrosecond) : null;
        DateTimeOffset kept = _clock.GetUtcNow() - _options.Keep;
        return ValueTask.FromResult(first < kept ? kept : first);
    }

    /// <summary>Narrows down what SQLite's indexes can; the filter does the rest on what comes back.</summary>
    private static void Compose(SqliteCommand command, ArchiveQuery query)
    {
        var text = new StringBuilder("SELECT position, json FROM transitions WHERE announced = 1 AND position > $after");
        command.Parameters.AddWithValue("$after", query.After);
        if (query.Since is { } since)
        {
            text.Append(" AND time >= $since");
            command.Parameters.AddWithValue("$since", Microseconds(since));
        }

        if (query.Until is { } until)
        {
            text.Append(" AND time < $until");
            command.Parameters.AddWithValue("$until", Microseconds(until));
        }

        string[] prefixes = [.. Prefixes(query.Filter)];
        for (int i = 0; i < prefixes.Length; i++)
        {
            text.Append(i == 0 ? " AND (" : " OR ").Append($"(entity >= $from{i} AND entity < $to{i})");
            command.Parameters.AddWithValue($"$from{i}", prefixes[i]);
            command.Parameters.AddWithValue($"$to{i}", prefixes[i] + "\uffff");
        }

        text.Append(prefixes.Length > 0 ? ")" : "").Append(query.Newest ? " ORDER BY position DESC" : " ORDER BY position");
#pragma warning disable CA2100 // Built from constants; every value is a parameter.
        command.CommandText = text.ToString();
#pragma warning restore CA2100
    }

    /// <summary>What every wanted entity id begins with; empty when that says nothing.</summary>
    private static IEnumerable<string> Prefixes(TransitionFilter filter)
    {
        if (filter.Entities.Count > 0)
        {
            string[] literal = [.. filter.Entities.Select(pattern => pattern.Split('*')[0])];
            return literal.Contains("") ? [] : literal;
        }

        return filter.Channels.Contains("all") ? [] : filter.Channels.Select(channel => channel + "/");
    }
}
