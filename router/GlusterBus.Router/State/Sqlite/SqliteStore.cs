using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.Decisions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace GlusterBus.Router.State.Sqlite;

/// <summary>Settings of the embedded store.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>How long transitions are kept, from one hour to ten years. The default is 30 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(30);
}

/// <summary>State table, outbox, archive and the notifiers' cursors in one SQLite file.</summary>
/// <remarks>One connection writes, under one lock; each reader has a connection of its own, which WAL lets read while it writes.</remarks>
public sealed partial class SqliteStore : IStateTable, ITransitionArchive, IDeliveryQueues, IAsyncDisposable
{
    /// <summary>How long the place in a log stream is remembered at least: longer than any logrotate keeps files.</summary>
    private static readonly TimeSpan LeastMemory = TimeSpan.FromDays(400);

    private readonly SqliteStoreOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly string _connectionString;
    private readonly SqliteConnection _writer;
    private readonly Lock _writing = new();
    private readonly Signal _signal = new();
    private readonly ITimer _pruner;

    /// <summary>The notifiers that run now. A cursor of one that left the configuration must not keep the archive from being pruned.</summary>
    private readonly HashSet<string> _opened = new(StringComparer.Ordinal);

    private SqliteStore(string path, SqliteStoreOptions options, TimeProvider clock, ILogger logger)
    {
        (_options, _clock, _logger) = (options, clock, logger);
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString();
        _writer = Connect();
        try
        {
            SqliteSchema.Prepare(_writer, path);
        }
        catch
        {
            _writer.Dispose();
            throw;
        }

        _signal.MoveTo(ReadHead());
        _pruner = clock.CreateTimer(_ => Prune(), null, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
    }

    public long Head => _signal.Head;

    /// <summary>Opens or makes the file.</summary>
    /// <exception cref="InvalidDataException">The file is of a newer version, is damaged or no database, or can't be opened; the message names it.</exception>
    public static Task<SqliteStore> OpenAsync(string path, SqliteStoreOptions options, TimeProvider clock, ILogger<SqliteStore> logger, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
            {
                try
                {
                    return new SqliteStore(path, options, clock, logger);
                }
                catch (SqliteException e)
                {
                    throw new InvalidDataException($"{path} can't be used as the store: {e.Message}", e);
                }
            },
            cancellationToken);

    public ValueTask<TableContents> OpenAsync(CancellationToken cancellationToken)
    {
        lock (_writing)
        {
            using SqliteTransaction transaction = _writer.BeginTransaction();
            using SqliteCommand command = _writer.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = "UPDATE owner SET epoch = epoch + 1 RETURNING epoch";
            long epoch = (long)command.ExecuteScalar()!;
            var entries = new List<StateEntry>();
            command.CommandText = "SELECT json FROM entries";
            using (SqliteDataReader reader = command.ExecuteReader())
            {
                while (reader.Read())
                {
                    entries.Add(StateEntryJson.Read((byte[])reader[0]));
                }
            }

            var applied = new Dictionary<string, AppliedSequence>(StringComparer.Ordinal);
            command.CommandText = "SELECT stream, epoch, sequence FROM applied";
            using (SqliteDataReader reader = command.ExecuteReader())
            {
                while (reader.Read())
                {
                    applied[reader.GetString(0)] = new AppliedSequence(reader.GetInt64(1), reader.GetInt64(2));
                }
            }

            transaction.Commit();
            return ValueTask.FromResult(new TableContents(epoch, entries, applied));
        }
    }

    public ValueTask CommitAsync(long epoch, Commit commit, CancellationToken cancellationToken)
    {
        long head = 0;
        lock (_writing)
        {
            using SqliteTransaction transaction = _writer.BeginTransaction();
            using SqliteCommand fence = Command("SELECT epoch FROM owner", transaction);
            if ((long)fence.ExecuteScalar()! is var current && current != epoch)
            {
                throw new FencedException(epoch, current);
            }

            Upsert(commit, transaction);
            head = Append(commit.Transitions, transaction);
            transaction.Commit();
        }

        if (head > 0)
        {
            _signal.MoveTo(head);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<long> HeadAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Head);

    public ValueTask WaitAsync(long position, CancellationToken cancellationToken) => _signal.WaitAsync(position, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _pruner.DisposeAsync();
        lock (_writing)
        {
            _writer.Dispose();
        }
    }

    private void Upsert(Commit commit, SqliteTransaction transaction)
    {
        using SqliteCommand entry = Command("INSERT INTO entries VALUES ($entity, $json) ON CONFLICT DO UPDATE SET json = excluded.json", transaction);
        SqliteParameter entity = entry.Parameters.Add("$entity", SqliteType.Text);
        SqliteParameter json = entry.Parameters.Add("$json", SqliteType.Blob);
        foreach (StateEntry changed in commit.Entries)
        {
            (entity.Value, json.Value) = (changed.Entity.Value, StateEntryJson.Write(changed));
            entry.ExecuteNonQuery();
        }

        using SqliteCommand applied = Command(
            "INSERT INTO applied VALUES ($stream, $epoch, $sequence, $at) ON CONFLICT DO UPDATE SET epoch = excluded.epoch, sequence = excluded.sequence, at = excluded.at", transaction);
        SqliteParameter stream = applied.Parameters.Add("$stream", SqliteType.Text);
        SqliteParameter epoch = applied.Parameters.Add("$epoch", SqliteType.Integer);
        SqliteParameter sequence = applied.Parameters.Add("$sequence", SqliteType.Integer);
        applied.Parameters.AddWithValue("$at", Microseconds(_clock.GetUtcNow()));
        foreach ((string name, AppliedSequence at) in commit.Applied)
        {
            (stream.Value, epoch.Value, sequence.Value) = (name, at.Epoch, at.Sequence);
            applied.ExecuteNonQuery();
        }
    }

    /// <summary>Appends to the archive; returns the new head, or 0 when there was nothing to append.</summary>
    private long Append(IReadOnlyList<RecordedTransition> transitions, SqliteTransaction transaction)
    {
        if (transitions.Count == 0)
        {
            return 0;
        }

        using SqliteCommand append = Command(
            "INSERT INTO transitions (entity, time, recorded, announced, json) VALUES ($entity, $time, $recorded, $announced, $json)", transaction);
        SqliteParameter entity = append.Parameters.Add("$entity", SqliteType.Text);
        SqliteParameter time = append.Parameters.Add("$time", SqliteType.Integer);
        SqliteParameter recordedAt = append.Parameters.Add("$recorded", SqliteType.Integer);
        SqliteParameter announced = append.Parameters.Add("$announced", SqliteType.Integer);
        SqliteParameter json = append.Parameters.Add("$json", SqliteType.Blob);
        foreach (RecordedTransition recorded in transitions)
        {
            Transition transition = recorded.Transition;
            entity.Value = transition.Entity.Value;
            time.Value = Microseconds(transition.Time);
            recordedAt.Value = Microseconds(transition.RecordedAt);
            announced.Value = recorded.IsAnnounced ? 1 : 0;
            json.Value = TransitionJson.Write(transition);
            append.ExecuteNonQuery();
        }

        using SqliteCommand last = Command("SELECT last_insert_rowid()", transaction);
        return (long)last.ExecuteScalar()!;
    }

    /// <summary>Forgets old transitions now instead of at the next full hour.</summary>
    internal void PruneNow() => Prune();

    /// <summary>Removes what is older than <see cref="SqliteStoreOptions.Keep"/>, but never the last word on an entity, nor what a notifier still waits for.</summary>
    private void Prune()
    {
        try
        {
            lock (_writing)
            {
                using SqliteTransaction transaction = _writer.BeginTransaction();
                using SqliteCommand prune = Command(
                    """
                    DELETE FROM transitions WHERE position IN (
                        SELECT t.position FROM transitions t
                        WHERE t.time < $cutoff
                          AND t.position <= (SELECT COALESCE(MIN(position), $head) FROM cursors WHERE notifier IN (SELECT value FROM json_each($opened)))
                          AND EXISTS (SELECT 1 FROM transitions later WHERE later.entity = t.entity AND later.position > t.position AND later.time < $cutoff)
                        LIMIT 10000)
                    """, transaction);
                prune.Parameters.AddWithValue("$head", Head);
                prune.Parameters.AddWithValue("$opened", JsonSerializer.Serialize(_opened));
                prune.Parameters.AddWithValue("$cutoff", Microseconds(_clock.GetUtcNow() - _options.Keep));
                prune.ExecuteNonQuery();

                // A log file that was rotated away and not heard of for that long won't be read again; every rotation leaves such a stream.
                using SqliteCommand forget = Command("DELETE FROM applied WHERE stream LIKE '%/logs/%' AND at < $cutoff", transaction);
                forget.Parameters.AddWithValue("$cutoff", Microseconds(_clock.GetUtcNow() - Max(_options.Keep, LeastMemory)));
                forget.ExecuteNonQuery();
                transaction.Commit();
            }
        }
        catch (SqliteException e)
        {
            LogPruneFailed(e);
        }
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private long ReadHead()
    {
        using SqliteCommand command = Command("SELECT COALESCE(MAX(position), 0) FROM transitions", null);
        return (long)command.ExecuteScalar()!;
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }

    private SqliteCommand Command(string text, SqliteTransaction? transaction)
    {
        SqliteCommand command = _writer.CreateCommand();
#pragma warning disable CA2100 // Every caller passes a constant.
        command.CommandText = text;
#pragma warning restore CA2100
        command.Transaction = transaction;
        return command;
    }

    internal static long Microseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    [LoggerMessage(LogLevel.Warning, "Old transitions could not be removed")]
    private partial void LogPruneFailed(Exception e);
}
