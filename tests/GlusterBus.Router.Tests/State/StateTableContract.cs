using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.Decisions;
using GlusterBus.Router.State;

namespace GlusterBus.Router.Tests.State;

/// <summary>What every state table, archive and queue store must keep. A new one inherits it in one line.</summary>
public abstract class StateTableContract<TFactory> : IAsyncLifetime
    where TFactory : IStoreFactory, new()
{
    private readonly TFactory _factory = new();
    private IStateTable _table = null!;
    private ITransitionArchive _archive = null!;
    private IDeliveryQueues _queues = null!;

    public async ValueTask InitializeAsync() => await ReopenAsync();

    public async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task ReopenAsync() => (_table, _archive, _queues) = await _factory.OpenAsync(Token);

    [Fact]
    public async Task What_was_committed_is_loaded_by_the_next_owner()
    {
        TableContents first = await _table.OpenAsync(Token);
        first.Entries.ShouldBeEmpty();
        await _table.CommitAsync(first.Epoch, Commit(3, "offline"), Token);
        await ReopenAsync();

        TableContents second = await _table.OpenAsync(Token);
        second.Epoch.ShouldBeGreaterThan(first.Epoch);
        second.Entries.Select(e => (e.Entity.Value, e.State, e.Sequence)).ShouldBe([("brick/gv0/n1:/b", "offline", 3L)]);
        second.Applied["n1/logs"].ShouldBe(new AppliedSequence(7, 3));
    }

    [Fact]
    public async Task An_owner_that_was_replaced_can_not_write_any_more()
    {
        TableContents old = await _table.OpenAsync(Token);
        TableContents current = await _table.OpenAsync(Token);
        await Should.ThrowAsync<FencedException>(async () => await _table.CommitAsync(old.Epoch, Commit(1, "offline"), Token));
        _archive.Head.ShouldBe(0);
        await _table.CommitAsync(current.Epoch, Commit(1, "offline"), Token);
        _archive.Head.ShouldBe(1);
    }

    [Fact]
    public async Task The_archive_answers_by_time_entity_severity_and_end()
    {
        long epoch = (await _table.OpenAsync(Token)).Epoch;
        for (int i = 1; i <= 10; i++)
        {
            await _table.CommitAsync(epoch, Commit(i, i % 2 == 0 ? "online" : "offline", at: i), Token);
        }

        (await Ask(new ArchiveQuery { Since = At(3), Until = At(6) })).ShouldBe([3, 4, 5]);
        (await Ask(new ArchiveQuery { Limit = 2 })).ShouldBe([1, 2]);
        (await Ask(new ArchiveQuery { Limit = 2, Newest = true })).ShouldBe([9, 10]);
        (await Ask(new ArchiveQuery { After = 8 })).ShouldBe([9, 10]);
        (await Ask(new ArchiveQuery { Filter = new TransitionFilter { Channels = ["volume"] } })).ShouldBeEmpty();
        (await Ask(new ArchiveQuery { Filter = new TransitionFilter { Entities = ["brick/gv0/*"] }, Limit = 1 })).ShouldBe([1]);
        (await Ask(new ArchiveQuery { Filter = new TransitionFilter { Entities = ["*n1:/b"], Channels = ["brick"] }, Limit = 1 })).ShouldBe([1]);
        (await Ask(new ArchiveQuery { Filter = new TransitionFilter { MinimumSeverity = Severity.Critical } })).ShouldBeEmpty();
    }

    [Fact]
    public async Task Quiet_changes_are_in_the_past_state_but_in_no_answer_and_no_queue()
    {
        long epoch = (await _table.OpenAsync(Token)).Epoch;
        IDeliveryQueue queue = await _queues.OpenAsync("ops", Token);
        await _table.CommitAsync(epoch, Commit(1, "offline", at: 1), Token);
        await _table.CommitAsync(epoch, Commit(1, "online", at: 2, announced: false), Token);
        await _table.CommitAsync(epoch, Commit(2, "offline", at: 3), Token);

        (await queue.ReceiveAsync(10, Token)).Select(t => t.Transition.Sequence).ShouldBe([1, 2]);
        (await Ask(new ArchiveQuery())).ShouldBe([1, 2]);
        (await StateAt(0)).ShouldBeEmpty();
        (await StateAt(1)).ShouldBe(["offline"]);
        (await StateAt(2)).ShouldBe(["online"]);
        (await StateAt(99)).ShouldBe(["offline"]);
    }

    [Fact]
    public async Task A_queue_starts_at_the_present_and_goes_on_where_it_was_acknowledged()
    {
        long epoch = (await _table.OpenAsync(Token)).Epoch;
        await _table.CommitAsync(epoch, Commit(1, "offline"), Token);
        IDeliveryQueue queue = await _queues.OpenAsync("ops", Token);
        for (int i = 2; i <= 5; i++)
        {
            await _table.CommitAsync(epoch, Commit(i, "offline"), Token);
        }

        IReadOnlyList<ArchivedTransition> taken = await queue.ReceiveAsync(3, Token);
        taken.Select(t => t.Transition.Sequence).ShouldBe([2, 3, 4]);
        await queue.AcknowledgeAsync(taken[1].Position, Token);
        await queue.AcknowledgeAsync(taken[0].Position, Token);
        queue.Backlog.ShouldBe(2);
        await ReopenAsync();

        IDeliveryQueue again = await _queues.OpenAsync("ops", Token);
        (await again.ReceiveAsync(10, Token)).Select(t => t.Transition.Sequence).ShouldBe([4, 5]);
    }

    [Fact]
    public async Task Whoever_waits_is_woken_by_the_next_commit()
    {
        long epoch = (await _table.OpenAsync(Token)).Epoch;
        IDeliveryQueue queue = await _queues.OpenAsync("ops", Token);
        Task<IReadOnlyList<ArchivedTransition>> waiting = queue.ReceiveAsync(10, Token).AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        await _table.CommitAsync(epoch, Commit(1, "offline"), Token);
        (await waiting).Count.ShouldBe(1);
        await _archive.WaitAsync(0, Token);
    }

    private async Task<long[]> Ask(ArchiveQuery query) => [.. (await _archive.QueryAsync(query, Token)).Select(t => t.Transition.Sequence)];

    private async Task<string?[]> StateAt(int at) => [.. (await _archive.StateAtAsync(At(at), Token)).Select(s => s.State)];

    private static DateTimeOffset At(int seconds) => new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero).AddSeconds(seconds);

    private static Commit Commit(long sequence, string state, int at = 0, bool announced = true)
    {
        EntityId brick = EntityId.Brick("gv0", "n1:/b");
        var transition = new Transition
        {
            Cluster = "test",
            Entity = brick,
            Sequence = sequence,
            Change = state,
            Current = state,
            Severity = EntityKinds.Of(brick)!.SeverityOf(state),
            Reason = TransitionReason.StateChanged,
            Time = At(at),
            RecordedAt = At(at),
        };
        return new Commit(
            [new StateEntry { Entity = brick, State = state, Sequence = sequence }],
            [new RecordedTransition(transition, announced)],
            new Dictionary<string, AppliedSequence> { ["n1/logs"] = new(7, sequence) });
    }
}

/// <summary>Opens a store, and opens the same one again as after a crash.</summary>
public interface IStoreFactory : IAsyncDisposable
{
    Task<(IStateTable Table, ITransitionArchive Archive, IDeliveryQueues Queues)> OpenAsync(CancellationToken cancellationToken);
}
