using Microsoft.Data.Sqlite;

namespace GlusterBus.Router.State.Sqlite;

/// <summary>The tables of the one file, and how they came to be as they are.</summary>
internal static class SqliteSchema
{
    /// <summary>The version this program writes; a file of a newer one is refused.</summary>
    public const int Version = 1;

    private const string Create = """
        CREATE TABLE owner (one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL);
        INSERT INTO owner VALUES (1, 0);
        CREATE TABLE entries (entity TEXT PRIMARY KEY, json BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE applied (stream TEXT PRIMARY KEY, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE transitions (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            entity TEXT NOT NULL,
            time INTEGER NOT NULL,      -- when it happened, microseconds since 1970
            recorded INTEGER NOT NULL,  -- when the router decided, the same unit
            announced INTEGER NOT NULL, -- 0: a quiet change, kept for state --at only
            json BLOB NOT NULL);
        CREATE INDEX transitions_by_entity ON transitions (entity, position);
        CREATE INDEX transitions_by_time ON transitions (time);
        CREATE TABLE cursors (notifier TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE rejected (position INTEGER NOT NULL, notifier TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (notifier, position)) WITHOUT ROWID;
        """;

    /// <exception cref="InvalidDataException">The file was written by a newer version.</exception>
    public static void Prepare(SqliteConnection connection, string path)
    {
        // WAL with synchronous NORMAL survives kill -9 without a sync per commit; only a power cut may take the last moments (docs/adr/0003).
        Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000; PRAGMA wal_autocheckpoint = 4000;");
        using SqliteTransaction transaction = connection.BeginTransaction();
        using SqliteCommand ask = connection.CreateCommand();
        ask.Transaction = transaction;
        ask.CommandText = "PRAGMA user_version";
        long version = (long)ask.ExecuteScalar()!;
        if (version > Version)
        {
            throw new InvalidDataException($"{path} was written by a newer version of GlusterBus (format {version}, this one knows {Version})");
        }

        if (version == 0)
        {
            Execute(connection, Create + $"PRAGMA user_version = {Version};", transaction);
        }

        transaction.Commit();
    }

    private static void Execute(SqliteConnection connection, string text, SqliteTransaction? transaction = null)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // The texts are the constants above.
        command.CommandText = text;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
