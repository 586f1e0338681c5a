using GlusterBus.Contracts.Entities;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.TestKit;

namespace GlusterBus.Contracts.Tests;

public sealed class EntityTests
{
    [Fact]
    public void A_brick_keeps_the_slashes_of_its_path()
    {
        EntityId brick = EntityId.Brick("gv0", "n1:/data/b1");
        (brick.Value, brick.Kind, brick.Name).ShouldBe(("brick/gv0/n1:/data/b1", "brick", "gv0/n1:/data/b1"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("volume")]
    [InlineData("volume/")]
    [InlineData("/gv0")]
    [InlineData("volume/a\nb")]
    public void What_is_no_id_is_refused_with_a_reason(string? text)
    {
        EntityId.TryParse(text, out _).ShouldBeFalse();
        Should.Throw<FormatException>(() => EntityId.Parse(text!)).Message.ShouldContain("entity id");
    }

    [Fact]
    public void Every_kind_knows_the_states_it_speaks_of()
    {
        foreach (EntityKind kind in EntityKinds.All)
        {
            string[] named = [.. kind.PassedQuietly, .. kind.SettlesQuietly, .. kind.GoneState is { } gone ? [gone] : Array.Empty<string>()];
            named.ShouldAllBe(state => kind.States.ContainsKey(state), kind.Name);
        }
    }

    [Fact]
    public void Every_reason_has_a_name_that_reads_back()
    {
        foreach (TransitionReason reason in Enum.GetValues<TransitionReason>())
        {
            TransitionReasons.Parse(reason.Name()).ShouldBe(reason);
            reason.Text().ShouldNotBeEmpty();
        }
    }

    [Theory]
    [InlineData("brick", "brick/gv0/*", "brick/gv0/n1:/b", true)]
    [InlineData("brick", "brick/gv0/*", "brick/gv01/n1:/b", false)]
    [InlineData("all", "*gv0*", "volume/gv0", true)]
    [InlineData("volume", "", "brick/gv0/n1:/b", false)]
    [InlineData("", "brick/gv0/n1:/b.c", "brick/gv0/n1:/bxc", false)]
    public void A_filter_matches_by_channel_and_pattern(string channel, string pattern, string entity, bool matches) =>
        new TransitionFilter { Channels = channel == "" ? [] : [channel], Entities = pattern == "" ? [] : [pattern] }
            .MatchesEntity(EntityId.Parse(entity)).ShouldBe(matches);

    [Fact]
    public void A_filter_by_cluster_takes_no_other_cluster()
    {
        var filter = new TransitionFilter { Clusters = ["prod", "lab"] };
        filter.IsAll.ShouldBeFalse();
        filter.Matches(SampleTransitions.Brick()).ShouldBeTrue();
        filter.Matches(SampleTransitions.Brick() with { Cluster = "test" }).ShouldBeFalse();
    }
}
