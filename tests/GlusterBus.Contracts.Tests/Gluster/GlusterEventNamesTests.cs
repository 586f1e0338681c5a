using GlusterBus.Runtime.Gluster;

namespace GlusterBus.Contracts.Tests.Gluster;

public sealed class GlusterEventNamesTests
{
    [Fact]
    public void The_list_has_142_events_and_each_stands_at_its_number()
    {
        GlusterEventNames.All.Count.ShouldBe(142);
        GlusterEventNames.All.Select(d => d.Number).ShouldBe(Enumerable.Range(0, 142));
        GlusterEventNames.All.Select(d => d.Name).Distinct().Count().ShouldBe(142);
    }

    [Theory]
    [InlineData(0, "PEER_ATTACH")]
    [InlineData(76, "BRICK_DISCONNECTED")]
    [InlineData(78, "BRICKPATH_RESOLVE_FAILED")]
    [InlineData(139, "TIER_START_FORCE")]
    [InlineData(141, "DHT_INODES_USAGE")]
    public void Numbers_mean_what_glusters_list_says(int number, string name) => GlusterEventNames.Current.At(number)!.Name.ShouldBe(name);

    [Theory]
    [InlineData(-1)]
    [InlineData(142)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void A_number_outside_the_list_means_nothing(int number) => GlusterEventNames.Current.At(number).ShouldBeNull();

    [Fact]
    public void Thirty_three_events_are_never_sent()
    {
        int[] never = [.. GlusterEventNames.All.Where(d => !d.IsSent).Select(d => d.Number)];
        never.ShouldBe([51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 88, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 124, 126, 128, 130, 132, 133, 138, 139]);
    }

    [Fact]
    public void Version_3_9_has_one_key_more_at_78()
    {
        GlusterEventNames old = GlusterEventNames.ForVersion(new Version(3, 9));
        old.At(77)!.Name.ShouldBe("BRICK_CONNECTED");
        old.At(78)!.Name.ShouldBe(GlusterEventNames.OnlyInVersion39);
        old.At(79)!.Name.ShouldBe("BRICKPATH_RESOLVE_FAILED");
        old.At(81)!.Name.ShouldBe("QUORUM_LOST");
    }

    [Theory]
    [InlineData("3.10")]
    [InlineData("4.1")]
    [InlineData("11.0")]
    public void All_later_versions_agree(string version) => GlusterEventNames.ForVersion(Version.Parse(version)).ShouldBeSameAs(GlusterEventNames.Current);

    [Fact]
    public void A_datagram_of_version_3_9_gets_the_present_number_of_its_event()
    {
        GlusterDatagram.TryParse("1795339629 81 volume=rv"u8, GlusterEventNames.Version39, out GlusterEvent? e, out _).ShouldBeTrue();
        (e!.Name, e.Number).ShouldBe(("QUORUM_LOST", 80));
    }
}
