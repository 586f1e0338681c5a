using System.Globalization;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.State;
using GlusterBus.Router.State.Redis;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;

namespace GlusterBus.Router.Tests.State.Redis;

/// <summary>Sentinels and Redis Cluster, real ones.</summary>
public sealed class RedisTopologyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task When_the_master_dies_the_one_that_the_Sentinels_made_its_successor_is_found()
    {
        await using RedisSentinel sentinel = await RedisSentinel.StartAsync(Token);
        RedisOptions options = sentinel.Options with { Patience = Patience };
        await using var connection = new RedisConnection(options, "test", TimeProvider.System);
        var table = new RedisStateTable("prod", connection, options, TimeProvider.System);
        TableContents contents = await table.OpenAsync(Token);
        await table.CommitAsync(contents.Epoch, SampleCommits.One(1, "offline"), Token);
        (await sentinel.Master.ControlAsync(["HLEN", RedisKeys.Entries("prod")], Token)).ShouldBe("1", "the Sentinel led to the master");
        await UntilAsync(async () => await sentinel.Replica.ControlAsync(["HGET", RedisKeys.Owner("prod"), "commits"], Token) == "1");
        await sentinel.Master.Process.KillAsync();

        await Should.ThrowAsync<StateTableUnreachableException>(async () => await table.CommitAsync(contents.Epoch, SampleCommits.One(2, "online"), Token));
        TableContents again = await OpenAsync(table);
        await table.CommitAsync(again.Epoch, SampleCommits.One(2, "online"), Token);
        (again.Generation, again.Entries[0].Sequence).ShouldBe((contents.Generation, 1));
        (await sentinel.Replica.ControlAsync(["HGET", RedisKeys.Owner("prod"), "commits"], Token)).ShouldBe("2");
    }

    [Fact]
    public async Task A_master_that_was_made_a_replica_is_left_for_its_successor()
    {
        await using RedisSentinel sentinel = await RedisSentinel.StartAsync(Token);
        RedisOptions options = sentinel.Options with { Patience = Patience };
        await using var connection = new RedisConnection(options, "test", TimeProvider.System);
        var table = new RedisStateTable("prod", connection, options, TimeProvider.System);
        TableContents contents = await table.OpenAsync(Token);
        await UntilAsync(async () => await sentinel.Replica.ControlAsync(["HGET", RedisKeys.Owner("prod"), "epoch"], Token) != "");
        (await RedisProcess.ControlAsync(sentinel.Port, ["SENTINEL", "FAILOVER", RedisSentinel.MasterName], Token)).ShouldBe("OK");
        await UntilAsync(async () => (await sentinel.Master.ControlAsync(["ROLE"], Token)).StartsWith("slave", StringComparison.Ordinal));

        // The Sentinel cuts the old master's connections, so the table is found at its new place with its owner still the same.
        await table.CommitAsync(contents.Epoch, SampleCommits.One(1, "offline"), Token);
        (await sentinel.Replica.ControlAsync(["HGET", RedisKeys.Owner("prod"), "commits"], Token)).ShouldBe("1");
    }

    [Fact]
    public async Task A_replica_is_said_to_be_one()
    {
        await using RedisScene scene = await RedisScene.StartAsync();
        RedisStateTable table = scene.Table();
        TableContents contents = await table.OpenAsync(Token);
        (await scene.RedisAsync("REPLICAOF", "127.0.0.1", "1")).ShouldBe("OK");
        (await Should.ThrowAsync<StateTableUnreachableException>(async () => await table.CommitAsync(contents.Epoch, SampleCommits.One(1, "offline"), Token)))
            .Message.ShouldEndWith("it is a replica and takes no changes");
        (await scene.RedisAsync("REPLICAOF", "NO", "ONE")).ShouldBe("OK");
        await table.CommitAsync((await table.OpenAsync(Token)).Epoch, SampleCommits.One(1, "offline"), Token);
    }

    [Fact]
    public async Task A_master_that_no_Sentinel_knows_is_named()
    {
        await using RedisSentinel sentinel = await RedisSentinel.StartAsync(Token);
        RedisOptions options = sentinel.Options with { Patience = Patience, Hosts = [RedisScene.Host(sentinel.Port)], SentinelMaster = "mymaster" };
        await using var connection = new RedisConnection(options, "test", TimeProvider.System);
        (await Should.ThrowAsync<StateTableUnreachableException>(async () => await connection.ProbeAsync(Token))).Message.ShouldContain("knows no master 'mymaster' (redis.sentinelMaster)");
    }

    [Fact]
    public async Task In_a_cluster_every_table_is_found_on_the_node_that_has_its_slot()
    {
        await using RedisCluster cluster = await RedisCluster.StartAsync(Token);
        RedisOptions options = cluster.Options with { Patience = Patience };
        await using var connection = new RedisConnection(options, "test", TimeProvider.System);
        var clusters = new RedisClusters(connection);
        string[] names = [.. Enumerable.Range(1, 12).Select(i => string.Create(CultureInfo.InvariantCulture, $"c{i}"))];
        foreach (string name in names)
        {
            var table = new RedisStateTable(name, connection, options, TimeProvider.System);
            long epoch = (await table.OpenAsync(Token)).Epoch;
            await table.CommitAsync(epoch, SampleCommits.Many(20), Token);
            await table.CommitAsync(epoch, SampleCommits.One(1, "offline", path: "/" + name), Token);
            await clusters.AddAsync(3, name, Token);
            (await new RedisArchive(name, connection, TimeProvider.System).QueryAsync(new ArchiveQuery(), Token)).Count.ShouldBe(3);
        }

        await connection.ProbeAsync(Token);
        foreach (RedisProcess node in cluster.Nodes)
        {
            (await node.ControlAsync(["DBSIZE"], Token)).ShouldNotBe("0", "twelve names reach three nodes");
        }

        await using var other = new RedisConnection(options with { Hosts = [RedisScene.Host(cluster.Nodes[2].Port)] }, "other", TimeProvider.System);
        (await new RedisClusters(other).ListAsync(3, Token)).ShouldBe(names.Order(StringComparer.Ordinal));
        foreach (string name in names)
        {
            (await new RedisStateTable(name, other, options, TimeProvider.System).OpenAsync(Token)).Entries.Count.ShouldBe(21);
        }
    }

    [Fact]
    public async Task A_slot_that_moves_to_another_node_is_followed()
    {
        await using RedisCluster cluster = await RedisCluster.StartAsync(Token);
        RedisOptions options = cluster.Options with { Patience = Patience };
        await using var connection = new RedisConnection(options, "test", TimeProvider.System);
        var table = new RedisStateTable("prod", connection, options, TimeProvider.System);
        long epoch = (await table.OpenAsync(Token)).Epoch;
        await table.CommitAsync(epoch, SampleCommits.One(1, "offline"), Token);
        string slot = await cluster.Nodes[0].ControlAsync(["CLUSTER", "KEYSLOT", RedisKeys.Owner("prod")], Token);
        RedisProcess from = cluster.Nodes[0];
        foreach (RedisProcess node in cluster.Nodes)
        {
            from = await node.ControlAsync(["CLUSTER", "COUNTKEYSINSLOT", slot], Token) == "0" ? from : node;
        }

        RedisProcess to = cluster.Nodes.First(node => node != from);
        string toId = await to.ControlAsync(["CLUSTER", "MYID"], Token);
        (await to.ControlAsync(["CLUSTER", "SETSLOT", slot, "IMPORTING", await from.ControlAsync(["CLUSTER", "MYID"], Token)], Token)).ShouldBe("OK");
        (await from.ControlAsync(["CLUSTER", "SETSLOT", slot, "MIGRATING", toId], Token)).ShouldBe("OK");
        string[] keys = (await from.ControlAsync(["CLUSTER", "GETKEYSINSLOT", slot, "100"], Token)).Split('\n');
        (await from.ControlAsync(["MIGRATE", "127.0.0.1", to.Port.ToString(CultureInfo.InvariantCulture), "", "0", "5000", "KEYS", .. keys], Token)).ShouldBe("OK");
        epoch = (await table.OpenAsync(Token)).Epoch;
        await table.CommitAsync(epoch, SampleCommits.One(2, "online"), Token);
        (await to.ControlAsync(["CLUSTER", "SETSLOT", slot, "NODE", toId], Token)).ShouldBe("OK");
        (await from.ControlAsync(["CLUSTER", "SETSLOT", slot, "NODE", toId], Token)).ShouldBe("OK");
        await table.CommitAsync(epoch, SampleCommits.One(3, "offline"), Token);

        (await table.OpenAsync(Token)).Entries.Single().Sequence.ShouldBe(3);
    }

    /// <summary>As a router does: tries again until somebody answers.</summary>
    private static async Task<TableContents> OpenAsync(RedisStateTable table)
    {
        while (true)
        {
            try
            {
                return await table.OpenAsync(Token);
            }
            catch (StateTableUnreachableException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
            }
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }
}
