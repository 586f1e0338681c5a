using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Topology;

namespace GlusterBus.Contracts.Tests.Topology;

public sealed class ChannelKeyTests
{
    private static Gen<Transition> Transitions =>
        from cluster in Gen.Elements("prod", "a.b-c", new string('c', 63))
        from change in Gen.Elements("offline", "option-set")
        from name in Gen.Elements("a", ".", "%", "/", "é", "日", "🧱", "gl1:").ListOf().Select(parts => string.Concat(parts.Take(12)) + "x")
        from times in Gen.Choose(1, 60)
        select Of(cluster, "brick/" + string.Concat(Enumerable.Repeat(name, times)), change);

    [Theory]
    [InlineData("prod", "volume/gv0", "started", "prod.gv0.started")]
    [InlineData("prod", "brick/gv0/gl1:/srv/b.1", "offline", "prod.gv0/gl1:/srv/b%2E1.offline")]
    [InlineData("a.b", "volume/100%.d", "option-set", "a%2Eb.100%25%2Ed.option-set")]
    public void The_key_is_cluster_name_and_change(string cluster, string entity, string change, string key) => ChannelKey.Of(Of(cluster, entity, change)).ShouldBe(key);

    [Fact]
    public void A_name_too_long_for_the_wire_keeps_its_beginning_and_gets_a_hash()
    {
        string key = ChannelKey.Of(Of("prod", "brick/gv0/gl1:/" + new string('d', 300), "offline"));

        Encoding.UTF8.GetByteCount(key).ShouldBe(ChannelKey.MaximumBytes);
        key.ShouldStartWith("prod.gv0/gl1:/ddd");
        key.ShouldEndWith("~9377f7e43a3685e8.offline");
    }

    [Fact]
    public void Every_key_has_three_words_and_fits_the_wire() =>
        Prop.ForAll(Transitions.ToArbitrary(), transition =>
        {
            string key = ChannelKey.Of(transition);
            key.Split('.').Length.ShouldBe(3);
            Encoding.UTF8.GetByteCount(key).ShouldBeLessThanOrEqualTo(ChannelKey.MaximumBytes);
            Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(key)).ShouldBe(key, "half of a surrogate pair would not survive");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Different_names_have_different_keys() =>
        Prop.ForAll(Transitions.ToArbitrary(), Transitions.ToArbitrary(), (one, other) =>
            (ChannelKey.Of(one) == ChannelKey.Of(other)).ShouldBe((one.Cluster, one.Entity, one.Change) == (other.Cluster, other.Entity, other.Change)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    private static Transition Of(string cluster, string entity, string change) => new()
    {
        Cluster = cluster,
        Entity = EntityId.Parse(entity),
        Sequence = 1,
        Change = change,
        Severity = Severity.Info,
        Reason = TransitionReason.StateChanged,
        Time = DateTimeOffset.UnixEpoch,
        RecordedAt = DateTimeOffset.UnixEpoch,
    };
}
