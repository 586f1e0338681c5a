using System.Text;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Plugins;
using GlusterBus.Notifiers.Kafka;
using GlusterBus.Notifiers.Kafka.Writing;
using GlusterBus.TestKit;

namespace GlusterBus.Notifiers.Tests.Kafka;

/// <summary>What deliveries become in Kafka.</summary>
public sealed class KafkaRecordTests
{
    private static readonly KafkaOptions Options = new() { Brokers = ["localhost"] };

    private static Delivery Of(Transition t) => new(t, TransitionJson.Write(t), 1);

    private static string[] Text(KafkaBatch batch) => [.. batch.Records.Select(r => $"{r.Topic[(r.Topic.LastIndexOf('.') + 1)..]} {Encoding.UTF8.GetString(r.Key)} {(r.Value is null ? "-" : TransitionJson.Parse(r.Value).Sequence)}")];

    private static Transition Volume(string name, long sequence, string? previous, string current, params (string Name, string? From, string? To)[] changed) => SampleTransitions.Brick() with
    {
        Entity = EntityId.Volume(name),
        Sequence = sequence,
        Previous = previous,
        Current = current,
        Changed = changed.ToDictionary(c => c.Name, c => new AttributeChange(c.From, c.To)),
    };

    [Fact]
    public void Each_transition_goes_into_the_topic_of_all_and_the_newest_of_each_entity_into_the_topic_of_states()
    {
        Delivery[] deliveries = [.. SampleTransitions.Bricks(5, 2).Select(Of)];

        KafkaBatch batch = KafkaBatch.Of(deliveries, Options);

        string[] keys = ["lab/brick/rv/gl2:/srv/b0", "lab/brick/rv/gl2:/srv/b1"];
        Text(batch).ShouldBe([
            $"transitions {keys[0]} 1", $"transitions {keys[1]} 1", $"transitions {keys[0]} 2",
            $"transitions {keys[1]} 2", $"state {keys[1]} 2", $"transitions {keys[0]} 3", $"state {keys[0]} 3"]);
        batch.Owners.ShouldBe([0, 1, 2, 3, 3, 4, 4]);
        batch.Records[0].Value.ShouldBe(deliveries[0].Json.ToArray(), "byte for byte what every other receiver gets");
        batch.Records.ShouldAllBe(r => r.ContentType == "application/cloudevents+json" && r.Time == deliveries[0].Transition.Time);
    }

    [Fact]
    public void What_is_gone_is_erased_from_the_topic_of_states() =>
        Text(KafkaBatch.Of([Of(Volume("gv0", 4, "stopped", "deleted"))], Options)).ShouldBe(["transitions lab/volume/gv0 4", "state lab/volume/gv0 -"]);

    [Fact]
    public void The_same_entity_of_two_clusters_has_two_keys() =>
        Text(KafkaBatch.Of([Of(Volume("gv0", 1, null, "created")), Of(Volume("gv0", 1, null, "created") with { Cluster = "prod" })], Options))
            .ShouldBe(["transitions lab/volume/gv0 1", "state lab/volume/gv0 1", "transitions prod/volume/gv0 1", "state prod/volume/gv0 1"]);

    [Fact]
    public void A_replay_is_not_archived_again()
    {
        KafkaBatch batch = KafkaBatch.Of([Of(SampleTransitions.Brick(1) with { Replay = true }), Of(SampleTransitions.Brick(2))], Options);

        Text(batch).ShouldBe(["transitions lab/brick/rv/gl2:/srv/rv1 2", "state lab/brick/rv/gl2:/srv/rv1 2"]);
        batch.Owners.ShouldBe([1, 1]);
    }

    [Fact]
    public void A_volumes_own_topic_gets_each_property_by_its_name_with_the_new_value()
    {
        KafkaOptions options = Options with { VolumeTopics = "gluster." };
        Transition[] transitions =
        [
            Volume("gv_0", 2, "created", "started", ("options.user.note", null, "x"), ("options.auth.allow", "*", null)),
            SampleTransitions.Brick(),
            SampleTransitions.Brick() with { Entity = EntityId.Node("gl1") },
            SampleTransitions.Brick() with { Entity = EntityId.Brick(EntityId.AnyVolume, "gl1:/b") },
        ];

        KafkaBatch.Of([.. transitions.Select(Of)], options).Records.Where(r => r.Topic.StartsWith("gluster.", StringComparison.Ordinal))
            .Select(r => $"{r.Topic} {Encoding.UTF8.GetString(r.Key)}={(r.Value is null ? "-" : Encoding.UTF8.GetString(r.Value))}")
            .ShouldBe(["gluster.gv__0 state=started", "gluster.gv__0 options.user.note=x", "gluster.gv__0 options.auth.allow=-", "gluster.rv brick/gl2:/srv/rv1/state=offline"]);
    }

    [Theory]
    [InlineData("gv0", "p.gv0")]
    [InlineData("a_b", "p.a__b")]
    [InlineData("a b/ü", "p.a_20b_2F_C3_BC")]
    public void A_volumes_name_is_made_legal_and_stays_its_own(string volume, string topic) => VolumeRecords.Topic("p.", volume).ShouldBe(topic);

    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void The_hash_of_a_key_is_that_of_Kafkas_own_clients(string key, int hash) => ((int)KafkaKeys.Murmur2(Encoding.UTF8.GetBytes(key))).ShouldBe(hash);

    [Theory]
    [InlineData("glusterbus.transitions", "delete", "31536000000", 12)]
    [InlineData("glusterbus.state", "compact", null, 12)]
    [InlineData("gluster.gv0", "compact", null, 1)]
    public void A_topic_is_made_to_keep_what_it_is_for(string topic, string policy, string? retention, int partitions)
    {
        Confluent.Kafka.Admin.TopicSpecification made = KafkaTopics.Of(topic, Options with { Replicas = 3 });

        made.Configs["cleanup.policy"].ShouldBe(policy);
        made.Configs.GetValueOrDefault("retention.ms").ShouldBe(retention);
        made.Configs["message.timestamp.type"].ShouldBe("CreateTime");
        made.Configs["min.insync.replicas"].ShouldBe("2");
        (made.NumPartitions, made.ReplicationFactor).ShouldBe((partitions, (short)3));
        KafkaTopics.Of(topic, Options).ReplicationFactor.ShouldBe((short)-1, "by default what the brokers are set to");
    }
}
