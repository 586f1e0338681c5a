using GlusterBus.Contracts.Pipeline;

namespace GlusterBus.Router.Tests.State;

/// <summary>What a store must keep that holds the notifiers' queues and every quiet change too. A new one inherits it in one line.</summary>
public abstract class EmbeddedStoreContract<TFactory> : StateTableContract<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task Quiet_changes_are_in_the_past_state_but_in_no_answer_and_no_queue()
    {
        long epoch = (await Table.OpenAsync(Token)).Epoch;
        IDeliveryQueue queue = await Queues!.OpenAsync("ops", Token);
        await Table.CommitAsync(epoch, SampleCommits.One(1, "offline", at: 1), Token);
        await Table.CommitAsync(epoch, SampleCommits.One(1, "online", at: 2, announced: false), Token);
        await Table.CommitAsync(epoch, SampleCommits.One(2, "offline", at: 3), Token);

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
        long epoch = (await Table.OpenAsync(Token)).Epoch;
        await Table.CommitAsync(epoch, SampleCommits.One(1, "offline"), Token);
        IDeliveryQueue queue = await Queues!.OpenAsync("ops", Token);
        for (int i = 2; i <= 5; i++)
        {
            await Table.CommitAsync(epoch, SampleCommits.One(i, "offline"), Token);
        }

        IReadOnlyList<ArchivedTransition> taken = await queue.ReceiveAsync(3, Token);
        taken.Select(t => t.Transition.Sequence).ShouldBe([2, 3, 4]);
        await queue.AcknowledgeAsync(taken[1].Position, Token);
        await queue.AcknowledgeAsync(taken[0].Position, Token);
        queue.Backlog.ShouldBe(2);
        await ReopenAsync();

        IDeliveryQueue again = await Queues!.OpenAsync("ops", Token);
        (await again.ReceiveAsync(10, Token)).Select(t => t.Transition.Sequence).ShouldBe([4, 5]);
    }

    [Fact]
    public async Task Whoever_waits_is_woken_by_the_next_commit()
    {
        long epoch = (await Table.OpenAsync(Token)).Epoch;
        IDeliveryQueue queue = await Queues!.OpenAsync("ops", Token);
        Task<IReadOnlyList<ArchivedTransition>> waiting = queue.ReceiveAsync(10, Token).AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        await Table.CommitAsync(epoch, SampleCommits.One(1, "offline"), Token);
        (await waiting).Count.ShouldBe(1);
        await Archive.WaitAsync(0, Token);
    }

    private async Task<string?[]> StateAt(int at) => [.. (await Archive.StateAtAsync(SampleCommits.At(at), Token)).Select(s => s.State)];
}
