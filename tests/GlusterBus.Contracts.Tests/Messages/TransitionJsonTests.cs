using System.Text;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Contracts.Tests.Messages;

/// <summary>The public wire API: golden files hold it, so that no refactoring changes it unseen.</summary>
public sealed class TransitionJsonTests
{
    private static readonly DateTimeOffset At = new DateTimeOffset(2026, 11, 22, 9, 16, 38, TimeSpan.Zero).AddMicroseconds(618917);

    public static TheoryData<string> Names => [.. Samples.Keys];

    private static readonly Dictionary<string, Transition> Samples = new()
    {
        ["brick-offline"] = new Transition
        {
            Cluster = "prod",
            Entity = EntityId.Brick("rv", "gl2:/srv/rv1"),
            Sequence = 7,
            Change = "offline",
            Previous = "online",
            Current = "offline",
            Severity = Severity.Error,
            Reason = TransitionReason.StateChanged,
            Cause = "prod/node/gl2@3",
            Time = At,
            RecordedAt = At.AddMilliseconds(2),
            Attributes = new Dictionary<string, string> { ["host"] = "gl2", ["path"] = "/srv/rv1" },
            Evidence = [new Evidence("datagram", "1795339000 76 peer=gl2;volume=rv;brick=/srv/rv1", "127.0.0.1", "gl2", At)],
            Observers = ["gl2/gf_event"],
        },
        ["volume-option-set"] = new Transition
        {
            Cluster = "prod",
            Entity = EntityId.Volume("rv"),
            Sequence = 2,
            Change = "option-set",
            Previous = "started",
            Current = "started",
            Severity = Severity.Info,
            Reason = TransitionReason.AttributesChanged,
            Time = At,
            RecordedAt = At,
            Trusted = false,
            Replay = true,
            Changed = new Dictionary<string, AttributeChange> { ["options.user.note"] = new(null, "x=1;y=\"2\" <ü>") },
            Attributes = new Dictionary<string, string> { ["options.user.note"] = "x=1;y=\"2\" <ü>" },
            Observers = ["gl1/gf_event"],
            Actor = new Actor("volume set rv user.note …", "gl1"),
        },
        ["operation-refused"] = new Transition
        {
            Cluster = "prod",
            Entity = EntityId.Cluster(),
            Sequence = 1,
            Change = "operation-refused",
            Occurrence = "operation-refused",
            Severity = Severity.Warning,
            Reason = TransitionReason.Occurred,
            Time = At,
            RecordedAt = At,
        },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void The_wire_form_is_the_golden_file(string name)
    {
        string golden = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "fixtures", "wire", name + ".json")).TrimEnd();
        Encoding.UTF8.GetString(TransitionJson.Write(Samples[name])).ShouldBe(golden);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_written_reads_back_the_same(string name)
    {
        byte[] written = TransitionJson.Write(Samples[name]);
        TransitionJson.Write(TransitionJson.Parse(written)).ShouldBe(written);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_member_that_is_written_is_in_the_published_schema(string name) =>
        SchemaWalk.ShouldDescribe("transition.v1.json", TransitionJson.Write(Samples[name]));

    [Fact]
    public void The_trace_is_an_extension_attribute_and_no_part_of_the_identity()
    {
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        Transition plain = Samples["brick-offline"];
        Transition traced = plain with { TraceParent = trace };

        byte[] written = TransitionJson.Write(traced);

        Encoding.UTF8.GetString(written).ShouldBe(Encoding.UTF8.GetString(TransitionJson.Write(plain))
            .Replace("\"data\":{", $"\"traceparent\":\"{trace}\",\"data\":{{", StringComparison.Ordinal));
        TransitionJson.Parse(written).TraceParent.ShouldBe(trace);
        traced.Id.ShouldBe(plain.Id);
        SchemaWalk.ShouldDescribe("transition.v1.json", written);
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nX-Evil: 1")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    public void What_is_no_trace_context_is_dropped_on_reading(string trace)
    {
        byte[] written = TransitionJson.Write(Samples["brick-offline"] with { TraceParent = trace });
        TransitionJson.Parse(written).TraceParent.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"data":{},"source":"x"}""")]
    public void What_is_no_transition_is_refused_with_a_reason(string text) =>
        Should.Throw<FormatException>(() => TransitionJson.Parse(Encoding.UTF8.GetBytes(text))).Message.ShouldStartWith("not a GlusterBus transition");
}
