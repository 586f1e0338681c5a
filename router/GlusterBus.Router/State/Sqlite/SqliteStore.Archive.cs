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
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT json FROM transitions WHERE recorded <= $at ORDER BY position";
        command.Parameters.AddWithValue("$at", Microseconds(at));
        return ValueTask.FromResult(PastState.Of(Records(command, cancellationToken)));
    }

    private static IEnumerable<Transition> Records(SqliteCommand command, CancellationToken cancellationToken)
    {
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return TransitionJson.Parse((byte[])reader[0]);
        }
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
