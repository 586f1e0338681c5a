using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.Decisions;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Sqlite;
using GlusterBus.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace GlusterBus.Router.Tests.State;

public sealed class SqliteFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string File => _folder.File("glusterbus.db");

    public void Dispose() => _folder.Dispose();

    private Task<SqliteStore> OpenAsync() =>
        SqliteStore.OpenAsync(File, new SqliteStoreOptions { Keep = TimeSpan.FromDays(30) }, _clock, NullLogger<SqliteStore>.Instance, Token);

    private Commit Commit(string entity, long sequence, string state) => new(
        [],
        [
            new RecordedTransition(
                new Transition
                {
                    Cluster = "test", Entity = EntityId.Parse(entity), Sequence = sequence, Change = state, Current = state, Severity = Severity.Info,
                    Reason = TransitionReason.StateChanged, Time = _clock.GetUtcNow(), RecordedAt = _clock.GetUtcNow(),
                },
                IsAnnounced: true),
        ],
        new Dictionary<string, AppliedSequence> { [$"n1/logs/glusterd.log#{sequence}"] = new(0, sequence) });

    private static async Task<string[]> AllAsync(SqliteStore store) =>
        [.. (await store.QueryAsync(new ArchiveQuery(), Token)).Select(t => $"{t.Transition.Entity}@{t.Transition.Sequence}")];

    [Fact]
    public async Task Old_transitions_go_but_never_the_last_word_on_an_entity()
    {
        await using SqliteStore store = await OpenAsync();
        long epoch = (await store.OpenAsync(Token)).Epoch;
        await store.CommitAsync(epoch, Commit("volume/a", 1, "created"), Token);
        await store.CommitAsync(epoch, Commit("volume/a", 2, "started"), Token);
        await store.CommitAsync(epoch, Commit("volume/b", 1, "created"), Token);
        _clock.Advance(TimeSpan.FromDays(40));
        await store.CommitAsync(epoch, Commit("volume/b", 2, "started"), Token);
        store.PruneNow();

        (await AllAsync(store)).ShouldBe(["volume/a@2", "volume/b@1", "volume/b@2"]);
        (await store.StateAtAsync(_clock.GetUtcNow().AddDays(-20), Token)).Select(s => $"{s.Entity} {s.State}").ShouldBe(["volume/a started", "volume/b created"]);
    }

    [Fact]
    public async Task What_a_notifier_still_waits_for_stays_however_old_until_it_is_no_longer_configured()
    {
        await using (SqliteStore store = await OpenAsync())
        {
            long epoch = (await store.OpenAsync(Token)).Epoch;
            await store.OpenAsync("ops", Token);
            await store.CommitAsync(epoch, Commit("volume/a", 1, "created"), Token);
            await store.CommitAsync(epoch, Commit("volume/a", 2, "started"), Token);
            _clock.Advance(TimeSpan.FromDays(40));
            store.PruneNow();
            (await AllAsync(store)).Length.ShouldBe(2);
        }

        await using SqliteStore later = await OpenAsync();
        later.PruneNow();
        (await AllAsync(later)).ShouldBe(["volume/a@2"]);
    }

    [Fact]
    public async Task The_places_of_logs_rotated_away_long_ago_are_forgotten()
    {
        await using SqliteStore store = await OpenAsync();
        long epoch = (await store.OpenAsync(Token)).Epoch;
        await store.CommitAsync(epoch, Commit("volume/a", 1, "created"), Token);
        _clock.Advance(TimeSpan.FromDays(300));
        await store.CommitAsync(epoch, Commit("volume/a", 2, "started"), Token);
        store.PruneNow();
        (await store.OpenAsync(Token)).Applied.Count.ShouldBe(2);
        _clock.Advance(TimeSpan.FromDays(200));
        store.PruneNow();
        (await store.OpenAsync(Token)).Applied.Keys.ShouldBe(["n1/logs/glusterd.log#2"]);
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused_with_its_name()
    {
        await (await OpenAsync()).DisposeAsync();
        using (var connection = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        (await Should.ThrowAsync<InvalidDataException>(OpenAsync)).Message.ShouldContain(File);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_with_its_name()
    {
        await System.IO.File.WriteAllTextAsync(File, "this is a shopping list, long enough to be looked at", Token);
        (await Should.ThrowAsync<InvalidDataException>(OpenAsync)).Message.ShouldStartWith($"{File} can't be used as the store");
    }
}
