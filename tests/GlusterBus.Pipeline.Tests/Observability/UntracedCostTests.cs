using GlusterBus.Collectors;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Router.Partitions;
using GlusterBus.Runtime.Telemetry;

namespace GlusterBus.Pipeline.Tests.Observability;

/// <summary>While nobody listens, tracing allocates nothing. Here, since nothing runs beside the tests of this project.</summary>
[Collection(Alone.Name)]
public sealed class UntracedCostTests
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static readonly ObservationBatch Batch = new() { Stream = "gl1/logs/glusterd.log", Epoch = 0, Observations = [] };

    private static readonly ObservationMessage Message = new() { Cluster = "c", Node = "gl1", Batches = [Batch] };

    [Fact]
    public void Publishing_costs_nothing()
    {
        var sink = new TracedSink(new NoSink());
        AllocatedBy(() => sink.PublishAsync(Batch, CancellationToken.None).AsTask().IsCompletedSuccessfully).ShouldBe(0);
    }

    [Fact]
    public void Taking_a_message_costs_nothing() => AllocatedBy(() => ReferenceEquals(MessageTrace.Continue(Message, null), Message)).ShouldBe(0);

    [Fact]
    public void A_span_that_nobody_wants_costs_nothing_even_where_a_trace_comes_in() =>
        AllocatedBy(() => TraceContext.Continue("deliver", System.Diagnostics.ActivityKind.Consumer, Trace) is null && TraceContext.Next(null, Trace) == Trace).ShouldBe(0);

    private static long AllocatedBy(Func<bool> step)
    {
        // The first calls compile and initialise.
        for (int i = 0; i < 100; i++)
        {
            step().ShouldBeTrue();
        }

        bool all = true;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            all &= step();
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        all.ShouldBeTrue();
        return allocated;
    }

    private sealed class NoSink : IObservationSink
    {
        public ValueTask PublishAsync(ObservationBatch batch, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
