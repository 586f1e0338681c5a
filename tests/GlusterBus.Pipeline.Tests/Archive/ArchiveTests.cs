using System.Globalization;
using GlusterBus.Contracts.Messages;
using GlusterBus.Pipeline.Tests.Distributed;
using GlusterBus.Pipeline.Tests.Receivers;
using GlusterBus.Runtime.Bus;
using GlusterBus.TestKit;
using RabbitMQ.Client;

namespace GlusterBus.Pipeline.Tests.Archive;

/// <summary>The archive in Kafka behind the built program: what it keeps through crashes, and what the verbs read from it.</summary>
public sealed class ArchiveTests(ITestOutputHelper output)
{
    private const int Volumes = 5;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 240_000)]
    public async Task Killed_at_random_moments_and_with_Kafka_away_the_notifier_loses_nothing_and_history_tells_each_change_once()
    {
        Assert.SkipWhen(ArchivedSystem.Obstacle is not null, ArchivedSystem.Obstacle ?? "");
        int kills = Environment.GetEnvironmentVariable("GLUSTERBUS_SLOW") is null ? 4 : 60;
        int seed = int.Parse(Environment.GetEnvironmentVariable("GLUSTERBUS_SEED") ?? TimeProvider.System.GetTimestamp().ToString(CultureInfo.InvariantCulture)[^6..], CultureInfo.InvariantCulture);
        output.WriteLine($"GLUSTERBUS_SEED={seed}, {kills} kills");
        var random = new Random(seed);
        await using ArchivedSystem system = await ArchivedSystem.StartAsync(Token);
        using var stop = new CancellationTokenSource();
        var reporters = new Reporters([Path.GetDirectoryName(system.Log)!], Volumes, random.Next());
        Task happening = Task.Run(() => reporters.RunAsync(stop.Token), Token);
        for (int i = 0; i < kills; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20, 600)), TimeProvider.System, Token);
            if (i % 2 == 1)
            {
                system.Kafka.Down();
            }

            await system.Notifier.KillAsync();
            system.Notifier.Start();
            await ArchivedSystem.ReadyAsync(system.Notifier, Token);
            system.Kafka.Up();
        }

        await stop.CancelAsync();
        await happening;
        reporters.Total.ShouldBeGreaterThan(kills);
        Transition[] told = [];
        for (long began = TimeProvider.System.GetTimestamp(); told.Length < reporters.Total;)
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(90), $"{told.Length} of {reporters.Total} archived: {system.Notifier.Process.Error}");
            told = await system.TransitionsAsync("history", "--channel", "quorum");
        }

        foreach ((int volume, long count) in reporters.Changes.Select((count, volume) => (volume, count)))
        {
            Transition[] changes = [.. told.Where(t => t.Entity.Value == $"quorum/v{volume}")];
            changes.Select(t => t.Sequence).ShouldBe(Enumerable.Range(1, (int)count).Select(i => (long)i), $"quorum/v{volume}: each once, in order");
            changes.Select(t => t.Current).ShouldBe(Enumerable.Range(0, (int)count).Select(i => i % 2 == 0 ? "lost" : "met"));
        }

        output.WriteLine($"{reporters.Total} changes archived");
    }

    [Fact(Timeout = 240_000)]
    public async Task The_verbs_read_the_past_from_Kafka_send_it_again_and_give_an_emptied_Redis_its_states_back()
    {
        Assert.SkipWhen(ArchivedSystem.Obstacle is not null, ArchivedSystem.Obstacle ?? "");
        await using ArchivedSystem system = await ArchivedSystem.StartAsync(Token);
        var story = new QuorumStory(Path.GetDirectoryName(system.Log)!);
        await story.LoseAsync();
        Transition lost = (await UntilAsync(system, 1))[0];
        await story.RegainAsync();
        Transition met = (await UntilAsync(system, 2))[1];
        (lost.Current, met.Current, met.Reason).ShouldBe(("lost", "met", TransitionReason.Recovered));

        // By time, by entity, and as it was.
        (await system.TransitionsAsync("history", "--from", TransitionJson.Time(met.Time), "--entity", "quorum/gv0")).Select(t => t.Id).ShouldBe([met.Id]);
        (await system.TransitionsAsync("history", "--to", TransitionJson.Time(met.Time), "--entity", "quorum/gv0")).Select(t => t.Id).ShouldBe([lost.Id]);
        (await system.TransitionsAsync("history", "--entity", "quorum/gv0", "-n", "1")).Select(t => t.Id).ShouldBe([met.Id]);
        (int code, string then, string error) = await system.RunAsync("state", "--at", TransitionJson.Time(lost.RecordedAt), "--entity", "quorum/*", "--json");
        (code, error).ShouldBe((0, ""));
        then.ShouldContain("\"entity\":\"quorum/gv0\",\"state\":\"lost\",\"severity\":\"critical\",\"sequence\":1");

        await ReplayedToTheBrokerAsync(system, [lost.Id, met.Id]);
        await RebuiltAsync(system, story);
    }

    /// <summary>Who binds the exchange of replays hears them, marked; nobody else hears anything.</summary>
    private static async Task ReplayedToTheBrokerAsync(ArchivedSystem system, string[] ids)
    {
        await using ChannelListener live = await ChannelListener.StartAsync(system.System.BrokerOptions, Token);
        await using IConnection connection = await BrokerConnection.OpenAsync(system.System.BrokerOptions, "test", Token);
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: Token);
        await channel.ExchangeDeclareAsync("glusterbus.replay", ExchangeType.Topic, durable: true, cancellationToken: Token);
        string queue = (await channel.QueueDeclareAsync(cancellationToken: Token)).QueueName;
        await channel.QueueBindAsync(queue, "glusterbus.replay", "#.gv0.*", cancellationToken: Token);

        (int code, _, string error) = await system.RunAsync("replay", "--into", "exchange", "--entity", "quorum/gv0", "--speed", "1000x");

        (code, error).ShouldBe((0, "glusterbus.replay: 2 published\n"));
        foreach (string id in ids)
        {
            Transition copy = TransitionJson.Parse((await channel.BasicGetAsync(queue, autoAck: true, Token)).ShouldNotBeNull().Body.Span);
            (copy.Id, copy.Replay).ShouldBe((id, true));
        }

        live.Heard.ShouldAllBe(heard => !heard.Transition.Replay);
        (await system.TransitionsAsync("history", "--entity", "quorum/gv0")).ShouldAllBe(t => !t.Replay);
    }

    private static async Task RebuiltAsync(ArchivedSystem system, QuorumStory story)
    {
        (int code, _, string error) = await system.RunAsync("replay", "--into", "router");
        code.ShouldBe(1);
        error.ShouldMatch("^glusterbus: the state table holds \\d+ entities and was not lost; nothing was changed\n$");

        await story.LoseAsync();
        await UntilAsync(system, 3);
        await system.Collector.KillAsync();
        await system.Router.KillAsync();
        await system.System.Redis.ControlAsync(["FLUSHALL"], Token);

        (code, _, error) = await system.RunAsync("replay", "--into", "router");

        code.ShouldBe(0, error);
        error.ShouldMatch("^cluster crash: [1-9]\\d* states written, 0 known already and left as they are\n$");
        system.Router.Start();
        await ArchivedSystem.ReadyAsync(system.Router, Token);
        (await ArchivedSystem.RunAsync(system.Router, "state", "--entity", "quorum/gv0", "--json")).Output.ShouldContain("\"state\":\"lost\",\"severity\":\"critical\",\"sequence\":3");

        // The end of what was lost before the loss is told as such.
        system.Collector.Start();
        await story.RegainAsync();
        Transition met = (await UntilAsync(system, 4))[3];
        (met.Previous, met.Current, met.Reason).ShouldBe(("lost", "met", TransitionReason.Recovered));
        met.Sequence.ShouldBeGreaterThan(1_000_000, "above all that the lost table can have given");
    }

    /// <summary>Waits until so many changes of the quorum are archived.</summary>
    private static async Task<Transition[]> UntilAsync(ArchivedSystem system, int count)
    {
        Transition[] found;
        long began = TimeProvider.System.GetTimestamp();
        do
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(90), $"{system.Notifier.Process.Error}\n{system.Router.Process.Error}\n{system.Collector.Process.Error}");
            found = await system.TransitionsAsync("history", "--entity", "quorum/gv0");
        }
        while (found.Length < count);
        return found;
    }
}
