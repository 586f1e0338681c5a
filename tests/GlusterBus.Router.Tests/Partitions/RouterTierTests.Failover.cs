using System.Globalization;
using System.Threading.Channels;
using GlusterBus.Contracts.Messages;
using GlusterBus.Contracts.Pipeline;
using GlusterBus.Router.State.Redis;
using GlusterBus.Runtime.Bus;
using GlusterBus.Runtime.Configuration;
using GlusterBus.TestKit;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace GlusterBus.Router.Tests.Partitions;

/// <summary>The same routers with their tables in Redis, whose master is lost while observations come in.</summary>
public sealed partial class RouterTierTests
{
    /// <summary>Each goes offline and comes back, so that there are twice as many transitions.</summary>
    private const int Bricks = 200;

    /// <summary>So many of them are offline at a time: what one sends is always about that far ahead of what the router has told.</summary>
    private const int Window = 50;

    [Fact(Timeout = 180_000)]
    public async Task When_the_master_of_a_clusters_slot_is_killed_the_router_goes_on_at_its_replica_and_nothing_is_lost()
    {
        Assert.SkipWhen(RedisProcess.Obstacle is not null, RedisProcess.Obstacle ?? "");
        await using RedisCluster cluster = await RedisCluster.StartAsync(_cancelled, nodeTimeout: 1000);
        RedisProcess master = await cluster.OwnerOfAsync(RedisKeys.Owner(_cluster), _cancelled);
        RedisProcess replica = await cluster.AddReplicaAsync(master, nodeTimeout: 1000, _cancelled);
        RedisProcess other = cluster.Nodes.First(node => node != master);
        await GoesOnAsync(other.Options, async () => await master.Process.KillAsync(), master, replica);
    }

    [Fact(Timeout = 180_000)]
    public async Task When_the_master_of_a_clusters_slot_freezes_the_router_goes_on_at_its_replica_and_nothing_is_lost()
    {
        Assert.SkipWhen(RedisProcess.Obstacle is not null, RedisProcess.Obstacle ?? "");
        await using RedisCluster cluster = await RedisCluster.StartAsync(_cancelled, nodeTimeout: 1000);
        RedisProcess master = await cluster.OwnerOfAsync(RedisKeys.Owner(_cluster), _cancelled);
        RedisProcess replica = await cluster.AddReplicaAsync(master, nodeTimeout: 1000, _cancelled);

        // All nodes are configured, so that one which takes connections and never answers stands in the way whenever a router connects.
        RedisOptions options = master.Options with { Hosts = [.. cluster.Nodes.SelectMany(node => node.Options.Hosts)] };
        await GoesOnAsync(options, () => Task.Run(master.Process.Freeze), master, replica);
    }

    [Fact(Timeout = 180_000)]
    public async Task When_the_master_of_Sentinels_is_killed_the_router_goes_on_at_its_successor_and_nothing_is_lost()
    {
        Assert.SkipWhen(RedisProcess.Obstacle is not null, RedisProcess.Obstacle ?? "");
        await using RedisSentinel sentinel = await RedisSentinel.StartAsync(_cancelled);
        await GoesOnAsync(sentinel.Options, async () => await sentinel.Master.Process.KillAsync(), sentinel.Master, sentinel.Replica);
    }

    /// <summary>An owner and a standby, a stream of observations, and the blow in its middle.</summary>
    private async Task GoesOnAsync(RedisOptions options, Func<Task> blow, RedisProcess master, RedisProcess successor)
    {
        await using var first = new RedisConnection(options, "first", TimeProvider.System);
        await using var second = new RedisConnection(options, "second", TimeProvider.System);
        await StartAsync(new RedisClusterStore(first, options, TimeProvider.System));
        await StartAsync(new RedisClusterStore(second, options, TimeProvider.System), isOwner: false);
        ChannelReader<Transition> heard = await ListenAsync();

        var told = new Dictionary<string, Transition>(StringComparer.Ordinal);
        var order = new List<string>();
        int sent = 0;
        for (bool isStruck = false; told.Count < 2 * Bricks;)
        {
            for (; sent < Bricks + Window && sent * 2 < told.Count + (2 * Window); sent++)
            {
                await SendAsync(sent, "offline", sent < Bricks);
                await SendAsync(sent - Window, "online", sent >= Window);
            }

            Transition transition = await heard.ReadAsync(_cancelled);
            if (told.TryAdd(transition.Id, transition))
            {
                order.Add(transition.Id);
            }

            told[transition.Id].Current.ShouldBe(transition.Current, "what is repeated has not changed");
            if (!isStruck && told.Count > Bricks / 2)
            {
                isStruck = true;
                await master.ReplicatedAsync(_cancelled);
                await blow();
            }
        }

        (await successor.ControlAsync(["ROLE"], _cancelled)).ShouldStartWith("master");
        for (int i = 0; i < Bricks; i++)
        {
            Transition lost = told[Id(i, 1)], back = told[Id(i, 2)];
            (lost.Current, back.Current, back.Previous).ShouldBe(("offline", "online", "offline"), "the state before was known, whoever told it");
            order.IndexOf(back.Id).ShouldBeGreaterThan(order.IndexOf(lost.Id));
        }

        await using var reading = new RedisConnection(options, "reader", TimeProvider.System);
        IReadOnlyList<EntityState> states = await new RedisStateReader(_cluster, reading).CurrentAsync(_cancelled);
        states.Count.ShouldBe(Bricks);
        states.ShouldAllBe(state => state.State == "online" && state.Sequence == 2);

        Task SendAsync(int brick, string state, bool isDue) => isDue ? PublishAsync(Entity(brick), state) : Task.CompletedTask;
        string Id(int brick, int sequence) => string.Create(CultureInfo.InvariantCulture, $"{_cluster}/{Entity(brick)}@{sequence}");
        static string Entity(int brick) => string.Create(CultureInfo.InvariantCulture, $"brick/v{brick}/n1:/b");
    }

    /// <summary>What is told on the channel of all kinds, as it comes.</summary>
    private async Task<ChannelReader<Transition>> ListenAsync()
    {
        Channel<Transition> transitions = Channel.CreateUnbounded<Transition>();
        IChannel channel = await BrokerConnection.OpenChannelAsync(_connection, 256, _cancelled);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) => transitions.Writer.WriteAsync(TransitionJson.Parse(delivery.Body.Span), _cancelled).AsTask();
        await channel.BasicConsumeAsync("heard", autoAck: true, consumer, _cancelled);
        return transitions.Reader;
    }
}
