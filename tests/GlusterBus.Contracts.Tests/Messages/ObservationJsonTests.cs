using System.Text;
using System.Text.Json.Nodes;
using GlusterBus.Contracts.Messages;

namespace GlusterBus.Contracts.Tests.Messages;

/// <summary>The wire between collectors and routers: golden files hold it, since the two may be of different versions.</summary>
public sealed class ObservationJsonTests
{
    public static TheoryData<string> Names => [.. WireSamples.Messages.Keys];

    /// <summary>Where a required member is, as a path into the golden file, and the name by which its absence is reported.</summary>
    public static TheoryData<string, string, string> Required => new()
    {
        { "observations", "cluster", "cluster" },
        { "observations", "node", "node" },
        { "observations", "batches/0/stream", "stream" },
        { "observations", "batches/0/epoch", "epoch" },
        { "observations", "batches/0/observations/0/entity", "entity" },
        { "observations", "batches/0/observations/0/observedAt", "observedAt" },
        { "observations", "batches/0/observations/0/evidence/kind", "evidence.kind" },
        { "observations", "batches/0/observations/0/evidence/text", "evidence.text" },
        { "observations", "batches/0/observations/1/actor/command", "actor.command" },
        { "observations", "batches/0/observations/1/actor/node", "actor.node" },
        { "snapshot", "batches/0/snapshot/witness", "snapshot.witness" },
        { "snapshot", "batches/0/snapshot/takenAt", "snapshot.takenAt" },
        { "snapshot", "batches/0/snapshot/source", "snapshot.source" },
        { "heartbeat", "heartbeat/sentAt", "heartbeat.sentAt" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void The_wire_form_is_the_golden_file(string name) => Encoding.UTF8.GetString(ObservationJson.Write(WireSamples.Messages[name])).ShouldBe(Golden(name));

    [Fact]
    public void The_answer_to_a_heartbeat_is_the_golden_file()
    {
        byte[] written = ObservationJson.Write(WireSamples.Reply);

        Encoding.UTF8.GetString(written).ShouldBe(Golden("heartbeat-reply"));
        ObservationJson.ParseReply(written).ShouldBe(WireSamples.Reply);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_written_reads_back_the_same(string name)
    {
        byte[] written = ObservationJson.Write(WireSamples.Messages[name]);
        ObservationJson.Write(ObservationJson.Parse(written)).ShouldBe(written);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_member_that_is_written_is_in_the_published_schema(string name) =>
        SchemaWalk.ShouldDescribe("observation.v1.json", ObservationJson.Write(WireSamples.Messages[name]));

    [Fact]
    public void The_answer_to_a_heartbeat_is_in_the_published_schema() =>
        SchemaWalk.ShouldDescribe("observation.v1.json", ObservationJson.Write(WireSamples.Reply), "heartbeatReply");

    [Theory]
    [MemberData(nameof(Required))]
    public void A_missing_member_is_named(string golden, string path, string name)
    {
        JsonNode message = JsonNode.Parse(Golden(golden))!;
        string[] steps = path.Split('/');
        JsonNode parent = steps[..^1].Aggregate(message, (node, step) => int.TryParse(step, out int index) ? node[index]! : node[step]!);
        parent.AsObject().Remove(steps[^1]).ShouldBeTrue();

        Should.Throw<FormatException>(() => Parse(message.ToJsonString())).Message.ShouldStartWith($"not an observation message: '{name}' is missing ");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Members_that_nobody_knows_yet_are_passed_over(string name)
    {
        JsonNode message = JsonNode.Parse(Golden(name))!;
        AddUnknown(message);

        ObservationJson.Write(Parse(message.ToJsonString())).ShouldBe(Encoding.UTF8.GetBytes(Golden(name)));
    }

    [Fact]
    public void An_observation_may_name_its_node_after_the_evidence_that_takes_it()
    {
        Observation read = Parse("""
            {"node":"gl1","cluster":"prod","batches":[{"stream":"s","epoch":1,"source":"logs","observations":[
             {"evidence":{"text":"t","kind":"k"},"entity":"volume/a","node":"gl2","observedAt":"2026-11-22T09:16:38Z"}]}]}
            """).Batches[0].Observations[0];

        read.Evidence.ShouldBe(new Evidence("k", "t", null, "gl2", read.ObservedAt));
    }

    [Fact]
    public void Evidence_beyond_its_bound_is_cut()
    {
        string text = new('x', Evidence.MaximumLength + 1);
        Observation read = Parse($$"""
            {"cluster":"prod","node":"gl1","batches":[{"stream":"s","epoch":1,"source":"logs","observations":[
             {"entity":"volume/a","observedAt":"2026-11-22T09:16:38Z","evidence":{"kind":"k","text":"{{text}}"} } ]}]}
            """).Batches[0].Observations[0];

        read.Evidence!.Text.ShouldBe(Evidence.Bound(text));
    }

    [Theory]
    [InlineData("", "not an observation message")]
    [InlineData("[]", "the message is expected to be an object")]
    [InlineData("""{"cluster":1}""", "(at byte 11)")]
    [InlineData("""{"cluster":null}""", "a text is expected, not null")]
    [InlineData("""{"cluster":"a","node":"b","batches":{}}""", "batches is expected to be an array")]
    [InlineData("""{"cluster":"a","node":"b","batches":[1]}""", "a batch is expected to be an object")]
    [InlineData("""{"cluster":"a","node":"b","heartbeat":{"sentAt":"noon"}}""", "'noon' is no time")]
    [InlineData("""{"cluster":"a","node":"b","clockBehindMs":"5"}""", "'String'")]
    [InlineData("""{"cluster":"a","node":"b","clockBehindMs":1e15}""", "no two clocks can be as far apart")]
    [InlineData("""{"cluster":"a","node":"b"} {}""", "invalid after a single JSON value")]
    [InlineData("""{"cluster":"a","node":"b","batches":[{"stream":"s","epoch":1,"observations":[{"count":0}]}]}""", "'count' is at least 1")]
    [InlineData("""{"cluster":"a","node":"b","batches":[{"stream":"s","epoch":1,"observations":[{"count":4294967297}]}]}""", "overflow")]
    [InlineData("""{"cluster":"a","node":"b","batches":[{"stream":"s","epoch":1,"observations":[{"entity":"volume"}]}]}""", "'volume' is no entity id")]
    public void What_is_no_message_is_refused_with_a_reason(string text, string reason)
    {
        string message = Should.Throw<FormatException>(() => Parse(text)).Message;

        message.ShouldStartWith("not an observation message: ");
        message.ShouldContain(reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"generation":1,"wantsLook":true}""")]
    [InlineData("""{"generation":null,"wantsLook":true}""")]
    [InlineData("""{"generation":"a","wantsLook":"yes"}""")]
    [InlineData("""{"generation":"a","wantsLook":true,"clockBehindMs":"5"}""")]
    [InlineData("""{"generation":"a","wantsLook":true,"clockBehindMs":-1e300}""")]
    public void What_is_no_answer_is_refused_with_a_reason(string text) =>
        Should.Throw<FormatException>(() => ObservationJson.ParseReply(Encoding.UTF8.GetBytes(text))).Message.ShouldStartWith("not an answer to a heartbeat");

    private static ObservationMessage Parse(string text) => ObservationJson.Parse(Encoding.UTF8.GetBytes(text));

    private static string Golden(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "fixtures", "wire", name + ".json")).TrimEnd();

    private static void AddUnknown(JsonNode node)
    {
        if (node is JsonArray array)
        {
            foreach (JsonNode? element in array.Where(e => e is JsonObject))
            {
                AddUnknown(element!);
            }
        }
        else if (node is JsonObject members)
        {
            foreach (JsonNode? member in members.Where(m => m.Value is not null && m.Key != "attributes").Select(m => m.Value).ToArray())
            {
                AddUnknown(member!);
            }

            members.Insert(0, "unknownToday", new JsonArray(1, new JsonObject { ["entity"] = "x" }, null));
            members["laterStill"] = new JsonObject { ["deep"] = new JsonArray(new JsonObject()) };
        }
    }
}
