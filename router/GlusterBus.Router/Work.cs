using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Decisions;

namespace GlusterBus.Router;

/// <summary>What waits for the router's loop.</summary>
/// <param name="sender">What the collector knows that sent it; null when none did.</param>
internal abstract class Work(CollectorMemory? sender)
{
    public CollectorMemory? Sender { get; } = sender;

    /// <summary>How much of a commit's room it takes, in observations.</summary>
    public abstract int Weight { get; }

    /// <summary>True when it is committed even if there is nothing to write.</summary>
    public virtual bool MustCommit => false;

    public abstract IReadOnlyList<Outcome> Decide(Decider decider, WorkingState state, DateTimeOffset now, List<RecordedTransition> recorded);

    /// <summary>Lets whoever waits go on, after the commit.</summary>
    /// <param name="committed">The state with the commit.</param>
    /// <param name="generation">The generation of this router's table.</param>
    public abstract void Complete(ClusterState committed, string generation);

    public abstract void Fail(Exception why);
}

/// <summary>Work that somebody waits for.</summary>
internal abstract class Work<T>(CollectorMemory? sender) : Work(sender)
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Done => _done.Task;

    public override void Fail(Exception why) => _done.TrySetException(why);

    protected void Complete(T result) => _done.TrySetResult(result);
}

/// <summary>A batch to be decided on.</summary>
internal sealed class BatchWork(ObservationBatch batch, CollectorMemory? sender) : Work<IReadOnlyList<Outcome>>(sender)
{
    private IReadOnlyList<Outcome> _outcomes = [];

    public override int Weight => batch.Observations.Count;

    public override IReadOnlyList<Outcome> Decide(Decider decider, WorkingState state, DateTimeOffset now, List<RecordedTransition> recorded) =>
        _outcomes = decider.Decide(state, batch, now, recorded);

    public override void Complete(ClusterState committed, string generation) => Complete(_outcomes);
}

/// <summary>A look whether the table is still there and whose it is.</summary>
internal sealed class VerifyWork() : Work<bool>(sender: null)
{
    public override int Weight => 1;

    public override bool MustCommit => true;

    public override IReadOnlyList<Outcome> Decide(Decider decider, WorkingState state, DateTimeOffset now, List<RecordedTransition> recorded) => [];

    public override void Complete(ClusterState committed, string generation) => Complete(true);
}

/// <summary>A collector's sign of life.</summary>
internal sealed class HeartbeatWork(CollectorMemory sender, Heartbeat heartbeat) : Work<HeartbeatReply>(sender)
{
    private readonly string _node = sender.Node;

    public override int Weight => 1;

    public override IReadOnlyList<Outcome> Decide(Decider decider, WorkingState state, DateTimeOffset now, List<RecordedTransition> recorded) =>
        decider.Hear(state, _node, heartbeat, now, recorded);

    public override void Complete(ClusterState committed, string generation) =>
        Complete(new HeartbeatReply(generation, Decider.WantsLook(committed, _node, heartbeat)) { ClockBehind = committed.Clocks.Behind(_node) });
}
