using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.Decisions;
using GlusterBus.Router.State;

namespace GlusterBus.Router.Tests.State;

/// <summary>What every state table with its archive must keep. A new one inherits it in one line.</summary>
public abstract class StateTableContract<TFactory> : IAsyncLifetime
    where TFactory : IStoreFactory, new()
{
    private readonly TFactory _factory = new();

    protected IStateTable Table { get; private set; } = null!;

    protected ITransitionArchive Archive { get; private set; } = null!;

    /// <summary>Null where the table has no queues.</summary>
    protected IDeliveryQueues? Queues { get; private set; }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await ReopenAsync();

    public async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected async Task ReopenAsync() => (Table, Archive, Queues) = await _factory.OpenAsync(Token);

    [Fact]
    public async Task What_was_committed_is_loaded_by_the_next_owner()
    {
        TableContents first = await Table.OpenAsync(Token);
        first.Entries.ShouldBeEmpty();
        await Table.CommitAsync(first.Epoch, SampleCommits.One(3, "offline"), Token);
        await ReopenAsync();

        TableContents second = await Table.OpenAsync(Token);
        second.Epoch.ShouldBeGreaterThan(first.Epoch);
        second.Entries.Select(e => (e.Entity.Value, e.State, e.Sequence)).ShouldBe([("brick/gv0/n1:/b", "offline", 3L)]);
        second.Applied["n1/logs"].ShouldBe(new AppliedSequence(7, 3));
    }

    [Fact]
    public async Task An_owner_that_was_replaced_can_not_write_any_more()
    {
        TableContents old = await Table.OpenAsync(Token);
        TableContents current = await Table.OpenAsync(Token);
        long head = await Archive.HeadAsync(Token);
        await Should.ThrowAsync<FencedException>(async () => await Table.CommitAsync(old.Epoch, SampleCommits.One(1, "offline"), Token));
        (await Archive.HeadAsync(Token)).ShouldBe(head);
        await Table.CommitAsync(current.Epoch, SampleCommits.One(1, "offline"), Token);
        (await Archive.HeadAsync(Token)).ShouldBe(head + 1);
    }

    [Fact]
    public async Task Nothing_of_a_commit_of_a_replaced_owner_is_kept()
    {
        IStateTable old = Table;
        long epoch = (await old.OpenAsync(Token)).Epoch;
        await old.CommitAsync(epoch, SampleCommits.One(1, "offline"), Token);
        await ReopenAsync();
        await Table.OpenAsync(Token);
        await Should.ThrowAsync<FencedException>(async () => await old.CommitAsync(epoch, SampleCommits.Many(20), Token));

        TableContents contents = await Table.OpenAsync(Token);
        contents.Entries.Select(e => (e.Entity.Value, e.Sequence)).ShouldBe([("brick/gv0/n1:/b", 1L)]);
        contents.Applied.ShouldBe([KeyValuePair.Create("n1/logs", new AppliedSequence(7, 1))]);
        (await Ask(new ArchiveQuery())).ShouldBe([1]);
    }

    [Fact]
    public async Task The_commit_of_a_first_look_at_ten_thousand_entities_comes_back_whole()
    {
        Commit commit = SampleCommits.Many(10_000, each: 10, streams: 5_000);
        await Table.CommitAsync((await Table.OpenAsync(Token)).Epoch, commit, Token);
        await ReopenAsync();

        TableContents contents = await Table.OpenAsync(Token);
        contents.Entries.Select(e => e.Entity).Order().ShouldBe(commit.Entries.Select(e => e.Entity).Order());
        contents.Applied.OrderBy(a => a.Key, StringComparer.Ordinal).ShouldBe(commit.Applied.OrderBy(a => a.Key, StringComparer.Ordinal));
        IReadOnlyList<ArchivedTransition> archived = await Archive.QueryAsync(new ArchiveQuery { Limit = 100_000 }, Token);
        archived.Select(t => t.Transition.Entity).ShouldBe(commit.Transitions.Where(t => t.IsAnnounced).Select(t => t.Transition.Entity), "in the order decided");
        archived.Zip(archived.Skip(1)).ShouldAllBe(pair => pair.First.Position < pair.Second.Position);
    }

    [Fact]
    public async Task The_last_word_on_an_entity_and_on_a_stream_counts()
    {
        long epoch = (await Table.OpenAsync(Token)).Epoch;
        for (int i = 1; i <= 5; i++)
        {
            await Table.CommitAsync(epoch, SampleCommits.One(i, i % 2 == 0 ? "online" : "offline", path: i == 2 ? "/other" : "/b"), Token);
        }

        TableContents contents = await Table.OpenAsync(Token);
        contents.Entries.OrderBy(e => e.Entity).Select(e => (e.Entity.Value, e.State, e.Sequence)).ShouldBe([("brick/gv0/n1:/b", "offline", 5L), ("brick/gv0/n1:/other", "online", 2L)]);
        contents.Applied["n1/logs"].ShouldBe(new AppliedSequence(7, 5));
    }

    [Fact]
    public async Task Quiet_changes_are_in_no_answer()
    {
        long epoch = (await Table.OpenAsync(Token)).Epoch;
        await Table.CommitAsync(epoch, SampleCommits.One(1, "offline"), Token);
        await Table.CommitAsync(epoch, SampleCommits.One(1, "online", announced: false), Token);
        await Table.CommitAsync(epoch, SampleCommits.One(2, "offline"), Token);
        (await Ask(new ArchiveQuery())).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Who_waits_for_the_archive_is_woken_by_the_next_commit()
    {
        long epoch = (await Table.OpenAsync(Token)).Epoch;
        long head = await Archive.HeadAsync(Token);
        Task waiting = Archive.WaitAsync(head, Token).AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        await Table.CommitAsync(epoch, SampleCommits.One(1, "offline"), Token);
        await waiting;
        await Archive.WaitAsync(head, Token);
    }

    [Fact]
    public async Task The_archive_answers_by_time_entity_severity_and_end()
    {
        long epoch = (await Table.OpenAsync(Token)).Epoch;
        for (int i = 1; i <= 10; i++)
        {
            await Table.CommitAsync(epoch, SampleCommits.One(i, i % 2 == 0 ? "online" : "offline", at: i), Token);
        }

        (await Ask(new ArchiveQuery { Since = SampleCommits.At(3), Until = SampleCommits.At(6) })).ShouldBe([3, 4, 5]);
        (await Ask(new ArchiveQuery { Limit = 2 })).ShouldBe([1, 2]);
        (await Ask(new ArchiveQuery { Limit = 2, Newest = true })).ShouldBe([9, 10]);
        long eighth = (await Archive.QueryAsync(new ArchiveQuery { Limit = 8 }, Token))[^1].Position;
        (await Ask(new ArchiveQuery { After = eighth })).ShouldBe([9, 10]);
        (await Ask(new ArchiveQuery { After = eighth, Newest = true })).ShouldBe([9, 10]);
        (await Ask(new ArchiveQuery { After = eighth + 1, Newest = true, Limit = 1 })).ShouldBe([10]);
        (await Ask(new ArchiveQuery { Filter = new TransitionFilter { Channels = ["volume"] } })).ShouldBeEmpty();
        (await Ask(new ArchiveQuery { Filter = new TransitionFilter { Entities = ["brick/gv0/*"] }, Limit = 1 })).ShouldBe([1]);
        (await Ask(new ArchiveQuery { Filter = new TransitionFilter { Entities = ["*n1:/b"], Channels = ["brick"] }, Limit = 1 })).ShouldBe([1]);
        (await Ask(new ArchiveQuery { Filter = new TransitionFilter { MinimumSeverity = Severity.Critical } })).ShouldBeEmpty();
    }

    protected async Task<long[]> Ask(ArchiveQuery query) => [.. (await Archive.QueryAsync(query, Token)).Select(t => t.Transition.Sequence)];
}

/// <summary>Opens a store, and opens the same one again as after a crash.</summary>
public interface IStoreFactory : IAsyncDisposable
{
    Task<(IStateTable Table, ITransitionArchive Archive, IDeliveryQueues? Queues)> OpenAsync(CancellationToken cancellationToken);
}
