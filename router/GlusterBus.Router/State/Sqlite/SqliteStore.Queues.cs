using GlusterBus.Contracts.Pipeline;
using Microsoft.Data.Sqlite;

namespace GlusterBus.Router.State.Sqlite;

/// <content>The notifiers' queues: the outbox read from a cursor of each.</content>
public sealed partial class SqliteStore
{
    public ValueTask<IDeliveryQueue> OpenAsync(string notifier, CancellationToken cancellationToken)
    {
        lock (_writing)
        {
            _opened.Add(notifier);
            using SqliteTransaction transaction = _writer.BeginTransaction();
            using SqliteCommand command = Command(
                "INSERT INTO cursors VALUES ($notifier, (SELECT COALESCE(MAX(position), 0) FROM transitions)) ON CONFLICT DO UPDATE SET position = position RETURNING position",
                transaction);
            command.Parameters.AddWithValue("$notifier", notifier);
            long cursor = (long)command.ExecuteScalar()!;
            transaction.Commit();
            return ValueTask.FromResult<IDeliveryQueue>(new Queue(this, notifier, cursor));
        }
    }

    private sealed class Queue(SqliteStore store, string notifier, long cursor) : IDeliveryQueue
    {
        private readonly SqliteConnection _reader = store.Connect();
        private long _handedOut = cursor;
        private long _acknowledged = cursor;

        public long Backlog
        {
            get
            {
                using SqliteConnection connection = store.Connect();
                using SqliteCommand command = connection.CreateCommand();
                command.CommandText = "SELECT COUNT(*) FROM transitions WHERE position > $cursor AND announced = 1";
                command.Parameters.AddWithValue("$cursor", Interlocked.Read(ref _acknowledged));
                return (long)command.ExecuteScalar()!;
            }
        }

        public async ValueTask<IReadOnlyList<ArchivedTransition>> ReceiveAsync(int maximum, CancellationToken cancellationToken)
        {
            while (true)
            {
                await store._signal.WaitAsync(_handedOut, cancellationToken);
                long head = store._signal.Head;
                using SqliteCommand command = _reader.CreateCommand();
                command.CommandText = "SELECT position, json FROM transitions WHERE position > $after AND announced = 1 ORDER BY position LIMIT $limit";
                command.Parameters.AddWithValue("$after", _handedOut);
                command.Parameters.AddWithValue("$limit", maximum);
                var next = new List<ArchivedTransition>();
                using (SqliteDataReader reader = command.ExecuteReader())
                {
                    while (reader.Read())
                    {
                        next.Add(new ArchivedTransition(reader.GetInt64(0), (byte[])reader[1]));
                    }
                }

                // Quiet changes move the head, too: they are passed over without waking anybody twice.
                _handedOut = next.Count == 0 ? Math.Max(_handedOut, head) : next[^1].Position;
                if (next.Count > 0)
                {
                    return next;
                }
            }
        }

        public ValueTask AcknowledgeAsync(long position, CancellationToken cancellationToken)
        {
            lock (store._writing)
            {
                using SqliteTransaction transaction = store._writer.BeginTransaction();
                using SqliteCommand command = store.Command("UPDATE cursors SET position = $position WHERE notifier = $notifier AND position < $position", transaction);
                command.Parameters.AddWithValue("$notifier", notifier);
                command.Parameters.AddWithValue("$position", position);
                command.ExecuteNonQuery();
                transaction.Commit();
            }

            Interlocked.Exchange(ref _acknowledged, Math.Max(position, Interlocked.Read(ref _acknowledged)));
            return ValueTask.CompletedTask;
        }

        public ValueTask RejectAsync(ArchivedTransition transition, string reason, CancellationToken cancellationToken)
        {
            lock (store._writing)
            {
                using SqliteTransaction transaction = store._writer.BeginTransaction();
                using SqliteCommand command = store.Command("INSERT OR REPLACE INTO rejected VALUES ($position, $notifier, $reason, $at)", transaction);
                command.Parameters.AddWithValue("$position", transition.Position);
                command.Parameters.AddWithValue("$notifier", notifier);
                command.Parameters.AddWithValue("$reason", reason);
                command.Parameters.AddWithValue("$at", Microseconds(store._clock.GetUtcNow()));
                command.ExecuteNonQuery();
                transaction.Commit();
            }

            return ValueTask.CompletedTask;
        }
    }
}
