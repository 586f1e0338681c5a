using GlusterBus.Contracts.Topology;

namespace GlusterBus.Contracts.Tests.Topology;

/// <summary>Names on the broker outlive the program that made them: the values are pinned.</summary>
public sealed class BrokerNamesTests
{
    [Theory]
    [InlineData("gluster", 4, 1)]
    [InlineData("prod", 4, 0)]
    [InlineData("demo", 4, 2)]
    [InlineData("prod", 1, 0)]
    [InlineData("prod", 64, 52)]
    [InlineData("zürich", 16, 0)]
    [InlineData("", 4, 1)]
    public void A_cluster_keeps_its_partition_in_every_version(string cluster, int partitions, int partition) =>
        BrokerNames.PartitionOf(cluster, partitions).ShouldBe(partition);

    [Fact]
    public void A_partition_is_always_one_of_those_there_are()
    {
        for (int partitions = 1; partitions <= 64; partitions++)
        {
            for (int i = 0; i < 100; i++)
            {
                BrokerNames.PartitionOf($"cluster{i}", partitions).ShouldBeInRange(0, partitions - 1);
            }
        }
    }

    [Fact]
    public void Many_clusters_spread_over_all_partitions() =>
        Enumerable.Range(0, 1000).CountBy(i => BrokerNames.PartitionOf($"cluster{i}", 8)).ShouldAllBe(partition => partition.Value > 60);

    [Fact]
    public void Names_are_what_permissions_and_bindings_spell_out()
    {
        BrokerNames.Observations.ShouldBe("glusterbus.observations");
        BrokerNames.PartitionKey(3).ShouldBe("p03");
        BrokerNames.PartitionQueue(12).ShouldBe("glusterbus.observations.p12");
        BrokerNames.RejectedObservations.ShouldBe("glusterbus.observations.error");
        BrokerNames.AllChannel.ShouldBe("glusterbus.all");
        BrokerNames.Channel("volume").ShouldBe("glusterbus.volume");
        BrokerNames.NotifierQueue("ops").ShouldBe("glusterbus.notify.ops");
        BrokerNames.ErrorQueue(BrokerNames.NotifierQueue("ops")).ShouldBe("glusterbus.notify.ops.error");
    }

    [Fact]
    public void No_channel_is_named_like_another_exchange() =>
        BrokerNames.Channels.ShouldNotContain(channel => channel == BrokerNames.AllChannel || channel == BrokerNames.Observations || channel.StartsWith(BrokerNames.Prefix + "notify", StringComparison.Ordinal));
}
