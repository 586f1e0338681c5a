using GlusterBus.Contracts.Messages;
using GlusterBus.Router.Partitions;

namespace GlusterBus.Router.Tests.Partitions;

public sealed class MessageTraceTests
{
    private const string Collected = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private const string Published = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";
    private const string Other = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public void A_batch_goes_on_with_the_span_of_its_publishing() => Continued(Published, Collected, Collected).ShouldBe([Published, Published]);

    [Fact]
    public void A_batch_of_another_trace_or_of_none_keeps_what_it_has() => Continued(Published, Collected, Other, null).ShouldBe([Published, Other, null]);

    [Fact]
    public void What_knows_headers_alone_is_traced_by_its_header() => Continued(Published, null, null).ShouldBe([Published, Published]);

    [Fact]
    public void A_message_without_a_header_is_left_as_it_is()
    {
        ObservationMessage message = Message(Collected, null);
        MessageTrace.Continue(message, null).ShouldBeSameAs(message);
    }

    private static string?[] Continued(string header, params string?[] traces) => [.. MessageTrace.Continue(Message(traces), header).Batches.Select(batch => batch.TraceParent)];

    private static ObservationMessage Message(params string?[] traces) => new()
    {
        Cluster = "c",
        Node = "n1",
        Batches = [.. traces.Select((trace, i) => new ObservationBatch { Stream = $"n1/{i}", Epoch = 1, Observations = [], TraceParent = trace })],
    };
}
